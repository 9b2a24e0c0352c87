/**
 * Formats that the server reads and writes step by step, at once.
 *
 * @module
 */

import { finish } from "../../../../src/connection/mod.ts";
import type { ConsumerState } from "../../../../src/store/mod.ts";
import {
  checkingBody,
  CHECKSUM_SIZE,
  decodingConsumerState,
  decodingExpiries,
  decodingSchedules,
  encodingConsumerState,
  encodingDirectory,
  encodingExpiries,
  encodingSchedules,
  type Expiry,
  type HashKey,
  type HighwayHash,
  type PageDirectory,
  type ScheduleEntry,
  type Stamped,
} from "../../../../src/store/format/mod.ts";
import { mapped, type MappedState } from "../support.ts";

export function encodeExpiries(
  stamp: number,
  count: number,
  expiries: Iterable<Expiry>,
): Uint8Array {
  return finish(encodingExpiries(stamp, count, expiries));
}

export function decodeExpiries(bytes: Uint8Array): Stamped<Expiry[]> {
  const entries: Expiry[] = [];
  const visit = (sequence: number, time: bigint) =>
    entries.push({ sequence, time });
  return { stamp: finish(decodingExpiries(bytes, visit)), entries };
}

export function encodeSchedules(
  stamp: number,
  schedules: readonly ScheduleEntry[],
): Uint8Array {
  return finish(encodingSchedules(stamp, schedules));
}

export function decodeSchedules(bytes: Uint8Array): Stamped<ScheduleEntry[]> {
  return finish(decodingSchedules(bytes));
}

export function encodeDirectory(directory: PageDirectory): Uint8Array {
  return finish(encodingDirectory(directory));
}

/** `body` with its checksum behind it. */
export function withChecksum(
  hash: HighwayHash,
  key: HashKey,
  body: Uint8Array,
): Uint8Array {
  const file = new Uint8Array(body.length + CHECKSUM_SIZE);
  file.set(body);
  file.set(hash.sum(key, body), body.length);
  return file;
}

export function checkedBody(
  hash: HighwayHash,
  key: HashKey,
  file: Uint8Array,
  complaint: string,
): Uint8Array {
  return finish(checkingBody(hash, key, file, complaint));
}

export function decodeConsumerState(bytes: Uint8Array): MappedState {
  return mapped(finish(decodingConsumerState(bytes)));
}

export function encodeConsumerState(
  state: ConsumerState,
  now: number,
): Uint8Array {
  const pieces = finish(encodingConsumerState(state, now));
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

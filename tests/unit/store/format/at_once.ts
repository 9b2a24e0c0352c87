/**
 * Formats that the server reads and writes step by step, at once.
 *
 * @module
 */

import { finish } from "../../../../src/connection/mod.ts";
import {
  decodingExpiries,
  decodingSchedules,
  encodingDirectory,
  encodingExpiries,
  encodingSchedules,
  type Expiry,
  type PageDirectory,
  type ScheduleEntry,
  type Stamped,
} from "../../../../src/store/format/mod.ts";

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

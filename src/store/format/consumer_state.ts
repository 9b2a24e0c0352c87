/**
 * `o.dat`, the state of a consumer. All numbers are varints:
 *
 * ```
 * u8 22, u8 version 2,
 * acknowledgement floor of the consumer, of the stream,
 * delivered of the consumer, of the stream,
 * pending; if there are any: base time in seconds, then per message:
 *   stream sequence - floor, consumer sequence - floor, base time - delivered at
 * redelivered, then per message: stream sequence - floor, redeliveries
 * ```
 *
 * Differences wrap around at 2^64. Times lose what is less than a second.
 * Version 1 counted what was delivered from the floors, kept no consumer
 * sequences, and added its times.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { ConsumerState, PendingDelivery } from "../contract.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { CORRUPT_STATE, DecodeError } from "./decode_error.ts";

const MAGIC = 22;
const VERSION = 2;
const SECOND = 1_000_000_000n;
const SECOND_MS = 1000;
/** About what a pending message takes, bytes. */
const PENDING_SIZE = 8;
/** Entries between two rests. */
const STEP = 4096;

/**
 * The bytes of `state`, made step by step if much is pending; that may change
 * meanwhile. Positions are those of the beginning: what is delivered later is
 * left out, and what is acknowledged later may be in it or not.
 * @param now milliseconds since 1970; times are told from it, to be short
 */
export function* encodingConsumerState(
  state: ConsumerState,
  now: number,
): Work<Uint8Array> {
  const { ackFloor, delivered, pending, redelivered } = state;
  const base = Math.round(now / SECOND_MS);
  const rows = new ByteWriter(pending.size * PENDING_SIZE);
  let rowCount = 0;
  for (const [sequence, delivery] of pending) {
    if (sequence > delivered.stream) continue;
    rows.uvarintFrom(ackFloor.stream, sequence);
    rows.uvarintFrom(ackFloor.consumer, delivery.sequence);
    rows.varint(base - Number(delivery.time / SECOND));
    if (++rowCount % STEP === 0) yield;
  }
  const again = new ByteWriter(redelivered.size * PENDING_SIZE);
  let againCount = 0;
  for (const [sequence, count] of redelivered) {
    if (sequence > delivered.stream) continue;
    again.uvarintFrom(ackFloor.stream, sequence);
    again.uvarint(count);
    if (++againCount % STEP === 0) yield;
  }
  const out = new ByteWriter(64 + rows.size + again.size);
  out.u8(MAGIC);
  out.u8(VERSION);
  out.uvarint(ackFloor.consumer);
  out.uvarint(ackFloor.stream);
  out.uvarint(delivered.consumer);
  out.uvarint(delivered.stream);
  out.uvarint(rowCount);
  if (rowCount > 0) {
    out.varint(base);
    out.put(rows.written);
  }
  out.uvarint(againCount);
  out.put(again.written);
  return out.written;
}

/**
 * Reads a state.
 * @param bytes decrypted
 * @throws DecodeError
 */
export function decodeConsumerState(bytes: Uint8Array): ConsumerState {
  const reader = new ByteReader(bytes, CORRUPT_STATE);
  reader.expect(reader.u8() === MAGIC);
  const version = reader.u8();
  if (version !== 1 && version !== VERSION) {
    throw new DecodeError(`unsupported version: ${version}`);
  }
  const ackFloor = { consumer: reader.uvarint(), stream: reader.uvarint() };
  const delivered = { consumer: reader.uvarint(), stream: reader.uvarint() };
  if (version === 1) {
    delivered.consumer += Math.max(0, ackFloor.consumer - 1);
    delivered.stream += Math.max(0, ackFloor.stream - 1);
  }
  return {
    ackFloor,
    delivered,
    pending: readPending(reader, version, ackFloor),
    redelivered: readRedelivered(reader, ackFloor.stream),
  };
}

function readPending(
  reader: ByteReader,
  version: number,
  floor: ConsumerState["ackFloor"],
): Map<number, PendingDelivery> {
  const pending = new Map<number, PendingDelivery>();
  // A state without anything pending may end here.
  let left = reader.left === 0 ? 0 : reader.uvarint();
  if (left === 0) return pending;
  const base = reader.varint64();
  for (; left > 0; left--) {
    const stream = reader.uvarintFrom(floor.stream);
    reader.expect(stream > 0);
    const sequence = version === 1 ? 0 : reader.uvarintFrom(floor.consumer);
    const offset = reader.varint64();
    const seconds = version === 1 ? base + offset : base - offset;
    const time = BigInt.asIntN(64, seconds * SECOND);
    pending.set(stream, { sequence, time });
  }
  return pending;
}

/** Like Go, takes what there is when the list ends early. */
function readRedelivered(
  reader: ByteReader,
  floor: number,
): Map<number, number> {
  const redelivered = new Map<number, number>();
  try {
    for (let left = reader.uvarint(); left > 0; left--) {
      const sequence = reader.uvarintFrom(floor);
      const count = reader.uvarint();
      if (sequence !== floor && count > 0) redelivered.set(sequence, count);
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return redelivered;
}

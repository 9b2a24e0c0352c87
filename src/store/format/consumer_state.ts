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
import type {
  ConsumerState,
  Entries,
  PendingDelivery,
} from "../consumer_contract.ts";
import { DeliveryList, PairList } from "../row_lists.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { CORRUPT_STATE, DecodeError } from "./decode_error.ts";

const MAGIC = 22;
const VERSION = 2;
const SECOND = 1_000_000_000n;
const SECOND_MS = 1000;
/** Entries between two rests. */
const STEP = 1024;
/** Bytes of a piece, and what may be written of an entry behind them. */
const PIECE = 64 * 1024;
const ENTRY_MAX = 32;

/**
 * The bytes of `state`, piece by piece, made step by step if much is pending;
 * that may change meanwhile. Positions are those of the beginning: what is
 * delivered later is left out, and what is acknowledged later may be in it or
 * not.
 * @param now milliseconds since 1970; times are told from it, to be short
 */
export function* encodingConsumerState(
  state: ConsumerState,
  now: number,
): Work<Uint8Array[]> {
  const { ackFloor, delivered, pending, redelivered } = state;
  const base = Math.round(now / SECOND_MS);
  const rows = new PiecedList(pending.size);
  for (const [sequence, delivery] of pending) {
    if (sequence > delivered.stream) continue;
    const out = rows.next();
    out.uvarintFrom(ackFloor.stream, sequence);
    out.uvarintFrom(ackFloor.consumer, delivery.sequence);
    out.varint(base - Number(delivery.time / SECOND));
    if (rows.count % STEP === 0) yield;
  }
  const again = new PiecedList(redelivered.size);
  for (const [sequence, count] of redelivered) {
    if (sequence > delivered.stream) continue;
    const out = again.next();
    out.uvarintFrom(ackFloor.stream, sequence);
    out.uvarint(count);
    if (again.count % STEP === 0) yield;
  }
  const head = new ByteWriter(64);
  head.u8(MAGIC);
  head.u8(VERSION);
  head.uvarint(ackFloor.consumer);
  head.uvarint(ackFloor.stream);
  head.uvarint(delivered.consumer);
  head.uvarint(delivered.stream);
  head.uvarint(rows.count);
  if (rows.count > 0) head.varint(base);
  const middle = new ByteWriter(16);
  middle.uvarint(again.count);
  return [head.written, ...rows.pieces(), middle.written, ...again.pieces()];
}

/** A list of which the length is not known before its end. */
class PiecedList {
  count = 0;
  readonly #full: Uint8Array[] = [];
  #last: ByteWriter;

  /** @param expected about how many there will be */
  constructor(expected: number) {
    this.#last = new ByteWriter(
      Math.min(PIECE, expected * ENTRY_MAX) + ENTRY_MAX,
    );
  }

  /** Where to write another one. */
  next(): ByteWriter {
    this.count++;
    if (this.#last.size >= PIECE) {
      this.#full.push(this.#last.written);
      this.#last = new ByteWriter(PIECE + ENTRY_MAX);
    }
    return this.#last;
  }

  pieces(): Uint8Array[] {
    return [...this.#full, this.#last.written];
  }
}

/**
 * Reads a state, step by step.
 * @param bytes decrypted
 * @throws DecodeError
 */
export function* decodingConsumerState(
  bytes: Uint8Array,
): Work<ConsumerState> {
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
    pending: yield* readingPending(reader, version, ackFloor),
    redelivered: yield* readingRedelivered(reader, ackFloor.stream),
  };
}

function* readingPending(
  reader: ByteReader,
  version: number,
  floor: ConsumerState["ackFloor"],
): Work<Entries<PendingDelivery>> {
  const pending = new DeliveryList();
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
    pending.add(stream, { sequence, time });
    if (left % STEP === 0) yield;
  }
  return pending;
}

/** Like Go, takes what there is when the list ends early. */
function* readingRedelivered(
  reader: ByteReader,
  floor: number,
): Work<Entries<number>> {
  const redelivered = new PairList();
  try {
    for (let left = reader.uvarint(); left > 0; left--) {
      const sequence = reader.uvarintFrom(floor);
      const count = reader.uvarint();
      if (sequence !== floor && count > 0) redelivered.add(sequence, count);
      if (left % STEP === 0) yield;
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return redelivered;
}

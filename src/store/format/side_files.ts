/**
 * The small files beside the messages, by which a store need not look through
 * them when it opens: `thw.db` (when messages with a time to live expire),
 * `sched.db` (when messages schedule others) and `sources.db` (how far the
 * stream has followed its sources).
 *
 * All start with `u8 1, u64 entries, u64 stamp`, little-endian. The stamp is the
 * first sequence that the file does not know of.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { DecodeError } from "./decode_error.ts";

const VERSION = 1;
/** Entries that are read or written between two rests. */
const STRIDE = 256;
const HEADER_SIZE = 17;
const EXPIRY_SIZE = 14;
const SHORT = "short buffer";
const CUT = "unexpected EOF";
/** Longest subject in `sched.db`, bytes. */
const SUBJECT_SIZE_MAX = 0xffff;

/** When a message expires. */
export interface Expiry {
  readonly sequence: number;
  readonly time: bigint;
}

/** When a message schedules the next one. */
export interface ScheduleEntry extends Expiry {
  /** Of the message with the schedule, byte string. */
  readonly subject: string;
}

/** How far a stream has followed a source. */
export interface SourcePosition {
  readonly sequence: number;
  /** Which stream it was, to notice another of the same name; may be empty. */
  readonly identity: string;
}

/** What a file holds. */
export interface Stamped<Entries> {
  readonly stamp: number;
  readonly entries: Entries;
}

/** `thw.db`: per message `varint time, uvarint sequence`; step by step. */
export function* encodingExpiries(
  stamp: number,
  count: number,
  expiries: Iterable<Expiry>,
): Work<Uint8Array> {
  const out = begin(stamp, count, EXPIRY_SIZE);
  let written = 0;
  for (const { sequence, time } of expiries) {
    out.varint64(time);
    out.uvarint(sequence);
    if (++written % STRIDE === 0) yield;
  }
  return out.written;
}

/**
 * Reads `thw.db`, step by step.
 * @returns the stamp
 * @throws DecodeError
 */
export function decodingExpiries(
  bytes: Uint8Array,
  visit: (sequence: number, time: bigint, stamp: number) => void,
): Work<number> {
  return reading(bytes, "thw: encoded version not known", (reader, stamp) => {
    const time = reader.varint64();
    visit(reader.uvarint(), time, stamp);
  });
}

/** `sched.db`: per schedule `u16 length, subject, varint time, uvarint sequence`. */
export function* encodingSchedules(
  stamp: number,
  schedules: readonly ScheduleEntry[],
): Work<Uint8Array> {
  let written = 0;
  const out = begin(stamp, schedules.length, 2 * EXPIRY_SIZE);
  for (const { subject, sequence, time } of schedules) {
    const text = subject.slice(0, SUBJECT_SIZE_MAX);
    out.u16(text.length);
    out.text(text);
    out.varint64(time);
    out.uvarint(sequence);
    if (++written % STRIDE === 0) yield;
  }
  return out.written;
}

/**
 * Reads `sched.db`, step by step.
 * @throws DecodeError
 */
export function* decodingSchedules(
  bytes: Uint8Array,
): Work<Stamped<ScheduleEntry[]>> {
  const complaint = "msg scheduling: encoded version not known";
  const entries: ScheduleEntry[] = [];
  const stamp = yield* reading(bytes, complaint, (reader) => {
    const subject = reader.text(reader.u16());
    const time = reader.varint64();
    entries.push({ subject, time, sequence: reader.uvarint() });
  });
  return { stamp, entries };
}

/** `sources.db`: per source what {@linkcode writeSource} writes. */
export function encodeSources(
  stamp: number,
  sources: ReadonlyMap<string, SourcePosition>,
): Uint8Array {
  const out = begin(stamp, sources.size, 64);
  for (const [name, position] of sources) writeSource(out, name, position);
  return out.written;
}

/**
 * Reads `sources.db`.
 * @throws DecodeError
 */
export function decodeSources(
  bytes: Uint8Array,
): Stamped<Map<string, SourcePosition>> {
  const complaint = "sources: encoded version not known";
  const entries = new Map<string, SourcePosition>();
  const stamp = finish(
    reading(bytes, complaint, (reader) => entries.set(...readSource(reader))),
  );
  return { stamp, entries };
}

/** `uvarint length, name, uvarint sequence, uvarint length, identity`. */
export function writeSource(
  out: ByteWriter,
  name: string,
  { sequence, identity }: SourcePosition,
): void {
  out.uvarint(name.length);
  out.text(name);
  out.uvarint(sequence);
  out.uvarint(identity.length);
  out.text(identity);
}

/** Reads what {@linkcode writeSource} writes. */
export function readSource(reader: ByteReader): [string, SourcePosition] {
  const name = reader.text(reader.uvarint());
  const sequence = reader.uvarint();
  const identity = reader.text(reader.uvarint());
  return [name, { sequence, identity }];
}

function begin(stamp: number, count: number, entrySize: number): ByteWriter {
  const out = new ByteWriter(HEADER_SIZE + count * entrySize);
  out.u8(VERSION);
  out.u64(count);
  out.u64(stamp);
  return out;
}

/** @returns the stamp */
function* reading(
  bytes: Uint8Array,
  unknownVersion: string,
  readEntry: (reader: ByteReader, stamp: number) => void,
): Work<number> {
  if (bytes.length < HEADER_SIZE) throw new DecodeError(SHORT);
  const reader = new ByteReader(bytes, CUT);
  if (reader.u8() !== VERSION) throw new DecodeError(unknownVersion);
  const count = reader.u64();
  const stamp = reader.u64();
  for (let read = 0; read < count;) {
    readEntry(reader, stamp);
    if (++read % STRIDE === 0) yield;
  }
  return stamp;
}

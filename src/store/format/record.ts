/**
 * Records of message blocks (`N.blk`). Little-endian:
 *
 * ```
 *  0  u32  length of the record, checksum included; bit 31: it has a header
 *  4  u64  sequence; bit 63: no message (skipped or erased), bit 62: tombstone
 * 12  i64  time, nanoseconds since 1970
 * 20  u16  length of the subject
 * 22       subject
 *     u32  length of the header      only when bit 31
 *          header                    of the length is set
 *          message
 *     u64  HighwayHash-64 of sequence, time, subject, header and message
 * ```
 *
 * A tombstone says that a sequence of an earlier block was deleted. Skipped
 * sequences and tombstones are records of 30 bytes. An erased record keeps its
 * length; its subject and message are one run of random bytes.
 *
 * @module
 */

import type { Chunk } from "../../protocol/mod.ts";

/** Where a record's subject starts: behind the fixed fields. */
export const SUBJECT_AT = 22;
/** Bytes of a record without subject, header and message. */
export const EMPTY_RECORD_SIZE = 30;
/** Largest record, bytes. */
export const RECORD_SIZE_MAX = 32 * 1024 * 1024;
/** Longest subject that a record can name, bytes. */
export const SUBJECT_SIZE_MAX = 0xffff;

/** Bytes of the length of a header. */
const HEADER_LENGTH_SIZE = 4;
/** Set in the length of records that have a header. */
const HAS_HEADER = 0x80000000;
/** Set in the upper half of sequences. */
const NO_MESSAGE = 0x80000000;
const TOMBSTONE = 0x40000000;
const TWO_32 = 0x1_0000_0000;
/** Upper halves beyond this belong to sequences beyond 2^53. */
const SEQUENCE_HIGH_MAX = 0x1f_ffff;

/** What is wrong with a record; {@linkcode RecordFault.None}: nothing. */
export const RecordFault = {
  None: 0,
  /** Fewer bytes are left than the fixed part of a record has. */
  Overrun: 1,
  /** Its lengths contradict each other, the end of the data or the limit. */
  Lengths: 2,
  Checksum: 3,
  /** Its sequence is beyond 2^53. */
  Sequence: 4,
  /** Its header would be longer than the record. */
  Header: 5,
} as const;
export type RecordFault = typeof RecordFault[keyof typeof RecordFault];

/** What a record is about. */
export const RecordKind = {
  Message: 0,
  /** A sequence without a message: skipped, or its message erased. */
  NoMessage: 1,
  /** A message of an earlier record was deleted. */
  Tombstone: 2,
} as const;
export type RecordKind = typeof RecordKind[keyof typeof RecordKind];

/** Bytes of the record of a message; `headerSize` 0: without header. */
export function recordSize(
  subjectSize: number,
  headerSize: number,
  messageSize: number,
): number {
  const header = headerSize === 0 ? 0 : HEADER_LENGTH_SIZE + headerSize;
  return EMPTY_RECORD_SIZE + subjectSize + header + messageSize;
}

/**
 * Starts a record in `target` at `at`, in three steps, as {@linkcode copyChunk}
 * scribbles behind what it copies: this; then the subject goes to the returned
 * position; with a header, {@linkcode writeHeaderSize} goes behind it, the
 * header behind that; then the message; last the checksum
 * (`HighwayHash.sealRecord`).
 *
 * @param timeLow the lower half of the time, as a signed or unsigned integer
 */
export function beginRecord(
  target: Chunk,
  at: number,
  size: number,
  hasHeader: boolean,
  kind: RecordKind,
  sequence: number,
  timeHigh: number,
  timeLow: number,
  subjectSize: number,
): number {
  const { view } = target;
  view.setUint32(at, hasHeader ? size + HAS_HEADER : size, true);
  view.setUint32(at + 4, sequence, true);
  let high = Math.floor(sequence / TWO_32);
  if (kind === RecordKind.NoMessage) high += NO_MESSAGE;
  else if (kind === RecordKind.Tombstone) high += TOMBSTONE;
  view.setUint32(at + 8, high, true);
  view.setInt32(at + 12, timeLow, true);
  view.setInt32(at + 16, timeHigh, true);
  view.setUint16(at + 20, subjectSize, true);
  return at + SUBJECT_AT;
}

/** Writes the length of a header; returns where the header goes. */
export function writeHeaderSize(
  target: Chunk,
  at: number,
  headerSize: number,
): number {
  target.view.setUint32(at, headerSize, true);
  return at + HEADER_LENGTH_SIZE;
}

/**
 * Writes a record that has no message, but for its checksum; returns its end.
 */
export function writeEmptyRecord(
  target: Chunk,
  at: number,
  kind: RecordKind,
  sequence: number,
  timeHigh: number,
  timeLow: number,
): number {
  beginRecord(
    target,
    at,
    EMPTY_RECORD_SIZE,
    false,
    kind,
    sequence,
    timeHigh,
    timeLow,
    0,
  );
  return at + EMPTY_RECORD_SIZE;
}

/**
 * Turns the record in `target` at `at` into an erased one, but for its
 * checksum: same length, and everything else is gone.
 *
 * @param noise random bytes; as many as the record is longer than an empty one
 */
export function eraseRecord(
  target: Chunk,
  at: number,
  sequence: number,
  noise: Uint8Array,
): void {
  const size = EMPTY_RECORD_SIZE + noise.length;
  beginRecord(target, at, size, false, RecordKind.NoMessage, sequence, 0, 0, 0);
  target.bytes.set(noise, at + SUBJECT_AT);
}

/** A record that has been read: where its parts are. */
export class RecordView {
  kind: RecordKind = RecordKind.Message;
  sequence = 0;
  /** Bytes of the record. */
  size = 0;
  subjectStart = 0;
  subjectEnd = 0;
  /** Equal to `headerEnd` when it has no header. */
  headerStart = 0;
  /** The message starts here. */
  headerEnd = 0;
  messageEnd = 0;
  hasHeader = false;

  /**
   * Reads the record in `source` at `at`, which must end by `end`. Looks at no
   * checksum.
   *
   * @returns what is wrong with it. All fields are set unless that is
   * `Overrun` or `Lengths`; with `Header`, the header seems to be empty
   */
  read(source: Chunk, at: number, end: number): RecordFault {
    if (at + SUBJECT_AT > end) return RecordFault.Overrun;
    const { view } = source;
    const length = view.getUint32(at, true);
    this.hasHeader = length >= HAS_HEADER;
    const size = this.hasHeader ? length - HAS_HEADER : length;
    const subjectSize = view.getUint16(at + 20, true);
    const least = EMPTY_RECORD_SIZE + subjectSize +
      (this.hasHeader ? HEADER_LENGTH_SIZE : 0);
    if (size > RECORD_SIZE_MAX || size < least || at + size > end) {
      return RecordFault.Lengths;
    }
    this.size = size;
    this.subjectStart = at + SUBJECT_AT;
    this.subjectEnd = this.subjectStart + subjectSize;
    this.messageEnd = at + size - (EMPTY_RECORD_SIZE - SUBJECT_AT);
    this.headerStart = this.headerEnd = this.subjectEnd;
    if (!this.#readSequence(view, at)) return RecordFault.Sequence;
    return this.hasHeader ? this.#readHeader(view) : RecordFault.None;
  }

  #readSequence(view: DataView, at: number): boolean {
    let high = view.getUint32(at + 8, true);
    if (high & TOMBSTONE) this.kind = RecordKind.Tombstone;
    else {this.kind = high & NO_MESSAGE
        ? RecordKind.NoMessage
        : RecordKind.Message;}
    high &= ~(NO_MESSAGE | TOMBSTONE);
    this.sequence = high * TWO_32 + view.getUint32(at + 4, true);
    return high <= SEQUENCE_HIGH_MAX;
  }

  #readHeader(view: DataView): RecordFault {
    const size = view.getUint32(this.subjectEnd, true);
    this.headerStart = this.headerEnd = this.subjectEnd + HEADER_LENGTH_SIZE;
    if (size > this.messageEnd - this.headerStart) return RecordFault.Header;
    this.headerEnd = this.headerStart + size;
    return RecordFault.None;
  }
}

/** Bytes of the record at `at`. */
export function recordLength({ view }: Chunk, at: number): number {
  return view.getUint32(at, true) & 0x7fff_ffff;
}

/** Whether the record at `at` has a header. */
export function hasHeader({ view }: Chunk, at: number): boolean {
  return view.getUint32(at, true) >= HAS_HEADER;
}

/** The sequence of the record at `at`, if it is one of a message. */
export function recordSequence({ view }: Chunk, at: number): number {
  return view.getUint32(at + 8, true) * TWO_32 + view.getUint32(at + 4, true);
}

/**
 * Whether the record at `at` is that of the message with that sequence, and has
 * a subject of that size.
 */
export function isMessage(
  { view }: Chunk,
  at: number,
  sequence: number,
  subjectSize: number,
): boolean {
  // A multiplication is cheap, a division of numbers that large is not.
  const found = view.getUint32(at + 8, true) * TWO_32 +
    view.getUint32(at + 4, true);
  return found === sequence && view.getUint16(at + 20, true) === subjectSize;
}

/** The upper half of a record's time, signed. */
export function recordTimeHigh(source: Chunk, at: number): number {
  return source.view.getInt32(at + 16, true);
}

/** The lower half of a record's time, unsigned. */
export function recordTimeLow(source: Chunk, at: number): number {
  return source.view.getUint32(at + 12, true);
}

/** The time of the record at `at`, nanoseconds since 1970. */
export function recordTime(source: Chunk, at: number): bigint {
  return source.view.getBigInt64(at + 12, true);
}

/** The upper half of a time in nanoseconds, signed. */
export function timeHigh(time: bigint): number {
  return Number(BigInt.asIntN(32, time >> 32n));
}

/** The lower half of a time in nanoseconds, unsigned. */
export function timeLow(time: bigint): number {
  return Number(BigInt.asUintN(32, time));
}

/** What to tell of a faulty record at `at` in data that ends at `end`. */
export function recordFaultText(
  fault: RecordFault,
  source: Chunk,
  at: number,
  end: number,
): string {
  switch (fault) {
    case RecordFault.None:
      return "";
    case RecordFault.Overrun:
      return `message overrun (index ${at} lbuf ${end})`;
    case RecordFault.Lengths: {
      const size = source.view.getUint32(at, true) % HAS_HEADER;
      const subjectSize = source.view.getUint16(at + 20, true);
      return `sanity check failed (dlen ${size - SUBJECT_AT} ` +
        `slen ${subjectSize} rl ${size} index ${at} lbuf ${end})`;
    }
    case RecordFault.Checksum:
      return "invalid checksum";
    case RecordFault.Sequence:
      return "sequence beyond 2^53";
    case RecordFault.Header:
      return "invalid message length or end greater than buffer length";
  }
}

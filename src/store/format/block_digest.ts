/**
 * `N.idx`: what reading the block `N.blk` would find, so that opening a stream
 * need not read it. A file of our own; the Go server deletes whatever ends in
 * `.idx` when it opens a stream. Little-endian:
 *
 * ```
 * head   u32 magic, u8 version, u8 whether the block is known to be durable,
 *        u32 bytes of the block's file, 8 bytes: the last ones of it,
 *        u64 checksum of the body, u64 checksum of the head
 * body   u8 flags (1: the block is compressed, 2: a tombstone tells of the end),
 *        u32 bytes of its records, u64 lowest sequence that it may hold,
 *        u64 last sequence of its records, u64 the end of the stream that it
 *        tells of, and when that was, nanoseconds: u32 low, i32 high
 *        u32 subjects, of each: uvarint length, name
 *        u32 tombstones, of each: varint sequence, less the one before
 *        u32 deleted messages, of each, less the one before:
 *          varint sequence, varint position
 *        u32 messages, in ascending order, of each:
 *          uvarint four times the number of the subject,
 *            plus 2 if the record is not as long as the one before; then
 *            uvarint bytes of the record
 *            plus 1 if it does not follow upon the one before; then
 *            uvarint sequences and uvarint bytes in between
 * ```
 *
 * Tombstones are those that stand in the block. Deleted are messages of which it
 * has a record, and which had been deleted when the digest was made. The body of an encrypted stream is sealed;
 * checksums are those of what is in the file.
 *
 * @module
 */

import { Chunk } from "../../protocol/mod.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { CHECKSUM_SIZE } from "./highwayhash.ts";

const MAGIC = 0x3178_6462;
const VERSION = 1;
/** Bytes of a head, and of its part that its checksum covers. */
export const DIGEST_HEAD_SIZE = 34;
export const DIGEST_HEAD_SUMMED: number = DIGEST_HEAD_SIZE - CHECKSUM_SIZE;
const COMPRESSED = 1;
const MARKED = 2;
const COMPLAINT = "corrupt digest of a block";
/** Bytes that an entry takes, to expect, at least and at most. */
const MESSAGE_SIZE = 3;
const MESSAGE_SIZE_MIN = 1;
const MESSAGE_SIZE_MAX = 32;
/** Flags beside the number of a subject. */
const APART = 1;
const RESIZED = 2;

/** What tells whether a digest is still true of its block. */
export interface DigestHead {
  /** Whether the block is known to be durable. */
  readonly settled: boolean;
  readonly fileSize: number;
  readonly tail: Uint8Array;
  readonly bodySum: Uint8Array;
}

/** What a digest says of the block as a whole. */
export interface DigestTotals {
  readonly compressed: boolean;
  readonly size: number;
  readonly base: number;
  readonly last: number;
  readonly end: number;
  /** Whether a tombstone tells of the end. */
  readonly marked: boolean;
  readonly high: number;
  readonly low: number;
}

/** The head but for its checksum. */
export function encodeDigestHead(
  { settled, fileSize, tail, bodySum }: DigestHead,
): Uint8Array {
  const out = new ByteWriter(DIGEST_HEAD_SIZE);
  out.u32(MAGIC);
  out.u8(VERSION);
  out.u8(settled ? 1 : 0);
  out.u32(fileSize);
  out.put(tail);
  out.put(bodySum);
  return out.written;
}

/** @throws DecodeError */
export function decodeDigestHead(bytes: Uint8Array): DigestHead {
  const reader = new ByteReader(bytes, COMPLAINT);
  reader.expect(reader.u32() === MAGIC && reader.u8() === VERSION);
  return {
    settled: reader.u8() === 1,
    fileSize: reader.u32(),
    tail: reader.take(CHECKSUM_SIZE),
    bodySum: reader.take(CHECKSUM_SIZE),
  };
}

/** Puts a body together. */
export class DigestWriter {
  readonly #names = new ByteWriter();
  readonly #tombstones = new ByteWriter();
  readonly #deleted = new ByteWriter();
  #subjects = 0;
  #marks = 0;
  #lastMark = 0;
  #deletions = 0;
  #lastDeleted = 0;
  #lastPlace = 0;
  #count = 0;
  #messages: Uint8Array;
  #size = 0;
  #recordSize = 0;
  /** What would follow upon the last message. */
  #sequence: number;
  #position = 0;

  /**
   * @param base lowest sequence that the block may hold
   * @param messages about how many there are
   */
  constructor(base: number, messages: number) {
    this.#sequence = base;
    this.#messages = new Uint8Array(64 + MESSAGE_SIZE * messages);
  }

  /** Messages so far. */
  get count(): number {
    return this.#count;
  }

  /** Adds a subject, which stands in `source`. @returns its number */
  subject(source: Uint8Array, start: number, end: number): number {
    const size = end - start;
    this.#names.uvarint(size);
    this.#names.copy(source, start, end);
    return this.#subjects++;
  }

  tombstone(sequence: number): void {
    this.#tombstones.varint(sequence - this.#lastMark);
    this.#lastMark = sequence;
    this.#marks++;
  }

  deleted(sequence: number, position: number): void {
    this.#deleted.varint(sequence - this.#lastDeleted);
    this.#deleted.varint(position - this.#lastPlace);
    this.#lastDeleted = sequence;
    this.#lastPlace = position;
    this.#deletions++;
  }

  /** Adds a message behind the others, whose sequences are lower. */
  message(
    sequence: number,
    position: number,
    size: number,
    subject: number,
  ): void {
    if (this.#size + MESSAGE_SIZE_MAX > this.#messages.length) this.#grow();
    const out = this.#messages;
    const isApart = sequence !== this.#sequence || position !== this.#position;
    const isResized = size !== this.#recordSize;
    const flags = (isApart ? APART : 0) + (isResized ? RESIZED : 0);
    let at = putNumber(out, this.#size, 4 * subject + flags);
    if (isResized) at = putNumber(out, at, size);
    if (isApart) {
      at = putNumber(out, at, sequence - this.#sequence);
      at = putNumber(out, at, position - this.#position);
    }
    this.#size = at;
    this.#recordSize = size;
    this.#sequence = sequence + 1;
    this.#position = position + size;
    this.#count++;
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#messages.length);
    grown.set(this.#messages);
    this.#messages = grown;
  }

  /** @returns the body, not sealed */
  end(totals: DigestTotals): Uint8Array {
    const names = this.#names.written;
    const marks = this.#tombstones.written;
    const messages = this.#messages.subarray(0, this.#size);
    const deleted = this.#deleted.written;
    const expected = 64 + names.length + marks.length + deleted.length +
      messages.length;
    const out = new ByteWriter(expected);
    out.u8(
      (totals.compressed ? COMPRESSED : 0) + (totals.marked ? MARKED : 0),
    );
    out.u32(totals.size);
    out.u64(totals.base);
    out.u64(totals.last);
    out.u64(totals.end);
    out.u32(totals.low);
    out.u32(totals.high);
    out.u32(this.#subjects);
    out.put(names);
    out.u32(this.#marks);
    out.put(marks);
    out.u32(this.#deletions);
    out.put(deleted);
    out.u32(this.#count);
    out.put(messages);
    return out.written;
  }
}

/** Writes a varint. @returns where it ends */
function putNumber(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    // Sequences are out of reach of bitwise operators.
    const next = Math.floor(rest / 0x80);
    bytes[at++] = rest - next * 0x80 + 0x80;
    rest = next;
  }
  bytes[at++] = rest;
  return at;
}

/** Messages, one after the other; the memory serves one digest after another. */
export class DigestedMessages {
  sequences: Float64Array = new Float64Array(0);
  positions: Uint32Array = new Uint32Array(0);
  /** Bytes of their records. */
  sizes: Uint32Array = new Uint32Array(0);
  /** Numbers of their subjects. */
  subjects: Uint32Array = new Uint32Array(0);
  count = 0;

  /** Leaves out those that are not to be kept. */
  filter(isKept: (sequence: number, position: number) => boolean): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const sequence = this.sequences[i] ?? 0;
      const position = this.positions[i] ?? 0;
      if (!isKept(sequence, position)) continue;
      this.sequences[kept] = sequence;
      this.positions[kept] = position;
      this.sizes[kept] = this.sizes[i] ?? 0;
      this.subjects[kept] = this.subjects[i] ?? 0;
      kept++;
    }
    this.count = kept;
  }

  reserve(count: number): void {
    this.count = count;
    if (count <= this.sequences.length) return;
    this.sequences = new Float64Array(count);
    this.positions = new Uint32Array(count);
    this.sizes = new Uint32Array(count);
    this.subjects = new Uint32Array(count);
  }
}

/** A body that was read. */
export interface BlockDigest extends DigestTotals {
  /** Where the names of subjects stand: start and end of each. */
  readonly text: Chunk;
  readonly names: Uint32Array;
  readonly tombstones: readonly number[];
  /** Sequences and positions, by turns. */
  readonly deleted: readonly number[];
}

/** Reads a body, not sealed. @throws DecodeError */
export function decodeDigest(
  bytes: Uint8Array,
  messages: DigestedMessages,
): BlockDigest {
  const reader = new ByteReader(bytes, COMPLAINT);
  const flags = reader.u8();
  const totals: DigestTotals = {
    compressed: (flags & COMPRESSED) !== 0,
    marked: (flags & MARKED) !== 0,
    size: reader.u32(),
    base: reader.u64(),
    last: reader.u64(),
    end: reader.u64(),
    low: reader.u32(),
    high: reader.u32() | 0,
  };
  const subjects = reader.u32();
  reader.expect(subjects <= reader.left);
  const names = new Uint32Array(2 * subjects);
  for (let i = 0; i < subjects; i++) {
    const size = reader.uvarint();
    names[2 * i] = reader.position;
    reader.expect(size <= reader.left);
    reader.position += size;
    names[2 * i + 1] = reader.position;
  }
  const tombstones = readDifferences(reader, 1);
  const deleted = readDifferences(reader, 2);
  const count = reader.u32();
  reader.expect(count * MESSAGE_SIZE_MIN <= reader.left);
  messages.reserve(count);
  const isSound = readMessages(
    bytes,
    reader.position,
    messages,
    totals,
    subjects,
  );
  reader.expect(isSound);
  return { ...totals, text: Chunk.of(bytes), names, tombstones, deleted };
}

/** Tuples of numbers, of each of which the difference to the last is there. */
function readDifferences(reader: ByteReader, width: number): number[] {
  const count = reader.u32();
  reader.expect(count * width <= reader.left);
  const all: number[] = [];
  for (let i = 0; i < count * width; i++) {
    const value = (all[i - width] ?? 0) + reader.varint();
    reader.expect(value >= 0);
    all.push(value);
  }
  return all;
}

/** Numbers one after the other; many, so that each byte is looked at once. */
class Numbers {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** The next; nonsense behind the end. */
  next(): number {
    const byte = this.#bytes[this.at++] ?? 0;
    return byte < 0x80 ? byte : this.#rest(byte - 0x80);
  }

  /** The same, faster for two bytes. */
  nextShort(): number {
    const { at } = this;
    const low = this.#bytes[at] ?? 0;
    const high = this.#bytes[at + 1] ?? 0;
    if (low < 0x80 || high >= 0x80) return this.next();
    this.at = at + 2;
    return low - 0x80 + high * 0x80;
  }

  #rest(low: number): number {
    let value = low;
    for (let scale = 0x80;; scale *= 0x80) {
      const byte = this.#bytes[this.at++] ?? 0;
      if (byte < 0x80) return value + byte * scale;
      value += (byte - 0x80) * scale;
    }
  }
}

/** @returns whether they are as they may be */
function readMessages(
  bytes: Uint8Array,
  start: number,
  messages: DigestedMessages,
  { base, last, size: end }: DigestTotals,
  subjects: number,
): boolean {
  const numbers = new Numbers(bytes, start);
  const { count, sequences, positions, sizes, subjects: ids } = messages;
  let sequence = base;
  let position = 0;
  let size = 0;
  for (let i = 0; i < count; i++) {
    const link = numbers.nextShort();
    if ((link & RESIZED) !== 0) size = numbers.next();
    if ((link & APART) !== 0) {
      sequence += numbers.next();
      position += numbers.next();
    }
    const subject = link >>> 2;
    if (subject >= subjects || position + size > end) return false;
    sequences[i] = sequence;
    positions[i] = position;
    sizes[i] = size;
    ids[i] = subject;
    sequence++;
    position += size;
  }
  return numbers.at === bytes.length && (count === 0 || sequence <= last + 1);
}

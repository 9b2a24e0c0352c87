/**
 * `messages.idx`: where each message is, so that opening a stream need not read
 * its blocks. A file of our own; the Go server deletes whatever ends in `.idx`
 * when it opens a stream. Little-endian:
 *
 * ```
 * pages of the index of messages, in slots of one size
 * directory, behind the last slot in use
 * u64 where the directory starts, u64 checksum of the directory
 * ```
 *
 * The directory:
 *
 * ```
 * u32 magic, u32 version, u64 checksum at the end of `index.db`
 * u32 blocks, then per block:
 *   u32 number, u8 flags (1: compressed, 2: not known to be durable),
 *   u64 lowest sequence that it may hold, u64 last sequence of its records,
 *   u64 sequence at which a tombstone ended the stream,
 *   u32 bytes of its records, u32 messages, u32 bytes of these, u32 tombstones,
 *   u32 bytes of the file, 8 bytes: the last ones of the file
 * u32 pages, then per page:
 *   u64 number, u32 slot, u16 bytes in the slot, u16 entries,
 *   u8 whether it is packed, u64 checksum
 * u32 ids of subjects, u32 subjects, then per subject, in the order of
 * `index.db`:
 *   u32 id, u64 first, u64 last sequence
 * ```
 *
 * A page is 16 bytes per entry: position in the block, id of the subject plus
 * one (0: no message), how far back and ahead the neighbours of the same
 * subject are. Behind the entries of a packed page stand u16 per entry, the
 * lower bits of its sequence. In encrypted streams, each page and the directory
 * are sealed; checksums are those of what is in the file.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { CHECKSUM_SIZE } from "./highwayhash.ts";

const MAGIC = 0x3178_6469;
const VERSION = 1;
const COMPRESSED = 1;
const UNSETTLED = 2;
const COMPLAINT = "corrupt index of messages";
/** Bytes of what stands behind the directory. */
export const DIRECTORY_END = 8 + CHECKSUM_SIZE;
/** Bytes of a subject, and about those of a page. */
const SUBJECT_SIZE = 20;
const PAGE_SIZE = 25;
/** Entries between two rests. */
const STRIDE = 2048;

/** A block of messages. */
export interface ListedBlock {
  readonly number: number;
  readonly compressed: boolean;
  /** Whether its file may not be durable. */
  readonly unsettled: boolean;
  readonly base: number;
  readonly last: number;
  readonly marked: number;
  readonly size: number;
  readonly live: number;
  readonly liveBytes: number;
  readonly tombstones: number;
  readonly fileSize: number;
  /** The last bytes of the file. */
  readonly tail: Uint8Array;
}

/** A page of the index of messages. */
export interface ListedPage {
  readonly number: number;
  readonly slot: number;
  /** Bytes in the slot. */
  readonly size: number;
  readonly entries: number;
  readonly packed: boolean;
  readonly checksum: Uint8Array;
}

/**
 * Subjects, whose names are in `index.db`. Not an object each: to have millions
 * of them looked at and moved by the garbage collector takes longer than
 * everything else.
 */
export class ListedSubjects {
  readonly ids: Uint32Array;
  /** The first and the last sequence of each. */
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;

  constructor(count: number) {
    this.ids = new Uint32Array(count);
    this.firsts = new Float64Array(count);
    this.lasts = new Float64Array(count);
  }

  get length(): number {
    return this.ids.length;
  }

  set(i: number, id: number, first: number, last: number): void {
    this.ids[i] = id;
    this.firsts[i] = first;
    this.lasts[i] = last;
  }
}

/** What is known of a stream. */
export interface PageDirectory {
  /** The checksum of the `index.db` that belongs to it. */
  readonly state: Uint8Array;
  readonly blocks: readonly ListedBlock[];
  readonly pages: readonly ListedPage[];
  /** All ids are below. */
  readonly idsEnd: number;
  readonly subjects: ListedSubjects;
}

/** Step by step. @returns the directory; neither sealed nor with what stands behind it */
export function* encodingDirectory(
  { state, blocks, pages, idsEnd, subjects }: PageDirectory,
): Work<Uint8Array> {
  const out = new ByteWriter(
    256 + SUBJECT_SIZE * subjects.length + PAGE_SIZE * pages.length,
  );
  out.u32(MAGIC);
  out.u32(VERSION);
  out.put(state);
  out.u32(blocks.length);
  for (const block of blocks) encodeBlock(out, block);
  out.u32(pages.length);
  for (const { number, slot, size, entries, packed, checksum } of pages) {
    out.u64(number);
    out.u32(slot);
    out.u16(size);
    out.u16(entries);
    out.u8(packed ? 1 : 0);
    out.put(checksum);
  }
  out.u32(idsEnd);
  out.u32(subjects.length);
  const { ids, firsts, lasts } = subjects;
  for (let i = 0; i < subjects.length; i++) {
    out.u32(ids[i] ?? 0);
    out.u64(firsts[i] ?? 0);
    out.u64(lasts[i] ?? 0);
    if (i % STRIDE === STRIDE - 1) yield;
  }
  return out.written;
}

function encodeBlock(out: ByteWriter, block: ListedBlock): void {
  out.u32(block.number);
  out.u8(
    (block.compressed ? COMPRESSED : 0) + (block.unsettled ? UNSETTLED : 0),
  );
  out.u64(block.base);
  out.u64(block.last);
  out.u64(block.marked);
  out.u32(block.size);
  out.u32(block.live);
  out.u32(block.liveBytes);
  out.u32(block.tombstones);
  out.u32(block.fileSize);
  out.put(block.tail);
}

/** Reads a directory, with rests in between. @throws DecodeError */
export function* decodeDirectory(bytes: Uint8Array): Work<PageDirectory> {
  const reader = new ByteReader(bytes, COMPLAINT);
  reader.expect(reader.u32() === MAGIC && reader.u32() === VERSION);
  const state = reader.take(CHECKSUM_SIZE);
  const blocks = yield* many(reader, decodeBlock);
  const pages = yield* many(reader, decodePage);
  const idsEnd = reader.u32();
  const subjects = yield* decodeSubjects(reader);
  reader.expect(reader.left === 0);
  return { state, blocks, pages, idsEnd, subjects };
}

function* many<T>(
  reader: ByteReader,
  decode: (reader: ByteReader) => T,
): Work<T[]> {
  const count = reader.u32();
  const all: T[] = [];
  for (let i = 1; i <= count; i++) {
    all.push(decode(reader));
    if (i % STRIDE === 0) yield;
  }
  return all;
}

function decodeBlock(reader: ByteReader): ListedBlock {
  const number = reader.u32();
  const flags = reader.u8();
  return {
    number,
    compressed: (flags & COMPRESSED) !== 0,
    unsettled: (flags & UNSETTLED) !== 0,
    base: reader.u64(),
    last: reader.u64(),
    marked: reader.u64(),
    size: reader.u32(),
    live: reader.u32(),
    liveBytes: reader.u32(),
    tombstones: reader.u32(),
    fileSize: reader.u32(),
    tail: reader.take(CHECKSUM_SIZE),
  };
}

function decodePage(reader: ByteReader): ListedPage {
  return {
    number: reader.u64(),
    slot: reader.u32(),
    size: reader.u16(),
    entries: reader.u16(),
    packed: reader.u8() === 1,
    checksum: reader.take(CHECKSUM_SIZE),
  };
}

function* decodeSubjects(reader: ByteReader): Work<ListedSubjects> {
  const count = reader.u32();
  reader.expect(count * SUBJECT_SIZE <= reader.left);
  const subjects = new ListedSubjects(count);
  for (let i = 0; i < count; i++) {
    subjects.set(i, reader.u32(), reader.u64(), reader.u64());
    if (i % STRIDE === STRIDE - 1) yield;
  }
  return subjects;
}

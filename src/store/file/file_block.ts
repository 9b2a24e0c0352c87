/**
 * One file of messages, `N.blk`.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { Chunk, copyChunk, EMPTY_CHUNK } from "../../protocol/mod.ts";
import type { SequenceBlock } from "../block_list.ts";
import type { MessageBody } from "../contract.ts";
import {
  blockContents,
  DecodeError,
  EMPTY_RECORD_SIZE,
  HashKey,
  type HighwayHash,
  RecordFault,
  type RecordKind,
  RecordView,
  SUBJECT_AT,
  writeEmptyRecord,
} from "../format/mod.ts";
import { writeMessage } from "../record_writer.ts";
import { Window } from "../window.ts";
import { BlockFile } from "./block_file.ts";
import type { BlockEnding, BlockFiles, DigestState } from "./block_files.ts";
import { PORTION, PortionsRead } from "./portions_read.ts";
import { PEEK, RecordPeek } from "./record_peek.ts";
import type { BlockSecret } from "./secrecy.ts";

/** Bytes of memory that a new block starts with. */
const FIRST_SIZE = 4096;

/** What happened to a record that was asked for. */
export type Found = "found" | "damaged";

/**
 * The content, or that part of it that is not on disk yet, is in memory; the
 * rest is read when it is needed.
 */
export class FileBlock implements SequenceBlock {
  /** Lowest sequence that it may hold. */
  base: number;
  readonly number: number;
  readonly key: HashKey;
  /** Highest sequence that it has a record of; below the base: none. */
  last: number;
  /** Sequence at which the stream ended when a tombstone said so here. */
  marked = 0;
  /** Messages that are there, and bytes of their records. */
  live = 0;
  liveBytes = 0;
  /** Bytes of all records. */
  size = 0;
  /** Tombstones among them. */
  tombstones = 0;
  /** Whether nothing would be gained by rewriting it. */
  compact = false;
  /** Whether the file holds its records compressed. */
  compressed = false;
  /** Whether all of its records were intact when they were looked at. */
  verified = true;
  /** Whether some were not: it must be read again at the next start. */
  damaged = false;
  digest: DigestState = "none";
  /** Whether it is no part of the stream any more. */
  gone = false;
  /** Changes whenever records change in place. */
  generation = 0;
  /** When what is in memory or the file was used last, by `BlockMemory.now`. */
  used = 0;
  /** How many count on what is in memory while others have their turns. */
  holders = 0;
  secret: BlockSecret | null = null;
  readonly #file: BlockFile;
  readonly #hash: HighwayHash;
  #chunk: Chunk | null = null;
  /** What of that has yet to be read; null: nothing. */
  #portions: PortionsRead | null = null;
  /** What has been appended, and belongs behind what is in memory. */
  readonly #window = new Window();
  /** Whether what is in memory was written here, and need not be checked. */
  #trusted = false;
  /** Whether what is in memory is not what the file holds. */
  #unreadable = false;
  /** Bytes that are in the file. */
  #written = 0;
  readonly #record = new RecordView();
  #peek = new RecordPeek();

  constructor(files: BlockFiles, number: number, base: number) {
    this.#file = new BlockFile(files, number);
    this.#hash = files.hash;
    this.number = number;
    this.base = base;
    this.last = base - 1;
    this.key = HashKey.ofBlock(files.stream, number);
  }

  /** Highest sequence that it tells of. */
  get end(): number {
    return Math.max(this.last, this.marked);
  }

  /** It tells of nothing above `sequence` any more. */
  endAt(sequence: number): void {
    this.last = Math.min(this.last, sequence);
    this.marked = Math.min(this.marked, sequence);
  }

  get path(): string {
    return this.#file.path;
  }

  /** Bytes that are not in the file yet. */
  get pending(): number {
    return this.size - this.#written;
  }

  /** Bytes that are in the file, of all records. */
  get written(): number {
    return this.#written;
  }

  /** Bytes of memory. */
  get memory(): number {
    return this.#chunk?.size ?? 0;
  }

  /** Whether what is in memory was written here. */
  get isTrusted(): boolean {
    return this.#chunk !== null && this.#trusted;
  }

  get isLoaded(): boolean {
    return this.#chunk !== null;
  }

  /** Whether it has been written to since it was made durable. */
  get dirty(): boolean {
    return this.#file.dirty;
  }

  /** Whether all that was written is known to be durable. */
  get settled(): boolean {
    return this.#file.settled;
  }

  get isOpen(): boolean {
    return this.#file.isOpen;
  }

  /** Starts an empty block. @param memory null: little at first @throws DiskError */
  create(memory: Chunk | null): void {
    this.#chunk = memory ?? new Chunk(FIRST_SIZE);
    this.#trusted = true;
    this.#file.create();
  }

  /** The directory of the file was renamed. */
  movedTo(files: BlockFiles): void {
    this.#file.movedTo(files);
  }

  /** Takes over what was found in the file, which need not be durable yet. */
  recovered(size: number): void {
    this.size = this.#written = size;
    this.#file.dirty = true;
  }

  // Writing

  /**
   * Takes over what is known of the file without reading it.
   * @param size bytes of all records
   * @param durable whether nothing of it is lost with the power
   */
  resumed(size: number, compressed: boolean, durable: boolean): void {
    this.size = this.#written = size;
    this.compressed = compressed;
    this.#file.dirty = !durable;
    this.verified = false;
  }

  /** Appends the record of a message. @returns its position */
  append(
    size: number,
    sequence: number,
    high: number,
    low: number,
    subject: string,
    body: MessageBody,
  ): number {
    const at = this.size;
    const chunk = this.#window.place(this.#room(size), at, size);
    const to = this.#window.at;
    writeMessage(chunk, to, size, sequence, high, low, subject, body);
    this.#hash.sealRecordIn(this.key, chunk, to, size);
    this.size = at + size;
    this.live++;
    this.liveBytes += size;
    if (sequence > this.last) this.last = sequence;
    return at;
  }

  /** Appends a record without a message. */
  appendEmpty(
    kind: RecordKind,
    sequence: number,
    high: number,
    low: number,
  ): void {
    const size = EMPTY_RECORD_SIZE;
    const chunk = this.#window.place(this.#room(size), this.size, size);
    const to = this.#window.at;
    writeEmptyRecord(chunk, to, kind, sequence, high, low);
    this.#hash.sealRecordIn(this.key, chunk, to, size);
    this.size += size;
  }

  /** Memory with `size` bytes left behind the content. */
  #room(size: number): Chunk {
    const wanted = this.size + size;
    const chunk = this.#chunk ?? this.#begin(2 * wanted);
    if (wanted <= chunk.size) return chunk;
    this.#window.settle(chunk);
    const larger = new Chunk(Math.max(wanted, 2 * chunk.size));
    copyChunk(larger, 0, chunk, 0, this.size);
    return this.#chunk = larger;
  }

  /** Hands to the operating system what is pending. @throws DiskError */
  flush(): void {
    if (this.pending === 0 || this.#chunk === null) return;
    const chunk = this.#chunk;
    this.#window.settle(chunk);
    const at = this.#written;
    const plain = chunk.bytes.subarray(at, this.size);
    const bytes = this.secret?.apply(plain, at) ?? plain;
    this.#file.append(bytes, at);
    this.#written = this.size;
  }

  /** Puts a record in the place of another one, in memory and in the file. */
  overwrite(at: number, record: Uint8Array): void {
    this.generation++;
    if (this.compressed) this.load();
    if (this.#chunk !== null) {
      this.#window.settle(this.#chunk);
      this.#chunk.bytes.set(record, at);
    }
    if (at >= this.#written || this.#unreadable) return;
    if (this.compressed) return this.#writeAll();
    const plain = record.subarray(0, this.#written - at);
    this.#file.overwrite(this.secret?.apply(plain, at) ?? plain, at);
  }

  /** Replaces the file by what is in memory, not compressed. */
  #writeAll(): void {
    this.rewrite(this.load().bytes.slice(0, this.size));
  }

  /** Replaces all records, durably. @throws DiskError */
  rewrite(records: Uint8Array): void {
    this.#file.replace(this.secret?.apply(records, 0) ?? records);
    this.replaced(Chunk.of(records), records.length, false);
  }

  /** Cuts off what stands behind `size` in the file. */
  cut(size: number): void {
    this.#file.cut(size);
    this.#portions?.cut(size);
    this.size = this.#written = size;
  }

  /** Resolves when what was flushed is durable. @throws DiskError */
  sync(): Promise<void> {
    return this.#file.sync();
  }

  syncNow(): void {
    this.#file.syncNow();
  }

  /** The file was replaced by one with these records. */
  replaced(records: Chunk, size: number, compressed: boolean): void {
    this.#file.replaced();
    this.#window.drop();
    this.#chunk = records;
    this.#portions = null;
    this.#trusted = true;
    this.verified = true;
    this.damaged = false;
    this.digest = "none";
    this.#unreadable = false;
    this.size = this.#written = size;
    this.compressed = compressed;
    this.generation++;
  }

  // Reading

  /**
   * All of the content in memory; what can't be read any more is zeros.
   * @throws DiskError
   */
  load(): Chunk {
    const chunk = this.#chunk ?? this.#begin();
    this.#reach(chunk, 0, this.#written);
    return chunk;
  }

  /** Begins to do the same step by step; {@linkcode load} does the rest. @throws DiskError */
  *loading(): Work<void> {
    const chunk = this.#chunk ?? this.#begin();
    this.holders++;
    try {
      for (let at = 0; this.#chunk === chunk && this.#portions; yield) {
        this.#reach(chunk, at, at += PORTION);
      }
    } finally {
      this.holders--;
    }
  }

  /** Makes room for the content, and reads it if that can't be done in parts. */
  #begin(room = this.size): Chunk {
    this.#trusted = false;
    if (this.compressed) return this.#chunk = Chunk.of(this.#readable());
    this.verified &&= this.#file.size === this.size;
    this.#portions = new PortionsRead(this.#written);
    return this.#chunk = new Chunk(room);
  }

  /** Reads what has not been read of a part of the content. */
  #reach(chunk: Chunk, from: number, to: number): void {
    this.#window.settle(chunk);
    const portions = this.#portions;
    if (portions === null) return;
    portions.reach(from, to, (from, to) => this.readPart(chunk, from, to));
    if (portions.isComplete) this.#portions = null;
  }

  #readable(): Uint8Array {
    let contents = EMPTY_CHUNK.bytes;
    try {
      contents = this.read();
      if (contents.length === this.size) return contents;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#unreadable = true;
    }
    this.verified = false;
    const whole = new Uint8Array(this.size);
    whole.set(contents.subarray(0, this.size));
    return whole;
  }

  /**
   * The records as they are in the file.
   * @param room memory that may be used for them, so that they are part of it
   * @throws DiskError, DecodeError
   */
  read(room?: Uint8Array): Uint8Array {
    const { size } = this.#file;
    const sealed = room !== undefined && size <= room.length
      ? room.subarray(0, size)
      : new Uint8Array(size);
    this.#file.readAt(sealed, 0);
    const bytes = this.secret?.apply(sealed, 0) ?? sealed;
    const { records, wasCompressed } = blockContents(
      this.#hash,
      this.key,
      bytes,
    );
    this.compressed = wasCompressed;
    return records;
  }

  /** The first `size` bytes of the records: not a copy if they are in memory. */
  head(size: number): Uint8Array {
    const bytes = this.#chunk === null ? this.#readable() : this.load().bytes;
    return bytes.subarray(0, size);
  }

  /** Reads a part of records that are not compressed to where it belongs. */
  readPart(target: Chunk, from: number, to: number): void {
    this.#read(target.bytes.subarray(from, to), from);
  }

  #read(target: Uint8Array, position: number): void {
    this.#file.readAt(target, position);
    if (this.secret === null) return;
    target.set(this.secret.apply(target, position));
  }

  /** How the file ends; nothing is pending. @throws DiskError */
  ending(): BlockEnding {
    return this.#file.ending();
  }

  /** The same, as if it ended at `end`. @throws DiskError */
  endingAt(end: number): BlockEnding {
    return this.#file.endingAt(end);
  }

  /** The buffer and the position in which {@linkcode find} left a record. */
  chunk: Chunk = this.#peek.chunk;
  at = 0;

  /** Looks for a record in memory or in the file. @throws DiskError */
  find(position: number): Found {
    if (!this.#canPeek(position, PEEK)) return this.#findInContent(position);
    const needed = this.#sizeAt();
    if (needed > this.chunk.size) this.#canPeek(position, needed);
    this.#peek.end = position + needed;
    return this.#checkRead(this.chunk.size);
  }

  #findInContent(position: number): Found {
    this.#findStart(position);
    if (this.#portions !== null) {
      this.#reach(this.chunk, position, position + this.#sizeAt());
    }
    return this.#trusted ? "found" : this.#checkRead(this.size);
  }

  /** @param end of what was read */
  #checkRead(end: number): Found {
    const record = this.#record;
    const { chunk, at } = this;
    const isIntact = record.read(chunk, at, end) === RecordFault.None &&
      this.#hash.isIntactIn(this.key, chunk, at, record.size);
    return isIntact ? "found" : "damaged";
  }

  /** Only the fixed fields of a record. @throws DiskError */
  findHead(position: number): void {
    if (!this.#canPeek(position, SUBJECT_AT)) this.#findStart(position);
    else this.#peek.end = position + this.#sizeAt();
  }

  #findStart(position: number): void {
    const chunk = this.#chunk ?? this.#begin();
    this.#reach(chunk, position, position + SUBJECT_AT);
    this.chunk = chunk;
    this.at = position;
  }

  #sizeAt(): number {
    return this.chunk.view.getUint32(this.at, true) & 0x7fff_ffff;
  }

  /**
   * Reads some bytes alone, unless one record is read after the other, or the
   * content is in memory, or it has to be read as a whole: then nothing is done.
   */
  #canPeek(position: number, size: number): boolean {
    if (this.#chunk !== null || this.compressed) return false;
    const peek = this.#peek;
    if (position === peek.end) return false;
    const bytes = peek.room(Math.min(size, this.size - position));
    this.#read(bytes, position);
    this.chunk = peek.chunk;
    this.at = 0;
    return true;
  }

  // Letting go

  /** Forgets what is in the file too. @returns memory that is free by that */
  unload(): Chunk | null {
    if (this.pending > 0 || this.holders > 0) return null;
    const chunk = this.#chunk;
    this.#chunk = null;
    this.#portions = null;
    this.#peek = new RecordPeek();
    this.chunk = this.#peek.chunk;
    return chunk;
  }

  /** Closes the file until it is needed again. */
  close(): void {
    this.#file.close();
  }

  /** Nobody will ask for it any more. */
  abandon(): void {
    this.#window.drop();
    this.close();
  }

  /** @throws DiskError */
  remove(): void {
    this.#window.drop();
    this.#chunk = null;
    this.#portions = null;
    this.#file.remove();
  }
}

/**
 * `index.db`: what a store knows of its blocks and subjects, so that opening
 * need not read all messages. Numbers are varints, times signed ones:
 *
 * ```
 * u8 11, u8 version,
 * messages, bytes, first sequence, first time, last sequence, last time,
 * subjects, then per subject:
 *   length, subject, messages, first block, last block
 * blocks, then per block:
 *   number, bytes, first sequence, first time - that of the stream,
 *   last sequence, last time - first time of the stream, deleted,
 *   messages with TTL, message schedules, set of the deleted if there are any
 * number of the last block, the last 8 bytes of that block
 * ```
 *
 * Version 1 has neither TTLs nor schedules, 2 no schedules, and before 4 a
 * subject with one message has no last block. On disk the whole is encrypted,
 * if the stream is, and followed by a checksum.
 *
 * Both directions go piece by piece, so that millions of subjects neither have
 * to be collected nor done in one go.
 *
 * @module
 */

import { isValidTextSubject } from "../../subject/mod.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { CORRUPT_STATE } from "./decode_error.ts";
import { CHECKSUM_SIZE } from "./highwayhash.ts";
import type { SequenceSet } from "./sequence_set.ts";
import { decodeSequenceSet, encodeSequenceSet } from "./sequence_set_codec.ts";

const MAGIC = 11;
const VERSION = 4;
const VERSION_WITH_TTLS = 2;
const VERSION_WITH_SCHEDULES = 3;
const VERSION_WITH_LAST_BLOCK = 4;
const U32_MAX = 0xffff_ffff;

/** What the index says of the whole stream. */
export interface IndexedStream {
  readonly messages: number;
  readonly bytes: number;
  readonly firstSequence: number;
  /** 0n when there is no message. */
  readonly firstTime: bigint;
  readonly lastSequence: number;
  /** 0n when there never was one. */
  readonly lastTime: bigint;
}

/** What the index says of a subject. */
export interface IndexedSubject {
  /** Byte string. */
  readonly subject: string;
  readonly messages: number;
  /** Number of the first block with a message of it. */
  readonly firstBlock: number;
  readonly lastBlock: number;
}

/** What the index says of a block. */
export interface IndexedBlock {
  readonly number: number;
  /** Of its messages, without the deleted ones. */
  readonly bytes: number;
  readonly firstSequence: number;
  readonly firstTime: bigint;
  readonly lastSequence: number;
  readonly lastTime: bigint;
  /** Null when there are none. */
  readonly deleted: SequenceSet | null;
  /** Messages with a time to live. */
  readonly ttls: number;
  /** Messages that schedule others. */
  readonly schedules: number;
}

/** The block that was written last, and how it ended. */
export interface IndexedEnd {
  readonly block: number;
  /** The checksum of its last record. */
  readonly checksum: Uint8Array;
}

/** Writes an index: the subjects that were announced, the blocks, the end. */
export class IndexWriter {
  readonly #out: ByteWriter;
  readonly #baseTime: bigint;

  /** @param expected about how many bytes there will be */
  constructor(stream: IndexedStream, subjects: number, expected?: number) {
    const out = this.#out = new ByteWriter(expected);
    this.#baseTime = stream.firstTime;
    out.u8(MAGIC);
    out.u8(VERSION);
    out.uvarint(stream.messages);
    out.uvarint(stream.bytes);
    out.uvarint(stream.firstSequence);
    out.varint64(stream.firstTime);
    out.uvarint(stream.lastSequence);
    out.varint64(stream.lastTime);
    out.uvarint(subjects);
  }

  subject(
    subject: string,
    messages: number,
    firstBlock: number,
    lastBlock: number,
  ): void {
    const out = this.#out;
    out.uvarint(subject.length);
    out.text(subject);
    out.uvarint(messages);
    out.uvarint(firstBlock);
    out.uvarint(lastBlock);
  }

  /** Announces how many blocks follow. */
  blocks(count: number): void {
    this.#out.uvarint(count);
  }

  block(block: IndexedBlock): void {
    const out = this.#out;
    out.uvarint(block.number);
    out.uvarint(block.bytes);
    out.uvarint(block.firstSequence);
    out.varint64(block.firstTime - this.#baseTime);
    out.uvarint(block.lastSequence);
    out.varint64(block.lastTime - this.#baseTime);
    const deleted = block.deleted?.size ?? 0;
    out.uvarint(deleted);
    out.uvarint(block.ttls);
    out.uvarint(block.schedules);
    if (block.deleted !== null && deleted > 0) {
      encodeSequenceSet(block.deleted, out);
    }
  }

  /** @returns the index; neither encrypted nor with a checksum */
  end(end: IndexedEnd): Uint8Array {
    this.#out.uvarint(end.block);
    this.#out.put(end.checksum);
    return this.#out.written;
  }
}

/**
 * Reads an index: subjects until there are none, blocks until there are none,
 * then the end. Everything may throw a `DecodeError`.
 */
export class IndexReader {
  readonly stream: IndexedStream;
  readonly #reader: ByteReader;
  readonly #version: number;
  #subjectsLeft: number;
  /** Unknown before the last subject has been read. */
  #blocksLeft = -1;

  /** @param index decrypted and without its checksum */
  constructor(index: Uint8Array) {
    const reader = this.#reader = new ByteReader(index, CORRUPT_STATE);
    reader.expect(reader.u8() === MAGIC);
    this.#version = reader.u8();
    reader.expect(this.#version >= 1 && this.#version <= VERSION);
    this.stream = {
      messages: reader.uvarint(),
      bytes: reader.uvarint(),
      firstSequence: reader.uvarint(),
      firstTime: reader.varint64(),
      lastSequence: reader.uvarint(),
      lastTime: reader.varint64(),
    };
    this.#subjectsLeft = this.#count();
  }

  /** Where the name of the last subject starts. */
  subjectAt = 0;

  /** The next subject, or null. */
  nextSubject(): IndexedSubject | null {
    const reader = this.#reader;
    while (this.#subjectsLeft > 0) {
      this.#subjectsLeft--;
      const size = reader.uvarint();
      if (size === 0) continue;
      this.subjectAt = reader.position;
      const subject = reader.text(size);
      reader.expect(isValidTextSubject(subject));
      const messages = reader.uvarint();
      const firstBlock = this.#blockNumber();
      const hasLast = messages > 1 || this.#version >= VERSION_WITH_LAST_BLOCK;
      const lastBlock = hasLast ? this.#blockNumber() : firstBlock;
      return { subject, messages, firstBlock, lastBlock };
    }
    if (this.#blocksLeft < 0) this.#blocksLeft = this.#count();
    return null;
  }

  /** The next block, or null. All subjects have been read. */
  nextBlock(): IndexedBlock | null {
    if (this.#blocksLeft <= 0) return null;
    this.#blocksLeft--;
    const reader = this.#reader;
    const baseTime = this.stream.firstTime;
    const number = this.#blockNumber();
    const bytes = reader.uvarint();
    const firstSequence = reader.uvarint();
    const firstTime = BigInt.asIntN(64, reader.varint64() + baseTime);
    const lastSequence = reader.uvarint();
    const lastTime = BigInt.asIntN(64, reader.varint64() + baseTime);
    const hasDeleted = reader.uvarint() > 0;
    const version = this.#version;
    const ttls = version >= VERSION_WITH_TTLS ? reader.uvarint() : 0;
    const schedules = version >= VERSION_WITH_SCHEDULES ? reader.uvarint() : 0;
    const deleted = hasDeleted ? decodeSequenceSet(reader) : null;
    return {
      number,
      bytes,
      firstSequence,
      firstTime,
      lastSequence,
      lastTime,
      deleted,
      ttls,
      schedules,
    };
  }

  /** What follows the last block. */
  end(): IndexedEnd {
    return {
      block: this.#blockNumber(),
      checksum: this.#reader.take(CHECKSUM_SIZE),
    };
  }

  /** How many of something follow; each takes a byte at least. */
  #count(): number {
    const count = this.#reader.uvarint();
    this.#reader.expect(count <= this.#reader.left);
    return count;
  }

  #blockNumber(): number {
    const number = this.#reader.uvarint();
    this.#reader.expect(number <= U32_MAX);
    return number;
  }
}

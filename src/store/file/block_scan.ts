/**
 * Finds all intact records of a block, whatever happened to the others.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { Chunk } from "../../protocol/mod.ts";
import {
  type HashKey,
  HighwayHash,
  RecordFault,
  RecordKind,
  RecordView,
} from "../format/mod.ts";
import { SubjectCheck } from "./subject_check.ts";

/** How far the sequences of one block may be from its first. */
const SPREAD = 2 ** 40;
/** Bytes between two rests. */
const PORTION = 256 * 1024;

/** A stretch of a block that is not made of intact records. */
export interface Damage {
  readonly start: number;
  readonly end: number;
  readonly fault: RecordFault;
}

/** Told about each intact record, in the order in which they stand. */
export type RecordVisitor = (
  chunk: Chunk,
  at: number,
  record: RecordView,
) => void;

/** Looks through blocks; one for any number of them. */
export class BlockScanner {
  readonly #hash: HighwayHash;
  /** Memory in which whole blocks are hashed at once. */
  #room: HighwayHash | null = null;
  readonly #roomSize: number;
  readonly #record = new RecordView();
  readonly #subjects = new SubjectCheck();
  #end = 0;
  /** Highest sequence of the records that were visited. */
  #highest = 0;

  /** @param roomSize blocks up to this size are checked fast */
  constructor(hash: HighwayHash, roomSize: number) {
    this.#hash = hash;
    this.#roomSize = roomSize;
  }

  /**
   * Visits the records of `contents` from `from` on, up to the first that is
   * not intact; rests now and then.
   * @returns where it is, and where intact ones follow; null when all are
   */
  scan(
    key: HashKey,
    contents: Uint8Array,
    from: number,
    visit: RecordVisitor,
  ): Work<Damage | null> {
    const chunk = this.#lay(contents);
    return this.#scan(key, chunk, contents.length, from, visit);
  }

  /**
   * Visits all intact records of the first `size` bytes of `chunk`.
   * @param damaged told of everything else
   * @returns whether there is nothing else
   */
  *scanAll(
    key: HashKey,
    chunk: Chunk,
    size: number,
    visit: RecordVisitor,
    damaged: (damage: Damage) => void = () => {},
  ): Work<boolean> {
    let damage = yield* this.#scan(key, chunk, size, 0, visit);
    const isIntact = damage === null;
    while (damage !== null) {
      damaged(damage);
      if (damage.end >= size) break;
      damage = yield* this.#scan(key, chunk, size, damage.end, visit);
    }
    return isIntact;
  }

  /**
   * Verifies the records of the first `size` bytes of `chunk` from `from` on.
   * @returns where the first is that is not intact, or not whole
   */
  verify(key: HashKey, chunk: Chunk, from: number, size: number): number {
    const record = this.#record;
    let at = from;
    for (; at < size; at += record.size) {
      const isIntact = record.read(chunk, at, size) === RecordFault.None &&
        this.#hash.isIntactIn(key, chunk, at, record.size) &&
        this.#isSound(chunk);
      if (!isIntact) break;
    }
    return at;
  }

  /**
   * Whether a block consists of records with the right checksums, as it does
   * when all of it has been written; what they say is not looked at.
   */
  *isWhole(key: HashKey, contents: Uint8Array): Work<boolean> {
    const chunk = this.#lay(contents);
    const size = contents.length;
    for (let at = 0; at < size; at = this.#end) {
      const fault = this.#verify(key, chunk, at, size);
      if (fault !== RecordFault.None) return false;
      yield;
    }
    return true;
  }

  /** What is scanned next has sequences above `highest`, as far as it goes. */
  continueBehind(highest: number): void {
    this.#highest = highest;
  }

  *#scan(
    key: HashKey,
    chunk: Chunk,
    size: number,
    from: number,
    visit: RecordVisitor,
  ): Work<Damage | null> {
    const record = this.#record;
    let fault: RecordFault = RecordFault.None;
    if (from === 0) this.#highest = 0;
    let at = from;
    while (at < size && fault === RecordFault.None) {
      fault = this.#verify(key, chunk, at, size);
      for (const end = this.#end; at < end; at += record.size) {
        // Checksums say nothing about the lengths of subject and header.
        const found = record.read(chunk, at, size);
        if (found !== RecordFault.None || !this.#isSound(chunk)) {
          fault = found === RecordFault.None ? RecordFault.Lengths : found;
          break;
        }
        const { sequence, kind } = record;
        if (kind !== RecordKind.Tombstone && sequence > this.#highest) {
          this.#highest = sequence;
        }
        visit(chunk, at, record);
      }
      yield;
    }
    if (at >= size) return null;
    const end = this.#resume(key, chunk, at + 1, size, this.#highest);
    return { start: at, end, fault };
  }

  /** Where a block is best read to: it need not be copied from there. */
  get room(): Uint8Array {
    this.#room ??= new HighwayHash(this.#roomSize);
    return this.#room.room.bytes;
  }

  /** Gives up the memory for whole blocks. */
  release(): void {
    this.#room = null;
  }

  #lay(contents: Uint8Array): Chunk {
    if (contents.length > this.#roomSize) return Chunk.of(contents);
    const { room } = this;
    const isThere = contents.buffer === room.buffer &&
      contents.byteOffset === room.byteOffset;
    if (!isThere) room.set(contents);
    return this.#room?.room ?? Chunk.of(contents);
  }

  /** Sets `#end` behind a portion of the intact records from `at` on. */
  #verify(key: HashKey, chunk: Chunk, at: number, size: number): RecordFault {
    const room = this.#room;
    const until = Math.min(size, at + PORTION);
    if (room?.room === chunk) {
      const fault = room.verifyRecords(key, at, until, size);
      this.#end = room.verifiedEnd;
      return fault;
    }
    const record = this.#record;
    for (this.#end = at; this.#end < until; this.#end += record.size) {
      const fault = record.read(chunk, this.#end, size);
      if (fault !== RecordFault.None) return fault;
      if (!this.#hash.isIntactIn(key, chunk, this.#end, record.size)) {
        return RecordFault.Checksum;
      }
    }
    return RecordFault.None;
  }

  /** Whether the record read last has a subject, if it should have one. */
  #isSound(chunk: Chunk): boolean {
    return this.#record.kind !== RecordKind.Message ||
      this.#subjects.isValid(chunk, this.#record);
  }

  /** Where the next intact record is; `size` when there is none. */
  #resume(
    key: HashKey,
    chunk: Chunk,
    from: number,
    size: number,
    highest: number,
  ): number {
    const record = this.#record;
    const hash = this.#room?.room === chunk ? this.#room : this.#hash;
    for (let at = from; at < size; at++) {
      if (record.read(chunk, at, size) !== RecordFault.None) continue;
      // Hashing whatever looks like a length would take for ever.
      const { sequence, kind } = record;
      if (sequence > highest + SPREAD || !this.#isSound(chunk)) continue;
      if (kind === RecordKind.Message && sequence <= highest) continue;
      if (hash.isIntactIn(key, chunk, at, record.size)) return at;
    }
    return size;
  }
}

/**
 * Finds out what a digest says of a block, from its records and from what is
 * known of its messages.
 *
 * @module
 */

import type { Chunk } from "../../protocol/mod.ts";
import {
  DigestWriter,
  EMPTY_RECORD_SIZE,
  RecordFault,
  RecordKind,
  recordLength,
  recordSequence,
  recordTimeHigh,
  recordTimeLow,
  RecordView,
} from "../format/mod.ts";
import type { MessageLog } from "../messages/mod.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";

/** Records, and pages of the index, between two rests. */
const RECORDS = 16 * 1024;
const PAGES = 32;

/** Of one block, which must stay in memory meanwhile. */
export class BlockReading {
  readonly #log: MessageLog;
  readonly #block: FileBlock;
  readonly #chunk: Chunk;
  readonly #size: number;
  /** Where the sequences of the next block start. */
  readonly #until: number;
  readonly #writer: DigestWriter;
  readonly #record = new RecordView();
  /** Numbers of subjects in the digest, plus one, by their ids. */
  readonly #numbers: Uint32Array;
  /** Messages and their bytes at first. */
  readonly #live: number;
  readonly #liveBytes: number;
  /**
   * Whether it was written here and consists of messages that are all there, so
   * that the index tells everything.
   */
  readonly isPlain: boolean;
  #at = 0;
  /** Where to go on in the index. */
  #next: number;
  /** The message that ends where the next one begins. */
  #sequence = 0;
  #position = 0;
  #id = 0;
  #isSound = true;
  #bytes = 0;
  #highest = 0;
  /** The last sequence of records other than tombstones. */
  #last: number;
  #end = 0;
  #marked = false;
  /** The record that tells when that was; -1: none. */
  #timed = -1;

  /** @throws DiskError */
  constructor(log: MessageLog, { blocks }: FileEngine, block: FileBlock) {
    this.#log = log;
    this.#block = block;
    this.#chunk = block.load();
    this.#size = block.size;
    this.#until = blocks.all[blocks.all.indexOf(block) + 1]?.base ?? 0;
    this.#writer = new DigestWriter(block.base, block.live);
    this.#numbers = new Uint32Array(log.subjects.idsEnd);
    this.#live = block.live;
    this.#liveBytes = block.liveBytes;
    this.#last = block.base - 1;
    this.isPlain = block.isTrusted && block.live > 0 &&
      block.liveBytes === block.size;
    this.#next = block.base;
  }

  get isDone(): boolean {
    return !this.#isSound || this.#at >= this.#size;
  }

  /** Looks at some messages. */
  some(): void {
    if (this.isPlain) this.#someKnown();
    else this.#someRecords();
  }

  #someKnown(): void {
    const { index } = this.#log;
    this.#next = index.visit(this.#next, this.#until, PAGES, this.#meet);
    if (this.#next < this.#until) return;
    this.#meet(this.#until, this.#size, 0);
    this.#last = this.#end = this.#highest;
    this.#timed = index.position(this.#highest);
    this.#at = this.#size;
  }

  /** Takes note of the message in front of this one. */
  readonly #meet = (sequence: number, position: number, id: number): void => {
    if (this.#sequence > 0) {
      const size = position - this.#position;
      const number = this.#numbers[this.#id] ||
        this.#newNumber(this.#id, this.#position);
      if (size < EMPTY_RECORD_SIZE) this.#isSound = false;
      else {
        this.#writer.message(
          this.#sequence,
          this.#position,
          size,
          number - 1,
        );
      }
      this.#highest = this.#sequence;
      this.#bytes += size;
    }
    this.#sequence = sequence;
    this.#position = position;
    this.#id = id;
  };

  #someRecords(): void {
    const chunk = this.#chunk;
    const size = this.#size;
    let at = this.#at;
    for (let i = 0; i < RECORDS && at < size && this.#isSound; i++) {
      const length = recordLength(chunk, at);
      if (length < EMPTY_RECORD_SIZE || at + length > size) {
        this.#isSound = false;
        break;
      }
      // Of other records, it is beyond all sequences.
      const sequence = recordSequence(chunk, at);
      if (sequence <= Number.MAX_SAFE_INTEGER) {
        if (sequence > this.#last) this.#last = sequence;
        if (sequence >= this.#end) {
          this.#end = sequence;
          this.#marked = false;
          this.#timed = at;
        }
        this.#message(sequence, at, length);
      } else this.#other(at);
      at += length;
    }
    this.#at = at;
  }

  #message(sequence: number, at: number, size: number): void {
    const { index } = this.#log;
    if (sequence < this.#block.base || sequence >= this.#until) return;
    if (!index.seek(sequence)) return this.#writer.deleted(sequence, at);
    if (index.foundPosition !== at) return;
    if (sequence <= this.#highest) this.#isSound = false;
    this.#highest = sequence;
    this.#bytes += size;
    const id = index.foundSubject;
    const number = this.#numbers[id] || this.#newNumber(id, at);
    this.#writer.message(sequence, at, size, number - 1);
  }

  /** Takes note of a record that is no message. */
  #other(at: number): void {
    const record = this.#record;
    const chunk = this.#chunk;
    if (record.read(chunk, at, this.#size) !== RecordFault.None) {
      this.#isSound = false;
    }
    const { kind, sequence } = record;
    const isTombstone = kind === RecordKind.Tombstone;
    if (isTombstone) this.#writer.tombstone(sequence);
    else if (sequence > this.#last) this.#last = sequence;
    if (sequence < this.#end) return;
    this.#end = sequence;
    this.#marked = isTombstone;
    const isErased = !isTombstone && recordTimeHigh(chunk, at) === 0 &&
      recordTimeLow(chunk, at) === 0;
    if (!isErased) this.#timed = at;
  }

  /** The number of a subject that the digest does not name yet, plus one. */
  #newNumber(id: number, at: number): number {
    const record = this.#record;
    const fault = record.read(this.#chunk, at, this.#size);
    if (fault !== RecordFault.None || !this.#isNameOf(id)) {
      this.#isSound = false;
    }
    const { subjectStart, subjectEnd } = record;
    const { bytes } = this.#chunk;
    return this.#numbers[id] =
      this.#writer.subject(bytes, subjectStart, subjectEnd) + 1;
  }

  /** Whether the subject of the record is the one with that id. */
  #isNameOf(id: number): boolean {
    const { subjectStart, subjectEnd } = this.#record;
    const { subjects } = this.#log;
    return this.#block.isTrusted
      ? subjects.nameSize(id) === subjectEnd - subjectStart
      : subjects.findBytes(this.#chunk, subjectStart, subjectEnd) === id;
  }

  /** The body of the digest; null: something is not as it should be. */
  end(): Uint8Array | null {
    const { live, liveBytes, isTrusted, compressed, base } = this.#block;
    const { count } = this.#writer;
    const timed = this.#timed;
    const isWhole = this.#isSound && count <= this.#live &&
      this.#bytes <= this.#liveBytes && count >= live &&
      this.#bytes >= liveBytes;
    // Of what was read from the disk, some may be damaged.
    const isExact = live === this.#live && count === live &&
      this.#bytes === liveBytes;
    const needsExact = this.isPlain || !isTrusted;
    if (!isWhole || needsExact && !isExact) return null;
    return this.#writer.end({
      compressed,
      size: this.#size,
      base,
      last: this.#last,
      end: this.#end,
      marked: this.#marked,
      high: timed < 0 ? 0 : recordTimeHigh(this.#chunk, timed),
      low: timed < 0 ? 0 : recordTimeLow(this.#chunk, timed),
    });
  }
}

/**
 * Finds out what a digest says of a block, from its records and from what is
 * known of its messages.
 *
 * @module
 */

import type { Chunk } from "../../protocol/mod.ts";
import {
  DigestWriter,
  RecordFault,
  RecordKind,
  recordTimeHigh,
  recordTimeLow,
  RecordView,
} from "../format/mod.ts";
import type { MessageLog } from "../messages/mod.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";

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
  #at = 0;
  #isSound = true;
  #bytes = 0;
  #highest = 0;
  /** The last sequence of records other than tombstones. */
  #last: number;
  #end = 0;
  #marked = false;
  #high = 0;
  #low = 0;

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
  }

  get isDone(): boolean {
    return !this.#isSound || this.#at >= this.#size;
  }

  /** Reads some records. */
  some(records: number): void {
    const chunk = this.#chunk;
    const size = this.#size;
    const record = this.#record;
    let at = this.#at;
    for (let i = 0; i < records && at < size && this.#isSound; i++) {
      if (record.read(chunk, at, size) !== RecordFault.None) {
        this.#isSound = false;
        break;
      }
      const { kind, sequence } = record;
      if (sequence >= this.#end) this.#noteEnd(at);
      if (kind === RecordKind.Tombstone) this.#writer.tombstone(sequence);
      else {
        if (sequence > this.#last) this.#last = sequence;
        if (kind === RecordKind.Message) this.#message(at);
      }
      at += record.size;
    }
    this.#at = at;
  }

  #noteEnd(at: number): void {
    const { kind, sequence } = this.#record;
    const high = recordTimeHigh(this.#chunk, at);
    const low = recordTimeLow(this.#chunk, at);
    this.#end = sequence;
    this.#marked = kind === RecordKind.Tombstone;
    // Erased records tell no time.
    if (kind === RecordKind.NoMessage && high === 0 && low === 0) return;
    this.#high = high;
    this.#low = low;
  }

  #message(at: number): void {
    const { index } = this.#log;
    const { sequence, size, subjectStart, subjectEnd } = this.#record;
    const isThere = sequence >= this.#block.base && sequence < this.#until &&
      index.position(sequence) === at;
    if (!isThere) return;
    const id = index.subject(sequence);
    let number = this.#numbers[id] ?? 0;
    if (number === 0) {
      if (!this.#isNameOf(id)) {
        this.#isSound = false;
        return;
      }
      const { bytes } = this.#chunk;
      number = this.#writer.subject(bytes, subjectStart, subjectEnd) + 1;
      this.#numbers[id] = number;
    }
    if (sequence <= this.#highest) this.#isSound = false;
    this.#highest = sequence;
    this.#bytes += size;
    this.#writer.message(sequence, at, size, number - 1);
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
    const isWhole = this.#isSound && count <= this.#live &&
      this.#bytes <= this.#liveBytes && count >= live &&
      this.#bytes >= liveBytes;
    // Of what was read from the disk, some may be damaged.
    const isExact = live === this.#live && count === live &&
      this.#bytes === liveBytes;
    if (!isWhole || !(isTrusted || isExact)) return null;
    return this.#writer.end({
      compressed,
      size: this.#size,
      base,
      last: this.#last,
      end: this.#end,
      marked: this.#marked,
      high: this.#high,
      low: this.#low,
    });
  }
}

/**
 * What is found out about a stream while its blocks are looked at.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Chunk } from "../../protocol/mod.ts";
import {
  type BlockDigest,
  CHECKSUM_SIZE,
  type DigestedMessages,
  type IndexedStream,
  RecordKind,
  recordTimeHigh,
  recordTimeLow,
  type RecordView,
  timeHigh,
  timeLow,
} from "../format/mod.ts";
import type { Tombstone } from "./block_walk.ts";
import type { DigestedBlock } from "./digested_block.ts";
import type { FileBlock } from "./file_block.ts";
import type { KnownState } from "./known_state.ts";
import { Gaps, LOST_MAX } from "./losses.ts";
import type { PriorBlock, PriorIndex } from "./prior_index.ts";

/** Takes what is found. */
export interface RecoveryVisitor {
  /** What was known without reading blocks; told first, if at all. */
  known(state: KnownState): Work<void>;
  /** A message, in ascending order. */
  message(chunk: Chunk, at: number, record: RecordView): void;
  /** Messages, like the others, that were not read. */
  digested(digest: BlockDigest, messages: DigestedMessages): Work<void>;
}

/** The end of what was found. */
export interface RecoveredEnd {
  readonly last: number;
  readonly high: number;
  readonly low: number;
}

/** Of one stream. */
export class Findings {
  readonly blocks: FileBlock[] = [];
  /** Sequences that were deleted after they were stored. */
  readonly tombstones = new Set<number>();
  /** What the index says, if there is one. */
  prior: PriorIndex | null = null;
  /** Whether anything was found that the index does not know. */
  hasNews = true;
  /** Bytes that belong to no intact record. */
  damagedBytes = 0;
  /** Highest sequence that has a record; messages below are repetitions. */
  recorded = 0;
  readonly #gaps = new Gaps();
  /** Records of which only the index says that they were deleted. */
  readonly #unmarked: Tombstone[] = [];
  /** The same of blocks that were not read: sequences and positions. */
  readonly #unread: number[] = [];
  #last = 0;
  /** The last sequence that the blocks tell of. */
  #found = 0;
  #high = 0;
  #low = 0;

  get end(): RecoveredEnd {
    return { last: this.#last, high: this.#high, low: this.#low };
  }

  setEnd({ lastSequence, lastTime }: IndexedStream): void {
    this.#last = lastSequence;
    this.#high = timeHigh(lastTime);
    this.#low = timeLow(lastTime);
  }

  /** The next records are damaged, and may have been of messages. */
  openGap(damagedBytes: number): void {
    this.damagedBytes += damagedBytes;
    this.#gaps.open(this.recorded + 1);
  }

  /** Takes note of a record of `block`. @param known what the index says of it */
  take(
    chunk: Chunk,
    at: number,
    record: RecordView,
    block: FileBlock,
    known: PriorBlock | null,
    visit: RecoveryVisitor,
  ): void {
    const { kind, sequence } = record;
    if (kind === RecordKind.Tombstone) {
      this.tombstones.add(sequence);
      block.tombstones++;
    }
    if (sequence >= this.#last) {
      const high = recordTimeHigh(chunk, at);
      const low = recordTimeLow(chunk, at);
      const isErased = kind === RecordKind.NoMessage && high === 0 && low === 0;
      this.#last = sequence;
      if (!isErased) [this.#high, this.#low] = [high, low];
      if (kind === RecordKind.Tombstone) block.marked = sequence;
    }
    if (kind === RecordKind.Tombstone || sequence <= this.recorded) return;
    this.#gaps.close(sequence);
    this.recorded = sequence;
    if (block.last < block.base) block.base = sequence;
    block.last = sequence;
    if (kind === RecordKind.NoMessage) return;
    if (known?.isDeleted(sequence)) {
      const high = recordTimeHigh(chunk, at);
      this.#unmarked.push([sequence, high, recordTimeLow(chunk, at)]);
      return;
    }
    block.live++;
    block.liveBytes += record.size;
    visit.message(chunk, at, record);
  }

  /** Takes note of all that a digest says of a block. */
  *takeDigest(
    { block, digest }: DigestedBlock,
    messages: DigestedMessages,
    visit: RecoveryVisitor,
  ): Work<void> {
    for (const each of digest.tombstones) this.tombstones.add(each);
    for (const each of digest.deleted) this.#unread.push(each);
    if (digest.end >= this.#last) {
      const { end, high, low, marked } = digest;
      this.#last = end;
      if (high !== 0 || low !== 0) [this.#high, this.#low] = [high, low];
      if (marked) block.marked = end;
    }
    if (block.last >= block.base) {
      this.#gaps.close(block.base);
      this.recorded = block.last;
    }
    const known = this.prior?.block(block.number);
    if (known?.hasDeleted) {
      messages.filter((sequence, position) => {
        const isDeleted = known.isDeleted(sequence);
        if (isDeleted) this.#unread.push(sequence, position);
        return !isDeleted;
      });
      yield;
    }
    const { count, sizes } = messages;
    for (let i = 0; i < count; i++) block.liveBytes += sizes[i] ?? 0;
    block.live = count;
    yield* visit.digested(digest, messages);
    this.blocks.push(block);
  }

  /**
   * The index may know of a later end than the blocks show.
   * @param syncAlways whether acknowledgements wait until all is durable
   */
  applyPrior(syncAlways: boolean): void {
    const stream = this.prior?.stream;
    this.#found = this.#last;
    if (stream === undefined || stream.lastSequence <= this.#last) return;
    // What was not durable was not acknowledged then.
    if (!syncAlways) this.#gaps.add(this.recorded + 1, stream.lastSequence);
    this.setEnd(stream);
  }

  /**
   * Sequences that were there and can't be given back.
   * @param found messages that are there
   * @param has whether a message is
   */
  lostSequences(
    found: number,
    has: (sequence: number) => boolean,
  ): readonly number[] {
    const lost: number[] = [];
    if (found !== this.prior?.stream.messages && this.#isMatched) {
      for (const at of this.prior?.messages() ?? []) {
        if (!has(at) && !this.tombstones.has(at)) lost.push(at);
        // An index may claim anything.
        if (lost.length > LOST_MAX) break;
      }
    }
    for (const at of this.#gaps.sequences(this.#last, has)) {
      const deleted = has(at) || this.tombstones.has(at) ||
        this.#wasDeleted(at);
      if (!deleted) lost.push(at);
    }
    return [...new Set(lost)].sort((a, b) => a - b);
  }

  /** Whether the index was written after the last change of the blocks. */
  get #isMatched(): boolean {
    const { prior } = this;
    const tail = this.blocks.at(-1);
    if (prior === null || tail === undefined) return false;
    const { block, checksum } = prior.end;
    if (block !== tail.number) return false;
    if (tail.size < CHECKSUM_SIZE) return tail.size === 0;
    const { bytes } = tail.load();
    return checksum.every((byte, i) =>
      byte === bytes[tail.size - CHECKSUM_SIZE + i]
    );
  }

  #wasDeleted(sequence: number): boolean {
    const { prior } = this;
    if (prior === null || sequence > prior.stream.lastSequence) return false;
    for (const [number, block] of prior.blocks) {
      const { firstSequence, lastSequence } = block;
      if (sequence < firstSequence || sequence > lastSequence) continue;
      return prior.block(number).isDeleted(sequence);
    }
    return true;
  }

  /**
   * Deleted messages whose tombstones may have been among what was damaged.
   */
  get unmarked(): readonly Tombstone[] {
    if (this.#gaps.isEmpty) return [];
    const marked = this.tombstones;
    const read = this.#unmarked.filter(([each]) => !marked.has(each));
    return [...read, ...this.#readUnmarked()];
  }

  *#readUnmarked(): Iterable<Tombstone> {
    for (let i = 0; i < this.#unread.length; i += 2) {
      const sequence = this.#unread[i] ?? 0;
      if (this.tombstones.has(sequence)) continue;
      const block = this.blocks.findLast(({ base }) => base <= sequence);
      // What has gone meanwhile needs no tombstones.
      if (block === undefined || block.gone) continue;
      block.findHead(this.#unread[i + 1] ?? 0);
      const { chunk, at } = block;
      yield [sequence, recordTimeHigh(chunk, at), recordTimeLow(chunk, at)];
    }
  }

  /** Whether the blocks themselves tell where the stream ends. */
  get isEndKnown(): boolean {
    return this.#last === this.#found;
  }
}

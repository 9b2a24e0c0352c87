/**
 * Records in files of blocks.
 *
 * @module
 */

import { Chunk, EMPTY_CHUNK } from "../../protocol/mod.ts";
import { BlockList } from "../block_list.ts";
import type { LostMessages, MessageBody } from "../contract.ts";
import { type Engine, Removal } from "../engine.ts";
import {
  EMPTY_RECORD_SIZE,
  eraseRecord,
  isMessage,
  RECORD_SIZE_MAX,
  RecordKind,
  recordLength,
  recordSize,
  recordTime,
  recordTimeHigh,
  recordTimeLow,
} from "../format/mod.ts";
import { sizeOfMessage } from "../record_writer.ts";
import type { BlockFiles } from "./block_files.ts";
import type { EngineParts } from "./engine_parts.ts";
import { BlockMemory } from "./block_memory.ts";
import { BlockWalker, type Tombstone } from "./block_walk.ts";
import { FileBlock } from "./file_block.ts";
import { withLost } from "./losses.ts";
import { Tombstones } from "./tombstones.ts";

/** Skipping more sequences than this starts a new block. */
const SKIP_MAX = 64 * 1024;

/** Larger blocks are not looked through for tombstones in one go, bytes. */
const LOOKED_THROUGH_AT_ONCE = 128 * 1024;

/** Writes to the last block, reads from all. */
export class FileEngine implements Engine {
  readonly messageSize = recordSize;
  readonly messageSizeMax = RECORD_SIZE_MAX;
  readonly blocks: BlockList<FileBlock> = new BlockList();
  readonly memory: BlockMemory = new BlockMemory(() => this.blocks.all);
  lost: LostMessages | null = null;
  chunk: Chunk = EMPTY_CHUNK;
  at = 0;
  /** Blocks whose files may go once what is written by now is durable. */
  readonly doomed: FileBlock[] = [];
  /** Whether files have come or gone since the directory was made durable. */
  namesChanged = false;
  /** Whether blocks have gone, so that tombstones may not be needed any more. */
  blocksRemoved = false;
  /** Whether anything has changed since the index was written. */
  changed = false;
  readonly #parts: EngineParts;
  readonly walker: BlockWalker;
  readonly tombstones: Tombstones;
  #failure: Error | null = null;
  /** The last sequence of the stream and its time. */
  #last = 0;
  #high = 0;
  #low = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.walker = new BlockWalker(parts.hash, parts.damaged);
    this.tombstones = new Tombstones(this.walker, this.blocks, this.doomed);
  }

  /** The end of the stream. */
  get lastSequence(): number {
    return this.#last;
  }

  get totalBytes(): number {
    return this.blocks.all.reduce((sum, { size }) => sum + size, 0);
  }

  checkWritable(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Nothing can be stored any more. */
  fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#parts.warn(`Critical write error: ${error.message}`);
  }

  /**
   * Where the next record goes; what was found so far ends here.
   * @param known whether the blocks tell so
   */
  startAt(last: number, high: number, low: number, known: boolean): void {
    this.#end(last, high, low);
    const tail = this.blocks.last;
    if (tail === undefined || tail.compressed) this.#roll(last + 1);
    if (!known) this.#writeTombstone(last, high, low);
    this.namesChanged = true;
    this.changed = true;
  }

  /** The index tells what there is, unless a block was begun since. */
  unchanged(): void {
    this.changed = this.blocks.last?.size === 0;
  }

  #end(last: number, high: number, low: number): void {
    this.#last = last;
    this.#high = high;
    this.#low = low;
  }

  // Writing

  append(
    sequence: number,
    high: number,
    low: number,
    subject: string,
    body: MessageBody,
  ): number {
    const size = sizeOfMessage(subject, body);
    const block = this.#tail(size, sequence);
    block.used = this.memory.now;
    const at = block.append(size, sequence, high, low, subject, body);
    this.#end(sequence, high, low);
    this.changed = true;
    return at;
  }

  skip(first: number, last: number, high: number, low: number): void {
    let block = this.#tail(EMPTY_RECORD_SIZE, first);
    if (last - first >= SKIP_MAX && block.live > 0) block = this.#roll(first);
    block.appendEmpty(RecordKind.NoMessage, last, high, low);
    block.last = last;
    this.#end(last, high, low);
    this.changed = true;
  }

  /** The block for a record of `size` bytes. @param next sequence to come */
  #tail(size: number, next: number): FileBlock {
    const tail = this.blocks.last;
    if (tail === undefined) return this.#roll(next);
    const full = tail.size > 0 && tail.size + size > this.#parts.blockSize;
    return full ? this.#roll(next) : tail;
  }

  /** Starts a new block. */
  #roll(next: number, after = this.blocks.last?.number ?? 0): FileBlock {
    const full = this.blocks.last;
    return this.#guard(() => {
      full?.flush();
      const number = after + 1;
      const block = this.#createBlock(this.#parts, number, next, full);
      this.blocks.push(block);
      this.memory.loaded(block);
      this.namesChanged = true;
      if (full !== undefined) {
        this.#parts.completed(full);
        if (full.live === 0) this.#removeBlock(full);
      }
      return block;
    });
  }

  /** @param full the block before: as large a one is likely to follow */
  #createBlock(
    files: BlockFiles,
    number: number,
    base: number,
    full?: FileBlock,
  ): FileBlock {
    const block = new FileBlock(files, number, base);
    block.secret = this.#parts.secrecy.createBlock(files.directory, number);
    const { blockSize } = this.#parts;
    const isLarge = full !== undefined && 2 * full.size > blockSize;
    block.create(
      isLarge ? this.memory.take(blockSize) ?? new Chunk(blockSize) : null,
    );
    return block;
  }

  #writeTombstone(sequence: number, high: number, low: number): void {
    const block = this.#tail(EMPTY_RECORD_SIZE, this.#last + 1);
    block.appendEmpty(RecordKind.Tombstone, sequence, high, low);
    block.tombstones++;
    // It may be all that tells where the stream ends.
    if (sequence >= this.#last) block.marked = sequence;
    this.changed = true;
  }

  /** Leaves marks of messages that were deleted before. */
  markDeleted(marks: readonly Tombstone[]): void {
    for (const each of marks) this.#writeTombstone(...each);
  }

  /** Hands everything to the operating system. @throws DiskError */
  flush(): void {
    this.checkWritable();
    const tail = this.blocks.last;
    if (tail !== undefined && tail.pending > 0) this.#guard(() => tail.flush());
  }

  /** What fails here fails for good. */
  #guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  // Reading

  locate(sequence: number, position: number, subjectSize: number): boolean {
    const block = this.#blockOf(sequence);
    const wasLoaded = block.isLoaded;
    const found = block.find(position);
    if (wasLoaded !== block.isLoaded) this.memory.loaded(block);
    this.chunk = block.chunk;
    this.at = block.at;
    if (
      found === "found" && isMessage(this.chunk, this.at, sequence, subjectSize)
    ) return true;
    this.#parts.warn(`Message ${sequence} is damaged in ${block.path}`);
    this.lose([sequence], 0);
    block.damaged = true;
    this.#parts.damaged(block);
    return false;
  }

  time(sequence: number, position: number): bigint {
    const block = this.#head(sequence, position);
    return recordTime(block.chunk, block.at);
  }

  size(sequence: number, position: number): number {
    const block = this.#head(sequence, position);
    return recordLength(block.chunk, block.at);
  }

  /** The block that holds the fixed fields of a record in its chunk. */
  #head(sequence: number, position: number): FileBlock {
    const block = this.#blockOf(sequence);
    const wasLoaded = block.isLoaded;
    block.findHead(position);
    if (wasLoaded !== block.isLoaded) this.memory.loaded(block);
    return block;
  }

  #blockOf(sequence: number): FileBlock {
    const block = this.blocks.find(sequence);
    if (block === undefined) throw new Error(`no block for ${sequence}`);
    block.used = this.memory.now;
    return block;
  }

  // Removing

  remove(
    sequence: number,
    position: number,
    size: number,
    why: Removal,
  ): void {
    const block = this.#blockOf(sequence);
    this.changed = true;
    block.live--;
    block.liveBytes -= size;
    block.compact = false;
    const isTail = block === this.blocks.last;
    // It may stay for its tombstones.
    if (block.live === 0 && !isTail) {
      this.#guard(() => this.#removeBlock(block));
    }
    if (why === Removal.request && !block.gone) {
      block.findHead(position);
      const { chunk, at } = block;
      this.#writeTombstone(
        sequence,
        recordTimeHigh(chunk, at),
        recordTimeLow(chunk, at),
      );
    }
    const isSparse = !block.gone && !isTail && block.live > 0 &&
      2 * block.liveBytes < block.size;
    if (isSparse) this.#parts.sparse(block);
  }

  erase(sequence: number, position: number, size: number): void {
    const block = this.#head(sequence, position);
    const high = recordTimeHigh(block.chunk, block.at);
    const low = recordTimeLow(block.chunk, block.at);
    // First it is deleted, so that nobody misses it if this ends half way.
    this.#writeTombstone(sequence, high, low);
    const noise = new Uint8Array(size - EMPTY_RECORD_SIZE);
    this.#parts.random.fill(noise);
    this.#guard(() => this.#parts.forgetPages(block));
    const erased = new Chunk(size);
    eraseRecord(erased, 0, sequence, noise);
    this.#parts.hash.sealRecordIn(block.key, erased, 0, size);
    this.#guard(() => {
      const tail = this.blocks.last;
      tail?.flush();
      if (this.#parts.syncAlways) tail?.syncNow();
      block.overwrite(position, erased.bytes.subarray(0, size));
    });
    this.changed = true;
    block.live--;
    block.liveBytes -= size;
    block.compact = false;
  }

  blockBase(sequence: number): number {
    const home = this.blocks.find(sequence);
    if (home === undefined) return 0;
    // Blocks with tombstones may stay.
    const stays = (each: FileBlock) => each === home || each.tombstones > 0;
    return this.blocks.all.find(stays)?.base ?? home.base;
  }

  get front(): FileBlock | undefined {
    return this.blocks.all[0];
  }

  frontEnd(base: number): number {
    const begin = this.front?.base ?? 0;
    const { all } = this.blocks;
    const next = all.find((each) => each.base > begin || each.tombstones > 0);
    const isWhole = next !== undefined && next.base > begin;
    return isWhole && next.base <= base ? next.base : 0;
  }

  dropFront(base: number): number {
    let bytes = 0;
    for (const block of [...this.blocks.all]) {
      if (block.base >= base || block === this.blocks.last) break;
      bytes += block.liveBytes;
      block.live = block.liveBytes = 0;
      this.#guard(() => this.#removeBlock(block));
    }
    return bytes;
  }

  /**
   * A block without messages goes, unless somebody needs its tombstones.
   * @param unneeded whether it is known that nobody does
   */
  #removeBlock(block: FileBlock, unneeded = false): void {
    if (block.tombstones > 0 && !unneeded) {
      if (block.size > LOOKED_THROUGH_AT_ONCE) {
        // Whoever rewrites blocks looks through them in slices.
        block.compact = false;
        return this.#parts.emptied(block);
      }
      if (this.tombstones.neededIn(block).length > 0) return;
    }
    // There may be more among what is damaged.
    if (block.damaged && block !== this.blocks.all[0]) return;
    const isEnd = block.end >= this.#last && this.#last > 0;
    if (isEnd && this.#parts.positions.position(this.#last) < 0) {
      this.#writeTombstone(this.#last, this.#high, this.#low);
    }
    if (block.gone) return;
    this.blocks.delete(block);
    block.gone = true;
    this.blocksRemoved = true;
    this.changed = true;
    // Where the stream ends must be known before it goes.
    if (this.#parts.syncAlways) this.doomed.push(block);
    else {
      this.blocks.last?.flush();
      this.#drop(block);
    }
  }

  /** Removes a block none of whose tombstones is needed. @throws DiskError */
  removeEmpty(block: FileBlock): void {
    if (block.gone || block.live > 0 || block === this.blocks.last) return;
    this.#guard(() => this.#removeBlock(block, true));
  }

  /** Messages can't be given back any more. @param bytes that were damaged */
  lose(sequences: readonly number[], bytes: number): void {
    this.lost = withLost(this.lost, sequences, bytes);
  }

  #drop(block: FileBlock): void {
    block.gone = true;
    block.remove();
    this.#parts.secrecy.forget(this.#parts.directory, block.number);
    this.namesChanged = true;
  }

  /** Deletes the blocks whose tombstones are safe elsewhere by now. */
  dropDoomed(doomed: readonly FileBlock[]): void {
    for (const block of doomed) {
      const i = this.doomed.indexOf(block);
      // A purge may have taken it meanwhile.
      if (i < 0) continue;
      this.doomed.splice(i, 1);
      this.#drop(block);
    }
  }

  clear(last: number, high: number, low: number): void {
    this.#end(last, high, low);
    this.#startOver(last + 1, (fresh) => {
      if (last === 0) return;
      fresh.appendEmpty(RecordKind.Tombstone, last, high, low);
      fresh.tombstones++;
    });
  }

  keepOnly(
    sequence: number,
    high: number,
    low: number,
    subject: string,
    body: MessageBody,
  ): number {
    const size = sizeOfMessage(subject, body);
    this.#startOver(
      sequence,
      (fresh) => fresh.append(size, sequence, high, low, subject, body),
    );
    return 0;
  }

  /** Exchanges all blocks for one. @param fill writes its first records */
  #startOver(base: number, fill: (block: FileBlock) => void): void {
    this.#guard(() => {
      const number = (this.blocks.last?.number ?? 0) + 1;
      for (const block of [...this.blocks.all, ...this.doomed]) {
        block.gone = true;
        block.abandon();
      }
      this.blocks.clear();
      this.doomed.length = 0;
      const block = this.#parts.swap((directory) => {
        const fresh = this.#createBlock(
          { ...this.#parts, directory },
          number,
          base,
        );
        fill(fresh);
        fresh.flush();
        fresh.syncNow();
        fresh.close();
        return fresh;
      });
      block.movedTo(this.#parts);
      this.blocks.push(block);
      this.namesChanged = false;
    });
    this.lost = null;
    this.changed = true;
    this.chunk = EMPTY_CHUNK;
  }

  dropAbove(sequence: number, high: number, low: number): void {
    this.#guard(() => {
      this.#parts.forgetIndex();
      const home = this.blocks.find(sequence);
      const later = this.blocks.all.filter(({ base }) => base > sequence);
      const tombstones = later
        .flatMap((block) => this.tombstones.neededIn(block))
        .filter(([each]) => each < sequence);
      this.#end(sequence, high, low);
      const number = this.blocks.last?.number;
      for (const block of later) this.blocks.delete(block);
      const fresh = this.#roll(sequence + 1, number);
      for (const each of tombstones) this.#writeTombstone(...each);
      if (this.#parts.positions.position(sequence) < 0) {
        this.#writeTombstone(sequence, high, low);
      }
      this.blocks.last?.flush();
      // They may have filled more than one block.
      for (const block of this.blocks.all) {
        if (block.number >= fresh.number) block.syncNow();
        else block.endAt(sequence);
      }
      for (const block of this.blocks.all) {
        if (block.number >= fresh.number) break;
        if (block === home || block.tombstones > 0) {
          this.#parts.cutBehind(block, sequence);
        }
      }
      // Messages go before their tombstones.
      for (const block of this.doomed.splice(0)) this.#drop(block);
      for (const block of later) this.#drop(block);
      // Old messages must not come back under the sequences of new ones.
      this.#parts.disk.syncDirectory(this.#parts.directory);
    });
    this.changed = true;
  }
}

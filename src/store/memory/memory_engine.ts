/**
 * Records in blocks of memory.
 *
 * @module
 */

import { Chunk, EMPTY_CHUNK } from "../../protocol/mod.ts";
import type { Random } from "../../runtime/mod.ts";
import { BlockList } from "../block_list.ts";
import type { MessageBody } from "../contract.ts";
import type { Engine, Positions } from "../engine.ts";
import { recordTime, RecordView } from "../format/mod.ts";
import { sizeOfMessage, writeMessage } from "../record_writer.ts";
import { Window } from "../window.ts";
import { BLOCK_SIZE, type BlockSupply } from "./block_supply.ts";

/** Bytes of the first block: the next is four times larger, up to {@linkcode BLOCK_SIZE}. */
const FIRST_BLOCK = 4 * 1024;
/** What each message counts besides its bytes. */
const MESSAGE_OVERHEAD = 16;

/** Records one behind the other. */
class MemoryBlock {
  used = 0;
  /** Bytes of records whose messages are there. */
  live = 0;

  constructor(readonly base: number, public chunk: Chunk) {}
}

/** Keeps nothing over a restart. */
export class MemoryEngine implements Engine {
  readonly messageSizeMax = Infinity;
  readonly lost = null;
  chunk: Chunk = EMPTY_CHUNK;
  at = 0;
  readonly #positions: Positions;
  readonly #random: Pick<Random, "fill">;
  readonly #supply: BlockSupply | undefined;
  readonly #blocks = new BlockList<MemoryBlock>();
  /**
   * Memory of a block that is gone, for the next one: where messages go as
   * others come, nothing has to be cleared, paged in or collected.
   */
  #spare: Chunk | null = null;
  /** What belongs to the last block, but has not come there yet. */
  readonly #window = new Window();
  readonly #record = new RecordView();

  /** @param supply of large blocks; default: the platform is asked for them */
  constructor(
    positions: Positions,
    random: Pick<Random, "fill">,
    supply?: BlockSupply,
  ) {
    this.#positions = positions;
    this.#random = random;
    this.#supply = supply;
  }

  get totalBytes(): number {
    return this.#blocks.all.reduce(
      (sum, { chunk }) => sum + chunk.size,
      this.#spare?.size ?? 0,
    );
  }

  messageSize(subjectSize: number, headerSize: number, size: number): number {
    return MESSAGE_OVERHEAD + subjectSize + headerSize + size;
  }

  checkWritable(): void {}

  append(
    sequence: number,
    high: number,
    low: number,
    subject: string,
    body: MessageBody,
  ): number {
    const size = sizeOfMessage(subject, body);
    let block = this.#blocks.last;
    if (block === undefined || block.used + size > block.chunk.size) {
      block = this.#openBlock(sequence, size);
    }
    const at = block.used;
    const chunk = this.#window.place(block.chunk, at, size);
    const to = this.#window.at;
    writeMessage(chunk, to, size, sequence, high, low, subject, body);
    block.used = at + size;
    block.live += size;
    return at;
  }

  skip(): void {}

  /** Ends a batch. */
  settle(): void {
    const last = this.#blocks.last;
    if (last !== undefined) this.#window.settle(last.chunk);
  }

  locate(sequence: number, position: number): boolean {
    const block = this.#find(sequence);
    if (block === undefined) return false;
    this.chunk = block.chunk;
    this.at = position;
    return true;
  }

  time(sequence: number, position: number): bigint {
    return this.locate(sequence, position)
      ? recordTime(this.chunk, position)
      : 0n;
  }

  size(sequence: number, position: number): number {
    if (!this.locate(sequence, position)) return 0;
    const record = this.#record;
    record.read(this.chunk, position, this.chunk.size);
    const { subjectStart, subjectEnd, headerStart, messageEnd } = record;
    return MESSAGE_OVERHEAD + subjectEnd - subjectStart + messageEnd -
      headerStart;
  }

  /** The block of a message, with all that belongs to it. */
  #find(sequence: number): MemoryBlock | undefined {
    this.settle();
    return this.#blocks.find(sequence);
  }

  remove(sequence: number, position: number): void {
    const block = this.#find(sequence);
    if (block === undefined) return;
    this.#record.read(block.chunk, position, block.chunk.size);
    block.live -= this.#record.size;
    const isLast = block === this.#blocks.last;
    if (block.live === 0) {
      if (isLast) block.used = 0;
      else {
        this.#blocks.delete(block);
        this.#spareMemory(block.chunk);
      }
    } else if (!isLast && 4 * block.live < block.chunk.size) {
      // The first may well be about to go as a whole, its memory for the next.
      if (block !== this.#blocks.all[0]) this.#compact(block);
    }
  }

  erase(sequence: number, position: number): void {
    if (this.locate(sequence, position)) {
      const record = this.#record;
      record.read(this.chunk, position, this.chunk.size);
      const { subjectStart, messageEnd } = record;
      this.#random.fill(this.chunk.bytes.subarray(subjectStart, messageEnd));
      // The length stays readable: it tells where the next record begins.
      this.chunk.view.setUint32(position, record.size, true);
      this.chunk.view.setUint16(position + 20, 0, true);
    }
    this.remove(sequence, position);
  }

  clear(): void {
    this.#window.drop();
    this.#blocks.clear();
    this.#spare = null;
    this.chunk = EMPTY_CHUNK;
  }

  keepOnly(
    sequence: number,
    high: number,
    low: number,
    subject: string,
    body: MessageBody,
  ): number {
    this.clear();
    return this.append(sequence, high, low, subject, body);
  }

  blockBase(): number {
    return Infinity;
  }

  dropAbove(sequence: number): void {
    this.settle();
    for (;;) {
      const block = this.#blocks.last;
      if (block === undefined || block.base <= sequence) return;
      this.#blocks.delete(block);
    }
  }

  /** Moves what is left of a block to one in which it just fits. */
  #compact(block: MemoryBlock): void {
    const from = block.chunk;
    const to = new Chunk(block.live);
    const record = this.#record;
    let used = 0;
    for (let at = 0; at < block.used; at += record.size) {
      record.read(from, at, from.size);
      const { sequence, size } = record;
      if (this.#positions.position(sequence) !== at) continue;
      // Left behind by a truncation: the message is in a later block by now.
      if (this.#blocks.find(sequence) !== block) continue;
      to.bytes.set(from.bytes.subarray(at, at + size), used);
      this.#positions.move(sequence, at, used);
      used += size;
    }
    block.chunk = to;
    block.used = used;
    this.#spareMemory(from);
  }

  /** Only a stream that still fills such blocks keeps one more. */
  #spareMemory(chunk: Chunk): void {
    if (
      chunk.size === BLOCK_SIZE &&
      this.#blocks.last?.chunk.size === BLOCK_SIZE
    ) this.#spare = chunk;
  }

  #openBlock(sequence: number, size: number): MemoryBlock {
    this.settle();
    const last = this.#blocks.last;
    const usual = last === undefined
      ? FIRST_BLOCK
      : Math.min(BLOCK_SIZE, 4 * last.chunk.size);
    if (last?.live === 0) this.#blocks.delete(last);
    const block = new MemoryBlock(sequence, this.#take(Math.max(usual, size)));
    this.#blocks.push(block);
    return block;
  }

  #take(size: number): Chunk {
    if (size !== BLOCK_SIZE) return new Chunk(size);
    const spare = this.#spare;
    if (spare === null) return this.#supply?.take() ?? new Chunk(size);
    this.#spare = null;
    return spare;
  }
}

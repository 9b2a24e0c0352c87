/**
 * How many blocks of a stream are in memory.
 *
 * @module
 */

import type { Chunk } from "../../protocol/mod.ts";
import type { FileBlock } from "./file_block.ts";

/** Blocks in memory besides the last; those unused for longest go. */
const BLOCKS_MAX = 8;
/** Looks after which a block goes that nobody has used. */
const IDLE_LOOKS = 2;

/** One per stream. Keeps the memory of one block for the next. */
export class BlockMemory {
  /** Counts looks; blocks note it when they are used. */
  now = 0;
  readonly #blocks: () => readonly FileBlock[];
  #spare: Chunk | null = null;

  /** @param blocks of the stream; the last is written to and stays */
  constructor(blocks: () => readonly FileBlock[]) {
    this.#blocks = blocks;
  }

  /** Memory for a block of `size` bytes. Its content is arbitrary; null: none is left. */
  take(size: number): Chunk | null {
    const spare = this.#spare;
    if (spare === null || spare.size < size) return null;
    this.#spare = null;
    return spare;
  }

  /** `block` is in memory by now: another one must go if these are too many. */
  loaded(block: FileBlock): void {
    this.#release(BLOCKS_MAX, Infinity, block);
  }

  /** What nobody has used lately goes. */
  look(): void {
    this.now++;
    if (this.#spare !== null) giveBack(this.#spare);
    this.#spare = null;
    this.#release(BLOCKS_MAX, IDLE_LOOKS, null);
  }

  /** A block is not needed in memory any more. */
  drop(block: FileBlock): void {
    const memory = block.unload();
    if (memory !== null) giveBack(memory);
  }

  #release(most: number, idle: number, kept: FileBlock | null): void {
    const blocks = this.#blocks();
    const tail = blocks.at(-1);
    const loaded = blocks.filter((each) =>
      each !== tail && each !== kept && each.isLoaded
    );
    if (loaded.length <= most && idle === Infinity) return;
    loaded.sort((a, b) => b.used - a.used || b.number - a.number);
    for (const [i, block] of loaded.entries()) {
      const isIdle = this.now - block.used > idle;
      if (i < most && !isIdle) continue;
      const memory = block.unload();
      if (memory === null) continue;
      if (isIdle) giveBack(memory);
      else this.#spare = memory;
    }
  }
}

/** At once: an idle process does not collect its garbage. */
function giveBack({ bytes: { buffer } }: Chunk): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

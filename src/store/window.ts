/**
 * Where records are made before they go to their blocks.
 *
 * It lies in the arena: there bytes are copied, and hashed, without making a
 * view of each message. What came with a batch goes on in one piece.
 *
 * @module
 */

import { CHUNK_MAX, giveChunk, takeChunk } from "../connection/mod.ts";
import type { Chunk } from "../protocol/mod.ts";

/**
 * So many at a time: connections need the arena too, and a batch for more
 * streams than these has little for each.
 */
const OPEN_MAX = 8;

/** Windows that hold something now, of all stores. */
let open = 0;

/** The end of one block, from where nothing has gone to it yet. */
export class Window {
  #chunk: Chunk | null = null;
  /** Positions in the block of the first byte and behind the last. */
  #start = 0;
  #end = 0;

  /** Where the record that was asked for last begins in its chunk. */
  at = 0;

  /** Whether everything is where it belongs. */
  get isEmpty(): boolean {
    return this.#chunk === null;
  }

  /**
   * Memory for the next record of a block, which begins at {@linkcode at} there:
   * here, or in the block itself if that is not to be had.
   * @param block in which there is room for it
   * @param position in the block, where the last record ended
   */
  place(block: Chunk, position: number, size: number): Chunk {
    let chunk = this.#chunk ?? this.#take(position);
    if (chunk !== null && position - this.#start + size > chunk.size) {
      this.settle(block);
      chunk = size <= chunk.size ? this.#take(position) : null;
    }
    this.at = chunk === null ? position : position - this.#start;
    this.#end = position + size;
    return chunk ?? block;
  }

  #take(position: number): Chunk | null {
    if (open === OPEN_MAX) return null;
    const chunk = takeChunk(CHUNK_MAX);
    if (chunk.base < 0) {
      giveChunk(chunk);
      return null;
    }
    open++;
    this.#start = position;
    return this.#chunk = chunk;
  }

  /** Lays everything where it belongs. */
  settle(block: Chunk): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    const bytes = chunk.bytes.subarray(0, this.#end - this.#start);
    block.bytes.set(bytes, this.#start);
    this.drop();
  }

  /** Forgets what is here. */
  drop(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    open--;
    this.#chunk = null;
    giveChunk(chunk);
  }
}

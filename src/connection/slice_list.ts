/**
 * Parts of chunks in the order in which they are to be written.
 *
 * @module
 */

import { type Chunk, EMPTY_CHUNK } from "../protocol/mod.ts";
import { giveChunk } from "./chunk_pool.ts";

/** Belongs to one connection; each slice counts as a user of its chunk. */
export class SliceList {
  readonly #chunks: Chunk[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** The slice taken last. */
  chunk: Chunk = EMPTY_CHUNK;
  start = 0;
  end = 0;

  get length(): number {
    return this.#chunks.length;
  }

  /** Adds the front of a chunk, whose user the list becomes in place of the caller. */
  add(chunk: Chunk, end: number): void {
    this.#chunks.push(chunk);
    this.#starts.push(0);
    this.#ends.push(end);
  }

  /** Adds a part of a chunk that others use, too. */
  share(chunk: Chunk, start: number, end: number): void {
    chunk.users++;
    this.#chunks.push(chunk);
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /** Lets the last slice grow if `chunk` goes on at `start` just where it ends. */
  extend(chunk: Chunk, start: number, end: number): boolean {
    const last = this.#chunks.length - 1;
    if (
      last < 0 || this.#chunks[last] !== chunk || this.#ends[last] !== start
    ) return false;
    this.#ends[last] = end;
    return true;
  }

  /** Takes the first slice, to be given back by {@link release}. */
  take(): void {
    this.chunk = this.#chunks.shift() as Chunk;
    this.start = this.#starts.shift() as number;
    this.end = this.#ends.shift() as number;
  }

  /** What is left of the slice taken last. */
  get rest(): Uint8Array {
    const { chunk: { bytes, size }, start, end } = this;
    return start === 0 && end === size ? bytes : bytes.subarray(start, end);
  }

  /** Gives the slice taken last back; its chunk goes to the pool with its last user. */
  release(): void {
    giveChunk(this.chunk);
    this.chunk = EMPTY_CHUNK;
  }

  /** Forgets all. The chunks are not reused: somebody may be reading them. */
  clear(): void {
    this.#chunks.length = 0;
    this.#starts.length = 0;
    this.#ends.length = 0;
  }
}

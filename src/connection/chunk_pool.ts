/**
 * Reused byte buffers for outbound data.
 *
 * @module
 */

import { Chunk } from "../protocol/mod.ts";

/** Sizes of pooled chunks, ascending, bytes. */
const SIZES = [1 << 10, 1 << 13, 1 << 16, 1 << 18] as const;

/** Most bytes that idle chunks of one size may hold. */
const IDLE_BYTES_MAX = 1 << 24;

const idle: Chunk[][] = SIZES.map(() => []);

/**
 * A chunk of at least `size` bytes, with arbitrary content.
 *
 * The pool is shared by all servers of a process: chunks carry no state.
 */
export function takeChunk(size: number): Chunk {
  for (let i = 0; i < SIZES.length; i++) {
    const pooled = SIZES[i] as number;
    if (size <= pooled) {
      return (idle[i] as Chunk[]).pop() ?? new Chunk(pooled);
    }
  }
  return new Chunk(size);
}

/** Gives a chunk back that nothing refers to any more. */
export function giveChunk(chunk: Chunk): void {
  const i = (SIZES as readonly number[]).indexOf(chunk.size);
  if (i < 0) return;
  const free = idle[i] as Chunk[];
  if (free.length * chunk.size < IDLE_BYTES_MAX) free.push(chunk);
}

/** Largest pooled size: a busy connection's chunk. */
export const CHUNK_MAX = SIZES[3];

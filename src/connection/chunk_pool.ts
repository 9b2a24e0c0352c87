/**
 * Reused byte buffers for outbound data.
 *
 * @module
 */

import { Chunk, CHUNK_SLACK } from "../protocol/mod.ts";

/**
 * Sizes of pooled chunks, ascending, bytes. What a full read buffer makes goes
 * into one of the last size: each message gets longer by its sid.
 */
const SIZES = [1 << 10, 1 << 13, 1 << 16, (1 << 19) + (1 << 14)] as const;

/**
 * Smallest chunks that are made at once, in one piece of memory: a message to
 * very many receivers needs one for each, and memory costs more by the piece.
 */
const MADE_AT_ONCE = 16;

/** Most bytes that idle chunks of one size may hold. */
const IDLE_BYTES_MAX = 1 << 24;

const idle: Chunk[][] = SIZES.map(() => []);

/**
 * A chunk of at least `size` bytes, with arbitrary content and one user.
 *
 * The pool is shared by all servers of a process: chunks carry no state.
 */
export function takeChunk(size: number): Chunk {
  const chunk = findChunk(size);
  chunk.users = 1;
  return chunk;
}

function findChunk(size: number): Chunk {
  for (let i = 0; i < SIZES.length; i++) {
    const pooled = SIZES[i] as number;
    if (size <= pooled) {
      const free = idle[i] as Chunk[];
      if (i === 0 && free.length === 0) makeSmall(free);
      return free.pop() ?? new Chunk(pooled);
    }
  }
  return new Chunk(size);
}

function makeSmall(free: Chunk[]): void {
  const room = SIZES[0] + CHUNK_SLACK;
  const memory = new ArrayBuffer(MADE_AT_ONCE * room);
  for (let i = 0; i < MADE_AT_ONCE; i++) {
    free.push(new Chunk(SIZES[0], memory, i * room));
  }
}

/** Ends one use of a chunk; the last one gives it back. */
export function giveChunk(chunk: Chunk): void {
  if (--chunk.users > 0) return;
  const i = (SIZES as readonly number[]).indexOf(chunk.size);
  if (i < 0) return;
  const free = idle[i] as Chunk[];
  if (free.length * chunk.size < IDLE_BYTES_MAX) free.push(chunk);
}

/** Largest pooled size: a busy connection's chunk. */
export const CHUNK_MAX = SIZES[3];

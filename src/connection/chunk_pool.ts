/**
 * Reused byte buffers for outbound data.
 *
 * @module
 */

import {
  ARENA_START,
  arenaMemory,
  Chunk,
  CHUNK_SLACK,
} from "../protocol/mod.ts";

/** Size of a full-grown read buffer, bytes. */
export const READ_MAX: number = 1 << 19;

/**
 * Largest pooled size: a busy connection's chunk. What a full read buffer makes
 * goes into it, as each message gets longer by its sid.
 */
export const CHUNK_MAX: number = READ_MAX + (1 << 14);

/** Sizes of pooled chunks, bytes: those for output, ascending, and that for input. */
const SIZES: readonly number[] = [
  1 << 10,
  1 << 13,
  1 << 16,
  CHUNK_MAX,
  READ_MAX,
];
const READ_CLASS = 4;

/**
 * Smallest chunks that are made at once, in one piece of memory: a message to
 * very many receivers needs one for each, and memory costs more by the piece.
 */
const MADE_AT_ONCE = 16;

/** Most bytes that idle chunks of one size may hold outside of the arena. */
const IDLE_BYTES_MAX = 1 << 24;

const PAGE = 1 << 12;
/**
 * Copies between places that are equally far into their pages are up to twenty
 * times slower, as processors compare no more of addresses at first. So chunks
 * for output begin in the middle of a page, those for input at its start.
 */
const OUTPUT_OFFSET = PAGE / 2;

const idle: Chunk[][] = SIZES.map(() => []);

/** Behind the last chunk that was made in the arena. */
let arenaEnd = ARENA_START;

/**
 * Takes the place in the arena back of a chunk that nobody gave back, such as
 * what waited for a connection that has ended.
 */
const dropped = new FinalizationRegistry<{ size: number; start: number }>(
  ({ size, start }) => idle[SIZES.indexOf(size)]?.push(inArena(size, start)),
);

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

/** A chunk of {@linkcode READ_MAX} bytes for input, with one user. */
export function takeReadChunk(): Chunk {
  const chunk = (idle[READ_CLASS] as Chunk[]).pop() ?? makeLarge(READ_MAX, 0);
  chunk.users = 1;
  return chunk;
}

function findChunk(size: number): Chunk {
  for (let i = 0; i < READ_CLASS; i++) {
    const pooled = SIZES[i] as number;
    if (size <= pooled) {
      const free = idle[i] as Chunk[];
      if (i === 0 && free.length === 0) makeSmall(free);
      return free.pop() ?? make(pooled);
    }
  }
  return new Chunk(size);
}

function make(size: number): Chunk {
  return size < CHUNK_MAX ? new Chunk(size) : makeLarge(size, OUTPUT_OFFSET);
}

/** What busy connections use lies in the arena, while it has room. */
function makeLarge(size: number, offset: number): Chunk {
  const start = arenaEnd + offset;
  const end = start + size + CHUNK_SLACK;
  if (end > arenaMemory().byteLength) return new Chunk(size);
  arenaEnd = Math.ceil(end / PAGE) * PAGE;
  return inArena(size, start);
}

function inArena(size: number, start: number): Chunk {
  const chunk = new Chunk(size, arenaMemory(), start);
  dropped.register(chunk, { size, start });
  return chunk;
}

function makeSmall(free: Chunk[]): void {
  const size = SIZES[0] as number;
  const room = size + CHUNK_SLACK;
  const memory = new ArrayBuffer(MADE_AT_ONCE * room);
  for (let i = 0; i < MADE_AT_ONCE; i++) {
    free.push(new Chunk(size, memory, i * room));
  }
}

/** Ends one use of a chunk; the last one gives it back. */
export function giveChunk(chunk: Chunk): void {
  if (--chunk.users > 0) return;
  const i = SIZES.indexOf(chunk.size);
  if (i < 0) return;
  const free = idle[i] as Chunk[];
  if (chunk.base >= 0 || free.length * chunk.size < IDLE_BYTES_MAX) {
    free.push(chunk);
  }
}

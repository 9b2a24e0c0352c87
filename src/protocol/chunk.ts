/**
 * Byte buffers made for moving messages.
 *
 * @module
 */

import { copyInArena, isArena } from "./arena.ts";

/** Bytes behind a chunk's end that a copy may scribble on. */
export const CHUNK_SLACK = 8;

/** Up to here, bytes, eight at a time through views beat any call. */
const WORD_COPY_MAX = 48;
/** The same if they can't be copied within the arena. */
const WORD_COPY_MAX_ELSEWHERE = 256;

/**
 * A buffer with a view beside it, so that no message pays for making one, and
 * with some slack behind it, so that copies can go on in whole words.
 */
export class Chunk {
  /** The usable bytes. */
  readonly bytes: Uint8Array;
  /** The same bytes and the slack. */
  readonly view: DataView;
  readonly size: number;
  /** Where it starts in the arena (`arena.ts`); -1: it lies elsewhere. */
  readonly base: number;
  /** Who refers to a pooled chunk: it is reused when nobody does any more. */
  users = 0;

  /**
   * @param buffer memory to lie in, with the slack behind the chunk's end
   * @param start where in `buffer`
   */
  constructor(
    size: number,
    buffer: ArrayBuffer = new ArrayBuffer(size + CHUNK_SLACK),
    start = 0,
  ) {
    this.bytes = new Uint8Array(buffer, start, size);
    this.view = new DataView(buffer, start, size + CHUNK_SLACK);
    this.size = size;
    this.base = isArena(buffer) ? start : -1;
  }

  /** A chunk with a copy of `bytes`. */
  static of(bytes: Uint8Array): Chunk {
    const chunk = new Chunk(bytes.length);
    chunk.bytes.set(bytes);
    return chunk;
  }
}

/** A chunk for when there is none. */
export const EMPTY_CHUNK: Chunk = new Chunk(0);

/**
 * Copies `source[start, end)` to `target` at `at`; returns the position after
 * it. Up to seven bytes behind that position are overwritten with garbage.
 */
export function copyChunk(
  target: Chunk,
  at: number,
  source: Chunk,
  start: number,
  end: number,
): number {
  const length = end - start;
  if (length > WORD_COPY_MAX) {
    if (target.base >= 0 && source.base >= 0) {
      if (at + length > target.size || end > source.size) beyond();
      copyInArena(target.base + at, source.base + start, length);
      return at + length;
    }
    if (length > WORD_COPY_MAX_ELSEWHERE) {
      target.bytes.set(source.bytes.subarray(start, end), at);
      return at + length;
    }
  }
  const to = target.view;
  const from = source.view;
  for (let i = 0; i < length; i += 8) {
    to.setBigInt64(at + i, from.getBigInt64(start + i, true), true);
  }
  return at + length;
}

function beyond(): never {
  throw new RangeError("a copy would go beyond its chunk");
}

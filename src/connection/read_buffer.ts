/**
 * Where a connection's bytes arrive: one buffer that follows the traffic in
 * size, so that an idle connection costs little.
 *
 * @module
 */

import { Chunk, EMPTY_CHUNK } from "../protocol/mod.ts";
import { giveChunk, READ_MAX, takeReadChunk } from "./chunk_pool.ts";

/** A connection starts with this; enough for CONNECT of most clients. */
const SIZE_START = 512;
const GROWTH = 4;
/** Reads that fill less than a quarter before the buffer shrinks. */
const SHORT_READS_MAX = 8;

/**
 * Belongs to one connection. Busy traffic makes it grow up to `READ_MAX`; with
 * less, everybody is woken more often, which larger messages pay for. A single
 * op may need more.
 */
export class ReadBuffer {
  chunk: Chunk = new Chunk(SIZE_START);
  /** Bytes at the front that wait for the parser. */
  filled = 0;
  #shortReads = 0;

  /**
   * Room for the next read.
   * @param expected bytes that the op at the front will have, 0 if unknown
   */
  space(expected: number): Uint8Array {
    if (this.filled === this.chunk.size) {
      // Doubling as bytes really arrive: an announced size allocates nothing.
      const wanted = expected > this.filled ? expected : Infinity;
      this.#resize(
        Math.min(this.chunk.size * 2, Math.max(wanted, SIZE_START)),
      );
    }
    const { bytes } = this.chunk;
    return this.filled === 0 ? bytes : bytes.subarray(this.filled);
  }

  /** Takes `count` bytes that were read into the space given. */
  received(count: number): void {
    const { size } = this.chunk;
    this.filled += count;
    if (this.filled === size) this.#shortReads = 0;
    else if (this.filled < size / GROWTH) this.#shortReads++;
  }

  /** Drops `count` bytes from the front and adapts the size to the traffic. */
  consume(count: number): void {
    const { size, bytes } = this.chunk;
    const wasFull = this.filled === size;
    if (count > 0 && count < this.filled) {
      bytes.copyWithin(0, count, this.filled);
    }
    this.filled -= count;
    if (wasFull && size < READ_MAX) {
      this.#resize(Math.min(size * GROWTH, READ_MAX));
    } else if (
      this.#shortReads > SHORT_READS_MAX && size > SIZE_START &&
      this.filled < size / GROWTH
    ) {
      this.#resize(size / GROWTH);
    }
  }

  /** Gives its memory back. Nothing is read any more. */
  release(): void {
    this.#replace(EMPTY_CHUNK);
    this.filled = 0;
  }

  #resize(size: number): void {
    const wanted = Math.max(Math.ceil(size), this.filled, SIZE_START);
    const next = wanted === READ_MAX ? takeReadChunk() : new Chunk(wanted);
    next.bytes.set(this.chunk.bytes.subarray(0, this.filled));
    this.#replace(next);
    this.#shortReads = 0;
  }

  #replace(next: Chunk): void {
    if (this.chunk.size === READ_MAX) giveChunk(this.chunk);
    this.chunk = next;
  }
}

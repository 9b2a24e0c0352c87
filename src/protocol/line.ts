/**
 * One control line of the protocol, cut into its blank-separated arguments
 * where it stands in the read buffer.
 *
 * @module
 */

import { CR, LF, SPACE, TAB } from "./bytes.ts";
import { type Chunk, EMPTY_CHUNK } from "./chunk.ts";

/** More arguments than any verb takes; the count goes on, the ranges do not. */
const MAX_RANGES = 8;

/** Result of {@link Line.scan}: the line's end has not arrived. */
export const INCOMPLETE = -1;

/** Reused by its parser for every line; valid during one callback only. */
export class Line {
  /** Holds the line; replaced when the read buffer grows. */
  chunk: Chunk = EMPTY_CHUNK;
  /** Range of all arguments together, line end excluded. */
  argsStart = 0;
  argsEnd = 0;
  /** Number of arguments, which may exceed the number of ranges kept. */
  count = 0;
  /** End of the bytes in `chunk` that had arrived when the line was read. */
  limit = 0;
  /** Whether the line ended in CR LF right after its last argument. */
  tidy = false;
  /** Range `i` is `[bounds[2 * i], bounds[2 * i + 1])`. */
  readonly #bounds = new Int32Array(MAX_RANGES * 2);

  /** Start of argument `i`, which must be below `count` and 8. */
  start(i: number): number {
    return this.#bounds[2 * i] as number;
  }

  /** The bytes that the line is in. */
  get buffer(): Uint8Array {
    return this.chunk.bytes;
  }

  /** End of argument `i`, exclusive. */
  end(i: number): number {
    return this.#bounds[2 * i + 1] as number;
  }

  /**
   * Reads arguments from `from` up to the next LF, in one pass.
   *
   * A CR anywhere shortens the arguments by one byte, as the Go server has
   * it; for well-formed lines that byte is the CR itself.
   * @returns index of the LF, or {@link INCOMPLETE}
   */
  scan(chunk: Chunk, from: number, limit: number): number {
    const buffer = chunk.bytes;
    const bounds = this.#bounds;
    let count = 0;
    let open = -1;
    let carriage = false;
    for (let i = from; i < limit; i++) {
      const byte = buffer[i] as number;
      if (byte > SPACE) {
        if (open < 0) open = i;
      } else if (byte === SPACE || byte === TAB) {
        if (open >= 0) {
          if (count < MAX_RANGES) {
            bounds[2 * count] = open;
            bounds[2 * count + 1] = i;
          }
          count++;
          open = -1;
        }
      } else if (byte === LF && i > from) {
        const end = carriage ? i - 1 : i;
        if (open >= 0 && open < end) {
          if (count < MAX_RANGES) {
            bounds[2 * count] = open;
            bounds[2 * count + 1] = end;
          }
          count++;
        }
        this.chunk = chunk;
        this.limit = limit;
        this.argsStart = from;
        this.argsEnd = end;
        this.count = count;
        this.tidy = carriage && open >= 0 && open < end &&
          buffer[end] === CR;
        return i;
      } else {
        if (byte === CR) {
          if (i === from) continue;
          carriage = true;
        }
        if (open < 0) open = i;
      }
    }
    return INCOMPLETE;
  }

  /** Moves all ranges by `delta`, after the caller moved the bytes. */
  shift(delta: number): void {
    this.argsStart += delta;
    this.argsEnd += delta;
    const kept = 2 * Math.min(this.count, MAX_RANGES);
    for (let i = 0; i < kept; i++) {
      this.#bounds[i] = (this.#bounds[i] as number) + delta;
    }
  }
}

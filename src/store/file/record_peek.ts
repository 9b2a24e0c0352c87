/**
 * Records that are read one by one from a file.
 *
 * @module
 */

import { Chunk } from "../../protocol/mod.ts";

/** Bytes that are read at once of a record whose size is not known. */
export const PEEK = 4096;

/** One per block. */
export class RecordPeek {
  /** Where the last one is. */
  chunk: Chunk = new Chunk(0);
  /** Where it ended in the file; -1: none was read. */
  end = -1;

  /** Memory for so many bytes, at the beginning of {@link chunk}. */
  room(size: number): Uint8Array {
    if (size > this.chunk.size || this.chunk.size > 2 * PEEK) {
      this.chunk = new Chunk(Math.max(size, PEEK));
    }
    return this.chunk.bytes.subarray(0, size);
  }
}

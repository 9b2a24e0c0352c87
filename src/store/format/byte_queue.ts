/**
 * Bytes that come in pieces and are wanted in others.
 *
 * @module
 */

/** A queue of bytes. */
export class ByteQueue {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** How many bytes are there. */
  get size(): number {
    return this.#end - this.#start;
  }

  /** Adds a copy of `bytes`. */
  push(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** All that is there: not a copy, good until the next `push`. */
  get waiting(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Takes up to `size` bytes away: not a copy, good until the next `push`. */
  take(size: number): Uint8Array {
    const end = Math.min(this.#end, this.#start + size);
    const taken = this.#bytes.subarray(this.#start, end);
    this.#start = end;
    return taken;
  }

  #makeRoom(size: number): void {
    if (this.#end + size <= this.#bytes.length) return;
    const { waiting } = this;
    const needed = waiting.length + size;
    // Half of the buffer has to become free, or moving would cost too much.
    if (needed * 2 <= this.#bytes.length) this.#bytes.set(waiting);
    else {
      const grown = new Uint8Array(needed * 2);
      grown.set(waiting);
      this.#bytes = grown;
    }
    this.#start = 0;
    this.#end = waiting.length;
  }
}

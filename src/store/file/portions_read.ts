/**
 * How much of a block's content has come to memory.
 *
 * @module
 */

/** Bytes that are read at once at least. */
export const PORTION = 128 * 1024;

/** One per block of which something has yet to be read. */
export class PortionsRead {
  /** Bytes that are there to be read. */
  #size: number;
  /** Portions that have been. */
  readonly #done: Uint8Array;
  #left: number;

  constructor(size: number) {
    this.#size = size;
    this.#left = Math.ceil(size / PORTION);
    this.#done = new Uint8Array(this.#left);
  }

  /** Whether nothing is left to be read. */
  get isComplete(): boolean {
    return this.#left === 0;
  }

  /** What stands behind `size` is not there any more. */
  cut(size: number): void {
    this.#size = Math.min(this.#size, size);
  }

  /** Has all portions of a range read that have not been. */
  reach(
    from: number,
    to: number,
    read: (from: number, to: number) => void,
  ): void {
    const last = Math.min(Math.ceil(to / PORTION), this.#done.length);
    for (let at = Math.floor(from / PORTION); at < last;) {
      if (this.#done[at] === 1) {
        at++;
        continue;
      }
      let end = at + 1;
      while (end < last && this.#done[end] === 0) end++;
      const until = Math.min(end * PORTION, this.#size);
      if (at * PORTION < until) read(at * PORTION, until);
      this.#done.fill(1, at, end);
      this.#left -= end - at;
      at = end;
    }
  }
}

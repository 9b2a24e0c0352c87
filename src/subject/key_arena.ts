/**
 * Bytes of keys, one after another.
 *
 * @module
 */

import { equalBytes } from "./bytes.ts";

// An offset is the number of a piece in the upper bits and a position in it in
// the lower ones; as 32 bits they are enough for 4 GiB.
const POSITION_BITS = 18;
const PIECE_BYTES = 2 ** POSITION_BITS;
const POSITION_MASK = PIECE_BYTES - 1;

const FIRST_BYTES = 64;

/**
 * Grows by pieces, so that more of them does not mean copying what is there;
 * only the first piece, while it is small, is replaced by larger ones.
 */
export class KeyArena {
  readonly #views: DataView[] = [];
  /** The piece that is being filled, which is the last one. */
  #piece = new Uint8Array(0);
  #used = 0;
  #capacity = 0;
  #live = 0;

  /** @param expected bytes that will soon be there */
  constructor(expected = 0) {
    this.#open(Math.min(Math.max(FIRST_BYTES, expected), PIECE_BYTES));
  }

  /** Bytes that the arena takes up. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Bytes of keys that were not given up. */
  get live(): number {
    return this.#live;
  }

  /** Whether a key of `length` takes more room while much of what is used is garbage. */
  isWasteful(length: number): boolean {
    return this.#used + length > this.#piece.length &&
      4 * (this.#live + length) < 3 * this.#capacity;
  }

  /** Stores a key. @returns its offset, as a number of 32 bits */
  add(view: DataView, start: number, length: number): number {
    if (this.#used + length > this.#piece.length) this.#makeRoom(length);
    const piece = this.#piece;
    const position = this.#used;
    // Keys are short: copying by index beats a subarray and a set call.
    for (let i = 0; i < length; i++) {
      piece[position + i] = view.getUint8(start + i);
    }
    this.#used += length;
    this.#live += length;
    return ((this.#views.length - 1) << POSITION_BITS) | position;
  }

  /** Stores a key of another arena. */
  adopt(from: KeyArena, offset: number, length: number): number {
    const view = from.#views[offset >>> POSITION_BITS];
    return view === undefined
      ? 0
      : this.add(view, offset & POSITION_MASK, length);
  }

  /** Gives up a key; its bytes stay where they are. */
  drop(length: number): void {
    this.#live -= length;
  }

  /** Whether the key at `offset` equals `[start, start + length)`. */
  equals(
    offset: number,
    view: DataView,
    start: number,
    length: number,
  ): boolean {
    const piece = this.#views[offset >>> POSITION_BITS];
    return piece !== undefined &&
      equalBytes(piece, offset & POSITION_MASK, view, start, length);
  }

  #makeRoom(length: number): void {
    const wanted = this.#used + length;
    const isSmall = this.#views.length === 1 && wanted <= PIECE_BYTES;
    if (!isSmall) {
      // A key that is larger than a piece has one of its own, which it fills.
      this.#open(Math.max(PIECE_BYTES, length));
      return;
    }
    const size = Math.min(
      Math.max(2 * this.#piece.length, wanted),
      PIECE_BYTES,
    );
    const piece = new Uint8Array(size);
    piece.set(this.#piece.subarray(0, this.#used));
    this.#capacity += size - this.#piece.length;
    this.#piece = piece;
    this.#views[0] = new DataView(piece.buffer);
  }

  #open(size: number): void {
    this.#piece = new Uint8Array(size);
    this.#used = 0;
    this.#capacity += size;
    this.#views.push(new DataView(this.#piece.buffer));
  }
}

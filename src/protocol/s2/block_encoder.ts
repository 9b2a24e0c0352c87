/**
 * Makes the elements of blocks (see `block_decoder.ts`): greedily, by a table
 * that knows for a hash of four bytes where they stood last.
 *
 * @module
 */

/** Blocks below this size are not worth a try, bytes. */
const SIZE_MIN = 32;
/** The end of a block that is not searched, so that reads stay inside. */
const MARGIN = 8;
const TABLE_BITS_MAX = 15;
const TABLE_BITS_MIN = 8;
/** Knuth's multiplicative hash. */
const MULTIPLIER = 0x9e3779b1;
/** Every 2^6 bytes without a match, the search takes longer steps. */
const SKIP_BITS = 6;
/** A match is at least this long, bytes. */
const MATCH_MIN = 4;
/** Offsets below this fit into the shortest copy. */
const NEAR = 2048;
const FAR = 65_536;

/** Encodes one block after the other, with the same table. */
export class BlockEncoder {
  readonly #table = new Uint32Array(1 << TABLE_BITS_MAX);
  /** Whether copies may repeat the last offset, which Snappy does not know. */
  readonly #repeats: boolean;
  #source: Uint8Array = new Uint8Array(0);
  #target: Uint8Array = new Uint8Array(0);
  #to = 0;

  constructor(repeats: boolean) {
    this.#repeats = repeats;
  }

  /**
   * Writes the elements for `source[start, end)` to `target` at `at`, where
   * there has to be room for as many bytes.
   *
   * @returns the end, or -1 when they would hardly be shorter than the data
   */
  encode(
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    at: number,
  ): number {
    const size = end - start;
    if (size < SIZE_MIN) return -1;
    this.#source = source;
    this.#target = target;
    this.#to = at;
    const limit = at + size - (size >>> 5) - 5;
    const emitted = this.#search(start, end, limit);
    if (emitted < 0 || this.#to + end - emitted + 5 > limit) return -1;
    this.#literal(emitted, end);
    return this.#to;
  }

  /** @returns up to where elements were written; -1: not worth it */
  #search(start: number, end: number, limit: number): number {
    const source = this.#source;
    const view = new DataView(
      source.buffer,
      source.byteOffset,
      source.length,
    );
    const bits = tableBits(end - start);
    const shift = 32 - bits;
    const table = this.#table;
    table.fill(start, 0, 1 << bits);
    const searchEnd = end - MARGIN;
    let emitted = start;
    // A block starts with a literal: there is nothing to copy from yet.
    let at = start + 1;
    while (at < searchEnd) {
      const word = view.getInt32(at, true);
      const slot = Math.imul(word, MULTIPLIER) >>> shift;
      let match = table[slot] as number;
      table[slot] = at;
      if (view.getInt32(match, true) !== word || match >= at) {
        at += 1 + ((at - emitted) >>> SKIP_BITS);
        continue;
      }
      let first = at;
      while (
        first > emitted && match > start &&
        source[first - 1] === source[match - 1]
      ) {
        first--;
        match--;
      }
      if (this.#to + first - emitted > limit) return -1;
      this.#literal(emitted, first);
      const offset = first - match;
      at = matchEnd(view, at + MATCH_MIN, offset, end);
      this.#copy(offset, at - first);
      emitted = at;
      if (at < searchEnd) {
        table[Math.imul(view.getInt32(at - 2, true), MULTIPLIER) >>> shift] =
          at - 2;
      }
    }
    return emitted;
  }

  #literal(start: number, end: number): void {
    const size = end - start;
    if (size === 0) return;
    const target = this.#target;
    const code = size - 1;
    if (code < 60) target[this.#to++] = code << 2;
    else {
      const extra = code < 0x100 ? 1 : code < 0x1_0000 ? 2 : 3;
      target[this.#to++] = (59 + extra) << 2;
      this.#number(code, extra);
    }
    const source = this.#source;
    if (size > 32) target.set(source.subarray(start, end), this.#to);
    else {for (let i = 0; i < size; i++) {
        target[this.#to + i] = source[start + i] as number;
      }}
    this.#to += size;
  }

  #copy(offset: number, length: number): void {
    let left = length;
    if (left > 64 && this.#repeats) {
      // The first part tells the offset, the others repeat it.
      left -= this.#copyPart(offset, offset < NEAR ? 8 : 60);
      this.#repeat(left);
      return;
    }
    // What is left must be long enough for a copy of its own.
    while (left > 64) left -= this.#copyPart(offset, left < 68 ? 60 : 64);
    this.#copyPart(offset, left);
  }

  /** Writes one copy of `length`; returns it. */
  #copyPart(offset: number, length: number): number {
    const target = this.#target;
    if (offset < NEAR && length < 12) {
      target[this.#to++] = (offset >>> 8) << 5 | (length - MATCH_MIN) << 2 | 1;
      target[this.#to++] = offset;
    } else {
      const far = offset >= FAR;
      target[this.#to++] = (length - 1) << 2 | (far ? 3 : 2);
      this.#number(offset, far ? 4 : 2);
    }
    return length;
  }

  /** Writes a copy of `length` from the offset of the last one. */
  #repeat(length: number): void {
    const target = this.#target;
    const code = length - MATCH_MIN;
    const extra = code <= 4 ? 0 : code < 260 ? 1 : code < 65_792 ? 2 : 3;
    target[this.#to++] = (extra === 0 ? code : 4 + extra) << 2 | 1;
    target[this.#to++] = 0;
    if (extra === 1) this.#number(code - 4, 1);
    else if (extra > 1) this.#number(code - (1 << (extra * 8 - 8)), extra);
  }

  /** Writes a number in `size` bytes. */
  #number(value: number, size: number): void {
    for (let i = 0; i < size; i++) {
      this.#target[this.#to++] = value >>> (8 * i);
    }
  }
}

/** A table for so many bytes: clearing a large one would cost more than they. */
function tableBits(size: number): number {
  const bits = 32 - Math.clz32(size);
  return Math.max(TABLE_BITS_MIN, Math.min(TABLE_BITS_MAX, bits));
}

/** The end of the match that is known to reach `at`. */
function matchEnd(
  view: DataView,
  at: number,
  offset: number,
  end: number,
): number {
  let next = at;
  while (next + 4 <= end) {
    const difference = view.getInt32(next, true) ^
      view.getInt32(next - offset, true);
    if (difference !== 0) {
      return next + ((31 - Math.clz32(difference & -difference)) >>> 3);
    }
    next += 4;
  }
  while (next < end && view.getUint8(next) === view.getUint8(next - offset)) {
    next++;
  }
  return next;
}

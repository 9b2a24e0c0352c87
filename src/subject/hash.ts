/**
 * Hashes of byte ranges.
 *
 * @module
 */

/**
 * A fast hash for caches, where a collision only costs a cache miss. It is
 * not keyed, so nothing whose cost grows with collisions may depend on it.
 */
export function quickHash(view: DataView, start: number, end: number): number {
  let hash = end - start;
  const last = end - 4;
  if (last < start) {
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ view.getUint8(i), 0x9e3779b1);
    }
    return hash ^ (hash >>> 15);
  }
  for (let i = start; i < last; i += 4) {
    hash = Math.imul(hash ^ view.getInt32(i, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  // The last word may overlap the one before it: cheaper than single bytes.
  hash = Math.imul(hash ^ view.getInt32(last, true), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

/**
 * Half-SipHash-1-3, keyed so that a client that chooses subjects can't make
 * them collide. Returns 32 bits, signed.
 */
export class KeyedHash {
  readonly #k0: number;
  readonly #k1: number;

  /** The two words of the key. */
  constructor(k0: number, k1: number) {
    this.#k0 = k0 | 0;
    this.#k1 = k1 | 0;
  }

  /** The hash keyed by an unpredictable integer in `[0, 2^53)`. */
  static fromSeed(seed: number): KeyedHash {
    const high = Math.floor(seed / 2 ** 32);
    return new KeyedHash(seed, high ^ Math.imul(seed, 0x85ebca6b));
  }

  /** Hash of the bytes `[start, end)`. */
  of(view: DataView, start: number, end: number): number {
    let v0 = this.#k0;
    let v1 = this.#k1;
    let v2 = this.#k0 ^ 0x6c796765;
    let v3 = this.#k1 ^ 0x74656462;
    // One pass per word, one for the tail with the length, three to finish.
    // The round is written once so that the engine keeps the state in registers.
    const words = (end - start) >> 2;
    for (let pass = 0; pass <= words + 3; pass++) {
      let word = 0;
      if (pass < words) word = view.getInt32(start + 4 * pass, true);
      else if (pass === words) word = tailWord(view, start, end);
      else if (pass === words + 1) v2 ^= 0xff;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return v1 ^ v3;
  }
}

/** The up to three bytes behind the last whole word, and the length. */
function tailWord(view: DataView, start: number, end: number): number {
  let word = (end - start) << 24;
  let at = end - ((end - start) & 3);
  for (let shift = 0; at < end; at++, shift += 8) {
    word |= view.getUint8(at) << shift;
  }
  return word;
}

/**
 * The simulation's only source of chance.
 *
 * @module
 */

import type { Random } from "../../../src/runtime/ports.ts";

const MULTIPLIER = 6364136223846793005n;
const MASK = (1n << 64n) - 1n;

/**
 * PCG32 (XSH RR, 64 bits of state), so that a run follows from one integer.
 * Independent parts of a simulation take independent streams (`fork`), so that
 * one more draw here does not change everything there.
 */
export class SeededRandom implements Random {
  #state = 0n;
  readonly #increment: bigint;

  /** @param stream generators with different streams never coincide */
  constructor(seed: bigint, stream = 0n) {
    this.#increment = ((stream << 1n) | 1n) & MASK;
    this.next();
    this.#state = (this.#state + seed) & MASK;
    this.next();
  }

  /** The next 32 bits. */
  next(): number {
    const old = this.#state;
    this.#state = (old * MULTIPLIER + this.#increment) & MASK;
    const shifted = Number(((old >> 18n) ^ old) >> 27n & 0xffffffffn);
    const rotation = Number(old >> 59n);
    return ((shifted >>> rotation) | (shifted << (-rotation & 31))) >>> 0;
  }

  fill(target: Uint8Array): void {
    for (let at = 0; at < target.length; at += 4) {
      const bits = this.next();
      target[at] = bits;
      target[at + 1] = bits >>> 8;
      target[at + 2] = bits >>> 16;
      target[at + 3] = bits >>> 24;
    }
  }

  /** @param bound at most 2^32; larger bounds lose uniformity, not validity */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** A number in `[0, 1)`. */
  unit(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return probability > 0 && this.unit() < probability;
  }

  /** A number in `[low, high)`. */
  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  /** An exponentially distributed number: mostly small, sometimes large. */
  exponential(mean: number): number {
    return -Math.log(1 - this.unit()) * mean;
  }

  /** One of `choices`, which must not be empty. */
  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new RangeError("Nothing to pick from");
    return choice;
  }

  /** An independent generator. */
  fork(): SeededRandom {
    const seed = (BigInt(this.next()) << 32n) | BigInt(this.next());
    return new SeededRandom(seed, BigInt(this.next()));
  }
}

/**
 * Choices that follow from a seed.
 *
 * @module
 */

import { SeededRandom } from "../../../sim/ports/random.ts";

/** Something, and how often it is chosen compared with others. */
export type Weighted<T> = readonly [weight: number, value: T];

/** Chooses. */
export class Dice {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(BigInt(seed));
  }

  below(bound: number): number {
    return this.#random.below(bound);
  }

  likely(probability: number): boolean {
    return this.#random.chance(probability);
  }

  /** One of the values, of which there is at least one. */
  of<T>(...values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  weighted<T>(...choices: readonly Weighted<T>[]): T {
    let at = this.#random.unit() *
      choices.reduce((sum, [weight]) => sum + weight, 0);
    const chosen = choices.find(([weight]) => (at -= weight) < 0);
    return (chosen ?? choices[0] as Weighted<T>)[1];
  }

  /** As many of something as are chosen. */
  times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}

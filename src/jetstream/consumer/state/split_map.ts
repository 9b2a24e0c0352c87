/**
 * Values by sequence, very many of them if need be.
 *
 * @module
 */

import { partOf, PARTS } from "./parts.ts";

/** Entries with which a map is split: the platform's copy all when they grow. */
const LARGE = 8192;

/**
 * Like `Map`, but no entry that is added takes long. As keys are numbers, they
 * tell in which part they are: a `GradualMap`, which takes any keys, asks all
 * parts. What is iterated may change meanwhile, as with a map; what is cleared
 * is told as it was.
 */
export class SplitMap<V = number> implements ReadonlyMap<number, V> {
  #parts: Map<number, V>[] = [new Map()];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): V | undefined {
    return this.#part(key).get(key);
  }

  has(key: number): boolean {
    return this.#part(key).has(key);
  }

  set(key: number, value: V): void {
    if (this.#size === LARGE && this.#parts.length === 1) this.#split();
    const part = this.#part(key);
    const before = part.size;
    part.set(key, value);
    this.#size += part.size - before;
  }

  /** @returns whether there was such an entry */
  delete(key: number): boolean {
    if (!this.#part(key).delete(key)) return false;
    this.#size--;
    return true;
  }

  clear(): void {
    this.#parts = [new Map()];
    this.#size = 0;
  }

  *entries(): Generator<[number, V], undefined> {
    for (const part of this.#parts) yield* part;
  }

  *keys(): Generator<number, undefined> {
    for (const part of this.#parts) yield* part.keys();
  }

  *values(): Generator<V, undefined> {
    for (const part of this.#parts) yield* part.values();
  }

  forEach(
    visit: (
      value: V,
      key: number,
      map: ReadonlyMap<number, V>,
    ) => void,
  ): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  [Symbol.iterator](): Generator<[number, V], undefined> {
    return this.entries();
  }

  #part(key: number): Map<number, V> {
    const parts = this.#parts;
    return parts[parts.length === 1 ? 0 : partOf(key)] as Map<number, V>;
  }

  #split(): void {
    const parts = Array.from(
      { length: PARTS },
      () => new Map<number, V>(),
    );
    for (const [key, value] of this) parts[partOf(key)]?.set(key, value);
    this.#parts = parts;
  }
}

/**
 * Numbers by sequence, very many of them if need be.
 *
 * @module
 */

/** Entries with which a map is split: the platform's copy all when they grow. */
const LARGE = 8192;
const PARTS = 256;

/**
 * Like `Map`, but no entry that is added takes long. As keys are numbers, they
 * tell in which part they are: a `GradualMap`, which takes any keys, asks all
 * parts. What is iterated may change meanwhile, as with a map; what is cleared
 * is told as it was.
 */
export class SplitMap implements ReadonlyMap<number, number> {
  #parts: Map<number, number>[] = [new Map()];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): number | undefined {
    return this.#part(key).get(key);
  }

  has(key: number): boolean {
    return this.#part(key).has(key);
  }

  set(key: number, value: number): void {
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

  *entries(): Generator<[number, number], undefined> {
    for (const part of this.#parts) yield* part;
  }

  *keys(): Generator<number, undefined> {
    for (const part of this.#parts) yield* part.keys();
  }

  *values(): Generator<number, undefined> {
    for (const part of this.#parts) yield* part.values();
  }

  forEach(
    visit: (
      value: number,
      key: number,
      map: ReadonlyMap<number, number>,
    ) => void,
  ): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  [Symbol.iterator](): Generator<[number, number], undefined> {
    return this.entries();
  }

  #part(key: number): Map<number, number> {
    const parts = this.#parts;
    return parts[key % parts.length] as Map<number, number>;
  }

  #split(): void {
    const parts = Array.from(
      { length: PARTS },
      () => new Map<number, number>(),
    );
    for (const [key, value] of this) parts[key % PARTS]?.set(key, value);
    this.#parts = parts;
  }
}

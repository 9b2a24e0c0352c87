/**
 * A map that takes very many entries.
 *
 * @module
 */

/**
 * Entries of one part: the platform's maps copy all they have when they grow,
 * which takes some milliseconds for as many.
 */
const PART = 65_536;

/**
 * Like `Map`, but no entry that is added takes long. Entries are spread over
 * maps of a limited size; a lookup asks one after the other, nearly always
 * only one.
 */
export class GradualMap<K, V> {
  /** The part that entries are added to. */
  #last = new Map<K, V>();
  /** Those that were full once, in the order in which they were; null while there are none. */
  #others: Map<K, V>[] | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    return this.#last.get(key) ??
      (this.#others === null ? undefined : this.#part(key)?.get(key));
  }

  has(key: K): boolean {
    return this.#last.has(key) ||
      (this.#others !== null && this.#part(key) !== undefined);
  }

  set(key: K, value: V): void {
    const part = this.#last.has(key) ? this.#last : this.#part(key);
    if (part !== undefined) {
      part.set(key, value);
      return;
    }
    if (this.#last.size >= PART) {
      (this.#others ??= []).push(this.#last);
      this.#last = new Map();
    }
    this.#last.set(key, value);
    this.#size++;
  }

  /** @returns whether there was such an entry */
  delete(key: K): boolean {
    const part = this.#last.has(key) ? this.#last : this.#part(key);
    if (part === undefined) return false;
    part.delete(key);
    this.#size--;
    if (part.size === 0 && this.#others !== null) {
      const others = this.#others.filter((other) => other.size > 0);
      this.#others = others.length === 0 ? null : others;
    }
    return true;
  }

  /** Values in the order in which their keys came. */
  *values(): Generator<V> {
    for (const part of this.#others ?? []) yield* part.values();
    yield* this.#last.values();
  }

  /** The part among the others that has a key. */
  #part(key: K): Map<K, V> | undefined {
    return this.#others?.find((part) => part.has(key));
  }
}

/**
 * A map from byte strings that takes very many entries.
 *
 * @module
 */

import type { Random } from "../runtime/mod.ts";
import { ABSENT, ByteTable } from "./byte_table.ts";
import { SubjectBuffer } from "./bytes.ts";
import { KeyedHash } from "./hash.ts";
import { Pages } from "./pages.ts";

/** Entries that one of the platform's maps takes. */
const FEW = 4096;

// Keys pass through here. Nothing holds on to it beyond one call.
const keyBytes = new SubjectBuffer();

/** Entries by the bytes of their keys. */
class Many<V> {
  readonly #table = new ByteTable();
  readonly #values = new Pages<V>();
  readonly #hash: KeyedHash;

  constructor(random: Random) {
    this.#hash = KeyedHash.fromSeed(random.below(Number.MAX_SAFE_INTEGER));
  }

  get size(): number {
    return this.#table.size;
  }

  get(key: string): V | undefined {
    const id = this.#find(keyBytes.load(key));
    return id === ABSENT ? undefined : this.#values.get(id);
  }

  set(key: string, value: V): void {
    const end = keyBytes.load(key);
    let id = this.#find(end);
    if (id === ABSENT) {
      const { view } = keyBytes;
      id = this.#table.add(this.#hash.of(view, 0, end), view, 0, end);
    }
    this.#values.set(id, value);
  }

  delete(key: string): boolean {
    const end = keyBytes.load(key);
    const id = this.#find(end);
    if (id === ABSENT) return false;
    this.#table.delete(this.#hash.of(keyBytes.view, 0, end), id);
    this.#values.set(id, undefined);
    return true;
  }

  values(): Generator<V> {
    return this.#values[Symbol.iterator]();
  }

  /** Id of the key that was loaded, or `ABSENT`. */
  #find(end: number): number {
    const { view } = keyBytes;
    return this.#table.find(this.#hash.of(view, 0, end), view, 0, end);
  }
}

/**
 * Like `Map`, but no entry that is added takes long. The platform's maps copy
 * all they have when they grow, and add every key to a table of all strings
 * which does so too.
 */
export class ByteStringMap<V> {
  readonly #random: Random;
  #few = new Map<string, V>();
  /** Null until there are too many entries for `#few`, which is empty from then on. */
  #many: Many<V> | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#many === null ? this.#few.size : this.#many.size;
  }

  get(key: string): V | undefined {
    return this.#many === null ? this.#few.get(key) : this.#many.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, value: V): void {
    if (this.#many === null && this.#few.size >= FEW) this.#moveToMany();
    if (this.#many === null) this.#few.set(key, value);
    else this.#many.set(key, value);
  }

  /** @returns whether there was such an entry */
  delete(key: string): boolean {
    if (this.#many === null) return this.#few.delete(key);
    const deleted = this.#many.delete(key);
    if (this.#many.size === 0) this.#many = null;
    return deleted;
  }

  /** Few values come in the order of their keys' arrival, many in any order. */
  values(): IteratorObject<V> {
    return this.#many === null ? this.#few.values() : this.#many.values();
  }

  #moveToMany(): void {
    const many = new Many<V>(this.#random);
    for (const [key, value] of this.#few) many.set(key, value);
    this.#few = new Map();
    this.#many = many;
  }
}

/**
 * Names in the order in which they came.
 *
 * @module
 */

import type { Random } from "../../runtime/mod.ts";
import { KeyedHash } from "../../subject/mod.ts";
import { IdSlots } from "./id_slots.ts";
import { NameArena } from "./name_arena.ts";
import { PagedWords } from "./paged_words.ts";

/** Fields of an entry. Sequences and times take two words. */
const ADDRESS = 0;
const HASH = 1;
const SEQUENCE = 2;
const TIME = 4;
/** The entry behind, or the next free one, plus one; 0: there is none. */
const NEXT = 6;
const FIELDS = 7;

/** Address of a name that has come again since. */
const FORGOTTEN = 0xffff_ffff;
/** Address of a name that is too long for the arena. */
const LONG = 0xffff_fffe;
/** Bytes of the longest name in the arena. */
const LENGTH_MAX = 0xffff;

const TWO_32 = 0x1_0000_0000;
/** Names up to this length are hashed without making room first. */
const FIRST_SCRATCH = 256;
const NONE = -1;

/**
 * Each with a sequence and a time. Outside of the JavaScript heap, some 45 bytes
 * and the name: millions are nothing to move, or to look through, at once.
 */
export class NameQueue {
  readonly #hash: KeyedHash;
  readonly #fields = new PagedWords(FIELDS);
  readonly #names = new NameArena((entry, address) => {
    this.#fields.set(entry, ADDRESS, address);
  });
  readonly #slots = new IdSlots((entry) => this.#fields.get(entry, HASH));
  /** Names that are too long, by entry, and the other way. */
  readonly #long = new Map<number, string>();
  readonly #longEntries = new Map<string, number>();
  #first = NONE;
  #last = NONE;
  #free = NONE;
  #used = 0;
  #size = 0;
  #scratch = new Uint8Array(FIRST_SCRATCH);
  #scratchView = new DataView(this.#scratch.buffer);
  /** What was hashed last: a name is looked for before it is added. */
  #hashedName: string | null = null;
  #hashed = 0;

  constructor(random: Pick<Random, "below">) {
    this.#hash = KeyedHash.fromSeed(random.below(Number.MAX_SAFE_INTEGER));
  }

  /** Names that are known. */
  get size(): number {
    return this.#size;
  }

  /** Bytes outside of the JavaScript heap. */
  get byteLength(): number {
    return this.#fields.byteLength + this.#names.byteLength +
      this.#slots.byteLength;
  }

  /** Time of the first entry; Infinity when there is none. */
  get firstTime(): number {
    return this.#first === NONE ? Infinity : this.#number(this.#first, TIME);
  }

  /** The sequence of a name, a byte string; 0: it is not known. */
  find(name: string): number {
    const entry = this.#entryOf(name);
    return entry === NONE ? 0 : this.#number(entry, SEQUENCE);
  }

  /** Adds a name behind all others; if it is known already, anew. */
  push(name: string, sequence: number, time: number): void {
    const known = this.#entryOf(name);
    if (known !== NONE) this.#forget(known);
    const entry = this.#allocate();
    this.#enter(entry, name);
    this.#setNumber(entry, SEQUENCE, sequence);
    this.#setNumber(entry, TIME, time);
    this.#fields.set(entry, NEXT, 0);
    if (this.#last === NONE) this.#first = entry;
    else this.#fields.set(this.#last, NEXT, entry + 1);
    this.#last = entry;
  }

  /** Removes the first entry. */
  shift(): void {
    const entry = this.#first;
    if (entry === NONE) return;
    if (this.#fields.get(entry, ADDRESS) !== FORGOTTEN) this.#forget(entry);
    this.#first = this.#fields.get(entry, NEXT) - 1;
    if (this.#first === NONE) return this.clear();
    this.#fields.set(entry, NEXT, this.#free + 1);
    this.#free = entry;
  }

  /** Removes all, and gives back the memory. */
  clear(): void {
    this.#fields.clear();
    this.#names.clear();
    this.#slots.clear();
    this.#long.clear();
    this.#longEntries.clear();
    this.#first = this.#last = this.#free = NONE;
    this.#used = this.#size = 0;
  }

  #entryOf(name: string): number {
    if (name.length > LENGTH_MAX) return this.#longEntries.get(name) ?? NONE;
    const hash = this.#hashOf(name);
    const slots = this.#slots.of(hash);
    const mask = slots.length - 1;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const entry = (slots[slot] ?? 0) - 1;
      if (entry === NONE) return NONE;
      if (this.#fields.get(entry, HASH) !== hash) continue;
      const address = this.#fields.get(entry, ADDRESS);
      if (this.#names.equals(address, name)) return entry;
    }
  }

  #enter(entry: number, name: string): void {
    this.#size++;
    if (name.length > LENGTH_MAX) {
      this.#fields.set(entry, ADDRESS, LONG);
      this.#long.set(entry, name);
      this.#longEntries.set(name, entry);
      return;
    }
    this.#fields.set(entry, HASH, this.#hashOf(name));
    this.#fields.set(entry, ADDRESS, this.#names.add(entry, name));
    this.#slots.add(entry);
  }

  /** It keeps its place, but is not found any more. */
  #forget(entry: number): void {
    this.#size--;
    const address = this.#fields.get(entry, ADDRESS);
    if (address === LONG) {
      this.#longEntries.delete(this.#long.get(entry) ?? "");
      this.#long.delete(entry);
    } else {
      this.#slots.delete(entry);
      this.#names.delete(address);
    }
    this.#fields.set(entry, ADDRESS, FORGOTTEN);
  }

  #allocate(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#fields.get(free, NEXT) - 1;
      return free;
    }
    this.#fields.reserve(this.#used);
    return this.#used++;
  }

  #number(entry: number, field: number): number {
    return this.#fields.get(entry, field + 1) * TWO_32 +
      this.#fields.get(entry, field);
  }

  #setNumber(entry: number, field: number, value: number): void {
    this.#fields.set(entry, field, value % TWO_32);
    this.#fields.set(entry, field + 1, Math.floor(value / TWO_32));
  }

  #hashOf(name: string): number {
    if (name === this.#hashedName) return this.#hashed;
    const { length } = name;
    if (length > this.#scratch.length) {
      this.#scratch = new Uint8Array(2 * length);
      this.#scratchView = new DataView(this.#scratch.buffer);
    }
    const scratch = this.#scratch;
    for (let i = 0; i < length; i++) scratch[i] = name.charCodeAt(i);
    this.#hashedName = name;
    return this.#hashed = this.#hash.of(this.#scratchView, 0, length) >>> 0;
  }
}

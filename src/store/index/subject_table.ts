/**
 * The subjects of a stream, and of each how many messages it has.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Chunk } from "../../protocol/mod.ts";
import type { Random } from "../../runtime/mod.ts";
import {
  bytesToSubject,
  KeyedHash,
  type SubjectFilter,
} from "../../subject/mod.ts";
import { IdSlots } from "./id_slots.ts";
import type { KnownSubjects } from "./known_subjects.ts";
import { NameArena } from "./name_arena.ts";
import { PagedWords } from "./paged_words.ts";
import { prefixOf, type SubjectPattern } from "./subject_pattern.ts";
import { Sieve, SubjectSearch } from "./subject_search.ts";
import { SubjectTree } from "./subject_tree.ts";
import type { TreeWalk } from "./tree_walk.ts";

/** Fields of a subject. Sequences take two words. */
const ADDRESS = 0;
const HASH = 1;
const COUNT = 2;
const FIRST = 3;
const LAST = 5;
const FIELDS = 7;

const TWO_32 = 0x1_0000_0000;
/** Subjects whose text is kept, by the lower bits of their id. */
const TEXTS = 256;
/** Subjects that are restored between two rests, and ids that are looked at. */
const STRIDE = 512;
const IDS_AT_ONCE = 64 * 1024;
/** Names up to this length are hashed without making room first. */
const FIRST_SCRATCH = 256;

/** Answer for subjects that are not there. */
export const ABSENT = -1;

/**
 * Subjects have small ids, which are given out again. About eighty bytes per
 * subject, outside of the JavaScript heap.
 */
export class SubjectTable {
  readonly #hash: KeyedHash;
  readonly #fields = new PagedWords(FIELDS);
  readonly #names = new NameArena((id, address) => {
    this.#fields.set(id, ADDRESS, address);
  });
  readonly #tree = new SubjectTree({
    bytes: (id) => this.#names.bytes(this.#fields.get(id, ADDRESS)),
    start: (id) => this.#names.start(this.#fields.get(id, ADDRESS)),
    length: (id) => this.#names.length(this.#fields.get(id, ADDRESS)),
  });
  readonly #slots = new IdSlots((id) => this.#fields.get(id, HASH));
  #size = 0;
  #used = 0;
  #freeIds: number[] = [];
  #scratch = new Uint8Array(FIRST_SCRATCH);
  #scratchView = new DataView(this.#scratch.buffer);
  readonly #texts: (string | null)[] = new Array(TEXTS).fill(null);
  readonly #textIds = new Int32Array(TEXTS).fill(ABSENT);
  readonly #sieves = new WeakMap<SubjectFilter, Sieve>();
  #recentName = "";
  #recentId = ABSENT;

  constructor(random: Pick<Random, "below">) {
    this.#hash = KeyedHash.fromSeed(random.below(Number.MAX_SAFE_INTEGER));
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes. */
  get byteLength(): number {
    return this.#fields.byteLength + this.#names.byteLength +
      this.#tree.byteLength + this.#slots.byteLength;
  }

  /** Bytes that the names take, and a few more. */
  get namesLength(): number {
    return this.#names.byteLength;
  }

  /** Id of a subject; {@linkcode ABSENT} when it has no messages. */
  find(name: string): number {
    if (name === this.#recentName && this.#recentId !== ABSENT) {
      return this.#recentId;
    }
    const hash = this.#hashOf(name);
    const slots = this.#slots.of(hash);
    const mask = slots.length - 1;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const id = (slots[slot] ?? 0) - 1;
      if (id < 0) return ABSENT;
      if (this.#fields.get(id, HASH) !== hash) continue;
      if (!this.#names.equals(this.#fields.get(id, ADDRESS), name)) continue;
      this.#recentName = name;
      return this.#recentId = id;
    }
  }

  /** The same for a subject that is bytes. */
  findBytes({ bytes, view }: Chunk, start: number, end: number): number {
    const length = end - start;
    const hash = this.#hash.of(view, start, end) >>> 0;
    const slots = this.#slots.of(hash);
    const mask = slots.length - 1;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const id = (slots[slot] ?? 0) - 1;
      if (id < 0) return ABSENT;
      if (this.#fields.get(id, HASH) !== hash) continue;
      const address = this.#fields.get(id, ADDRESS);
      if (this.#names.equalsBytes(address, bytes, start, length)) return id;
    }
  }

  /** Adds a subject that is absent. @returns its id */
  add(name: string): number {
    const id = this.#freeIds.pop() ?? this.#used++;
    this.#fields.reserve(id);
    this.#enter(id, name);
    this.#recentName = name;
    return this.#recentId = id;
  }

  #enter(id: number, name: string): void {
    const hash = this.#hashOf(name);
    this.#fields.set(id, ADDRESS, this.#names.add(id, name));
    this.#fields.set(id, HASH, hash);
    this.#fields.set(id, COUNT, 0);
    this.#slots.add(id);
    this.#tree.add(id);
    this.#size++;
  }

  /** All ids are below. */
  get idsEnd(): number {
    return this.#used;
  }

  /**
   * Fills an empty table with subjects that have ids already.
   * @param end all ids are below
   * @param subjects each once
   */
  *restoring(end: number, subjects: KnownSubjects): Work<void> {
    this.clear();
    this.#used = end;
    for (let id = 0; id < end; id++) {
      this.#fields.reserve(id);
      if (id % IDS_AT_ONCE === IDS_AT_ONCE - 1) yield;
    }
    for (let i = 0; i < subjects.length; i++) {
      this.#restore(i, subjects);
      if (i % STRIDE === 0) yield;
    }
    for (let id = end - 1; id >= 0; id--) {
      if (this.count(id) === 0) this.#freeIds.push(id);
      if (id % IDS_AT_ONCE === 0) yield;
    }
  }

  #restore(
    i: number,
    { text, starts, ends, ids, counts, firsts, lasts }: KnownSubjects,
  ): void {
    const id = ids[i] ?? 0;
    this.#enter(id, bytesToSubject(text, starts[i] ?? 0, ends[i] ?? 0));
    this.setCount(id, counts[i] ?? 0);
    this.setFirst(id, firsts[i] ?? 0);
    this.setLast(id, lasts[i] ?? 0);
  }

  /** Forgets a subject; its id will be given out again. */
  delete(id: number): void {
    this.#tree.delete(id);
    this.#slots.delete(id);
    this.#names.delete(this.#fields.get(id, ADDRESS));
    this.#fields.set(id, COUNT, 0);
    this.#freeIds.push(id);
    this.#size--;
    if (this.#recentId === id) this.#recentId = ABSENT;
    if (this.#textIds[id % TEXTS] === id) this.#textIds[id % TEXTS] = ABSENT;
  }

  clear(): void {
    this.#fields.clear();
    this.#names.clear();
    this.#tree.clear();
    this.#slots.clear();
    this.#size = this.#used = 0;
    this.#freeIds = [];
    this.#textIds.fill(ABSENT);
    this.#recentId = ABSENT;
  }

  /** The subject as a byte string. */
  name(id: number): string {
    const slot = id % TEXTS;
    const known = this.#texts[slot];
    if (this.#textIds[slot] === id && known) return known;
    const address = this.#fields.get(id, ADDRESS);
    const bytes = this.#names.bytes(address);
    const start = this.#names.start(address);
    const end = start + this.#names.length(address);
    const name = bytesToSubject(bytes, start, end);
    this.#texts[slot] = name;
    this.#textIds[slot] = id;
    return name;
  }

  /** Bytes of its name. */
  nameSize(id: number): number {
    return this.#names.length(this.#fields.get(id, ADDRESS));
  }

  /** Messages of a subject. */
  count(id: number): number {
    return this.#fields.get(id, COUNT);
  }

  first(id: number): number {
    return this.#sequence(id, FIRST);
  }

  last(id: number): number {
    return this.#sequence(id, LAST);
  }

  setCount(id: number, count: number): void {
    this.#fields.set(id, COUNT, count);
  }

  setFirst(id: number, sequence: number): void {
    this.#setSequence(id, FIRST, sequence);
  }

  setLast(id: number, sequence: number): void {
    this.#setSequence(id, LAST, sequence);
  }

  /** Whether a filter lets every subject through that is there. */
  coveredBy(filter: SubjectFilter): boolean {
    if (filter.isAll) return true;
    return filter.subjects.some((pattern) => {
      const prefix = prefixOf(pattern);
      return pattern === prefix
        ? this.#size === 1 && this.find(pattern) !== ABSENT
        : pattern === `${prefix}>` && this.#tree.allStartWith(prefix);
    });
  }

  /**
   * Calls `visit` once with each subject that a filter lets through. The table
   * must not be changed meanwhile.
   */
  match(filter: SubjectFilter, visit: (id: number) => void): void {
    if (filter.literal === null) return this.search(filter).run(visit);
    const id = this.find(filter.literal);
    if (id !== ABSENT) visit(id);
  }

  /** Whether a filter lets a subject through. */
  lets(filter: SubjectFilter, id: number): boolean {
    return this.#sieve(filter).lets(this, id);
  }

  /** Finds the same step by step. */
  search(filter: SubjectFilter): SubjectSearch {
    return new SubjectSearch(this, this.#sieve(filter));
  }

  #sieve(filter: SubjectFilter): Sieve {
    let sieve = this.#sieves.get(filter);
    if (sieve === undefined) {
      sieve = new Sieve(filter);
      this.#sieves.set(filter, sieve);
    }
    return sieve;
  }

  /** Goes through all subjects that start with `prefix`, in order. */
  walk(prefix: string): TreeWalk {
    return this.#tree.walk(prefix);
  }

  /** As `SubjectPattern.ruledOut`. */
  ruledOut(id: number, pattern: SubjectPattern): number {
    const address = this.#fields.get(id, ADDRESS);
    const start = this.#names.start(address);
    const end = start + this.#names.length(address);
    return pattern.ruledOut(this.#names.bytes(address), start, end);
  }

  #sequence(id: number, field: number): number {
    return this.#fields.get(id, field + 1) * TWO_32 +
      this.#fields.get(id, field);
  }

  #setSequence(id: number, field: number, sequence: number): void {
    this.#fields.set(id, field, sequence % TWO_32);
    this.#fields.set(id, field + 1, Math.floor(sequence / TWO_32));
  }

  #hashOf(name: string): number {
    const length = name.length;
    if (length > this.#scratch.length) {
      this.#scratch = new Uint8Array(2 * length);
      this.#scratchView = new DataView(this.#scratch.buffer);
    }
    const scratch = this.#scratch;
    for (let i = 0; i < length; i++) scratch[i] = name.charCodeAt(i);
    return this.#hash.of(this.#scratchView, 0, length) >>> 0;
  }
}

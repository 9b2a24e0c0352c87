/**
 * A set of byte strings, each with a small dense id.
 *
 * @module
 */

import { KeyArena } from "./key_arena.ts";

/** Returned by `find` for absent keys. */
export const ABSENT = -1;

const FIRST_SLOTS = 8;
/** Tables up to this size move at once. */
const FEW_SLOTS = 4096;
/** Slots of a larger table that move with each change: some microseconds. */
const SLOTS_AT_ONCE = 16;

// A slot has four words, so that a lookup touches one line of the processor's
// cache for the slot and one for the key.
const SLOT = 4;
const ID = 0; // id + 1; 0 in an empty slot
const HASH = 1;
const OFFSET = 2; // of the key in the arena
const LENGTH = 3; // or `GONE`

/** Length in a slot whose key was removed while the table moved. */
const GONE = -1;

/** Slots and keys that belong together. */
class Store {
  readonly slots: Int32Array;
  readonly mask: number;
  readonly arena: KeyArena;

  constructor(count: number, expectedBytes: number) {
    this.slots = new Int32Array(count * SLOT);
    this.mask = count - 1;
    this.arena = new KeyArena(expectedBytes);
  }

  /** Id of a key, or `ABSENT`. */
  find(hash: number, view: DataView, start: number, length: number): number {
    const { slots, mask } = this;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const at = slot * SLOT;
      const id = (slots[at] ?? 0) - 1;
      if (id < 0) return ABSENT;
      if (slots[at + HASH] !== hash || slots[at + LENGTH] !== length) continue;
      if (this.arena.equals(slots[at + OFFSET] ?? 0, view, start, length)) {
        return id;
      }
    }
  }

  /** Where the slot of an id begins, or `ABSENT`. */
  slotOf(hash: number, id: number): number {
    const { slots, mask } = this;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const at = slot * SLOT;
      if (slots[at] === 0) return ABSENT;
      if (slots[at] === id + 1 && slots[at + LENGTH] !== GONE) return at;
    }
  }

  place(id: number, hash: number, offset: number, length: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot * SLOT] !== 0) slot = (slot + 1) & mask;
    const at = slot * SLOT;
    slots[at + ID] = id + 1;
    slots[at + HASH] = hash;
    slots[at + OFFSET] = offset;
    slots[at + LENGTH] = length;
  }

  /** Empties the slot that begins at `at` and moves later ones up, so that no probe breaks off. */
  vacate(at: number): void {
    const { slots, mask } = this;
    let hole = at / SLOT;
    slots[at] = 0;
    for (let slot = (hole + 1) & mask;; slot = (slot + 1) & mask) {
      const from = slot * SLOT;
      if (slots[from] === 0) return;
      const home = (slots[from + HASH] ?? 0) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots.copyWithin(hole * SLOT, from, from + SLOT);
      slots[from] = 0;
      hole = slot;
    }
  }
}

/**
 * Open addressing with linear probing, at most three quarters full. Slots and
 * key bytes live in typed arrays: a million keys are few objects to the garbage
 * collector, and cost 32 to 64 bytes each besides their own bytes.
 *
 * A large table that has to grow, to shrink or to get rid of garbage moves to
 * another store little by little, with each change of its keys, so that no
 * change takes long. Until then lookups go to both.
 */
export class ByteTable {
  #store = new Store(FIRST_SLOTS, 0);
  /** What the table is moving out of; its slots before `#moved` are in `#store` too. */
  #previous: Store | null = null;
  #moved = 0;
  #size = 0;
  /** Ids that were given out and have come back. */
  #freeIds: number[] = [];

  /** Keys present. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that the table takes up. */
  get byteLength(): number {
    const of = ({ slots, arena }: Store) => slots.byteLength + arena.capacity;
    const previous = this.#previous;
    return of(this.#store) + (previous === null ? 0 : of(previous));
  }

  /** Id of the key `[start, end)`, whose hash is `hash`, or `ABSENT`. */
  find(hash: number, view: DataView, start: number, end: number): number {
    const id = this.#store.find(hash, view, start, end - start);
    return id === ABSENT && this.#previous !== null
      ? this.#previous.find(hash, view, start, end - start)
      : id;
  }

  /** Adds a key that is absent. @returns its id, below the number of keys ever present at once */
  add(hash: number, view: DataView, start: number, end: number): number {
    const length = end - start;
    this.#prepare(length);
    const id = this.#freeIds.pop() ?? this.#size;
    const store = this.#store;
    store.place(id, hash, store.arena.add(view, start, length), length);
    this.#size++;
    return id;
  }

  /** Removes the key with this hash and id; the id will be given out again. */
  delete(hash: number, id: number): void {
    this.#remove(hash, id);
    this.#size--;
    if (this.#size === 0) {
      this.#previous = null;
      this.#freeIds = [];
      // A table that goes empty often and stays small keeps its arrays.
      const { mask, arena } = this.#store;
      if (mask >= FIRST_SLOTS || arena.capacity > 1024) {
        this.#store = new Store(FIRST_SLOTS, 0);
      }
      return;
    }
    this.#freeIds.push(id);
    const { mask } = this.#store;
    if (this.#previous !== null) this.#move(SLOTS_AT_ONCE);
    else if (16 * this.#size < mask) this.#moveTo((mask + 1) / 2);
  }

  /** Takes a key out of the store, and out of the one before. */
  #remove(hash: number, id: number): void {
    const store = this.#store;
    const at = store.slotOf(hash, id);
    if (at !== ABSENT) {
      store.arena.drop(store.slots[at + LENGTH] ?? 0);
      store.vacate(at);
    }
    const previous = this.#previous;
    const old = previous?.slotOf(hash, id) ?? ABSENT;
    if (previous !== null && old !== ABSENT) {
      previous.slots[old + LENGTH] = GONE;
    }
  }

  /** Sees to it that there is room for one more key. */
  #prepare(length: number): void {
    const { mask, arena } = this.#store;
    if (4 * (this.#size + 1) > 3 * mask) {
      // It never comes to this while a large table still moves.
      this.#move(Infinity);
      this.#moveTo(2 * (mask + 1));
    } else if (this.#previous !== null) this.#move(SLOTS_AT_ONCE);
    else if (arena.isWasteful(length)) {
      this.#moveTo(2 * this.#size > mask ? 2 * (mask + 1) : mask + 1);
    }
  }

  /** Begins to move to a store of so many slots. */
  #moveTo(count: number): void {
    const { slots, arena } = this.#store;
    this.#previous = this.#store;
    this.#moved = 0;
    this.#store = new Store(Math.max(count, FIRST_SLOTS), 2 * arena.live);
    if (slots.length <= FEW_SLOTS * SLOT) this.#move(Infinity);
  }

  /** Moves the keys of the next slots. */
  #move(most: number): void {
    const previous = this.#previous;
    if (previous === null) return;
    const store = this.#store;
    const { slots, arena } = previous;
    const end = Math.min(this.#moved + most * SLOT, slots.length);
    for (let at = this.#moved; at < end; at += SLOT) {
      const id = (slots[at] ?? 0) - 1;
      const length = slots[at + LENGTH] ?? 0;
      if (id < 0 || length === GONE) continue;
      const offset = store.arena.adopt(arena, slots[at + OFFSET] ?? 0, length);
      store.place(id, slots[at + HASH] ?? 0, offset, length);
    }
    this.#moved = end;
    if (end === slots.length) this.#previous = null;
  }
}

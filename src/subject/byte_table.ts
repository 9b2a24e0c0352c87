/**
 * A set of byte strings, each with a small dense id.
 *
 * @module
 */

import { equalBytes } from "./bytes.ts";

/** Returned by `find` for absent keys. */
export const ABSENT = -1;

const FIRST_SLOTS = 8;
const FIRST_ARENA = 64;

// A slot has four words, so that a lookup touches one line of the processor's
// cache for the slot and one for the key.
const SLOT = 4;
const ID = 0; // id + 1; 0 in an empty slot
const HASH = 1;
const OFFSET = 2; // of the key in the arena
const LENGTH = 3;

/**
 * Open addressing with linear probing, at most half full. Slots and key bytes
 * live in typed arrays: a million keys are two objects to the garbage
 * collector, and cost 32 to 64 bytes each besides their own bytes.
 */
export class ByteTable {
  #slots = new Int32Array(FIRST_SLOTS * SLOT);
  #mask = FIRST_SLOTS - 1;
  #arena = new Uint8Array(FIRST_ARENA);
  #arenaView = new DataView(this.#arena.buffer);
  #arenaUsed = 0;
  /** Bytes of present keys; the rest of what is used is garbage. */
  #liveBytes = 0;
  #size = 0;
  /** Ids that were given out and have come back. */
  #freeIds: number[] = [];

  /** Keys present. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that the table takes up. */
  get byteLength(): number {
    return this.#slots.byteLength + this.#arena.byteLength;
  }

  /** Id of the key `[start, end)`, whose hash is `hash`, or `ABSENT`. */
  find(hash: number, view: DataView, start: number, end: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const at = slot * SLOT;
      const id = (slots[at] ?? 0) - 1;
      if (id < 0) return ABSENT;
      if (slots[at + HASH] !== hash) continue;
      const length = end - start;
      const offset = slots[at + OFFSET] ?? 0;
      if (
        slots[at + LENGTH] === length &&
        equalBytes(this.#arenaView, offset, view, start, length)
      ) return id;
    }
  }

  /** Adds a key that is absent. @returns its id, below the number of keys ever present at once */
  add(hash: number, view: DataView, start: number, end: number): number {
    if (4 * (this.#size + 1) > 3 * this.#mask) {
      this.#resize(2 * (this.#mask + 1));
    }
    const length = end - start;
    const offset = this.#reserve(length);
    for (let i = 0; i < length; i++) {
      this.#arena[offset + i] = view.getUint8(start + i);
    }
    const id = this.#freeIds.pop() ?? this.#size;
    this.#place(id, hash, offset, length);
    this.#size++;
    return id;
  }

  /** Removes the key with this hash and id; the id will be given out again. */
  delete(hash: number, id: number): void {
    const slots = this.#slots;
    let slot = hash & this.#mask;
    while (slots[slot * SLOT] !== id + 1) slot = (slot + 1) & this.#mask;
    this.#liveBytes -= slots[slot * SLOT + LENGTH] ?? 0;
    this.#vacate(slot);
    this.#size--;
    if (this.#size === 0) this.#reset();
    else {
      this.#freeIds.push(id);
      if (16 * this.#size < this.#mask) this.#resize((this.#mask + 1) / 2);
    }
  }

  /** Starts over; a table that goes empty often and stays small keeps its arrays. */
  #reset(): void {
    this.#freeIds = [];
    this.#arenaUsed = 0;
    if (this.#mask >= FIRST_SLOTS) this.#resize(FIRST_SLOTS);
    if (this.#arena.length > FIRST_ARENA) this.#growArena(FIRST_ARENA);
  }

  /** Empties a slot and moves later ones up, so that no probe breaks off. */
  #vacate(hole: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    slots[hole * SLOT] = 0;
    for (let slot = (hole + 1) & mask;; slot = (slot + 1) & mask) {
      const at = slot * SLOT;
      if (slots[at] === 0) return;
      const home = (slots[at + HASH] ?? 0) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots.copyWithin(hole * SLOT, at, at + SLOT);
      slots[at] = 0;
      hole = slot;
    }
  }

  #place(id: number, hash: number, offset: number, length: number): void {
    const slots = this.#slots;
    let slot = hash & this.#mask;
    while (slots[slot * SLOT] !== 0) slot = (slot + 1) & this.#mask;
    const at = slot * SLOT;
    slots[at + ID] = id + 1;
    slots[at + HASH] = hash;
    slots[at + OFFSET] = offset;
    slots[at + LENGTH] = length;
  }

  #resize(count: number): void {
    const old = this.#slots;
    this.#slots = new Int32Array(Math.max(count, FIRST_SLOTS) * SLOT);
    this.#mask = this.#slots.length / SLOT - 1;
    for (let at = 0; at < old.length; at += SLOT) {
      const id = (old[at] ?? 0) - 1;
      if (id < 0) continue;
      this.#place(
        id,
        old[at + HASH] ?? 0,
        old[at + OFFSET] ?? 0,
        old[at + LENGTH] ?? 0,
      );
    }
  }

  /** Makes room for `length` bytes in the arena. @returns their offset */
  #reserve(length: number): number {
    if (this.#arenaUsed + length > this.#arena.length) {
      const wanted = this.#liveBytes + length;
      if (4 * wanted < 3 * this.#arena.length) this.#compactArena(2 * wanted);
      else this.#growArena(this.#arenaUsed + wanted);
    }
    const offset = this.#arenaUsed;
    this.#arenaUsed += length;
    this.#liveBytes += length;
    return offset;
  }

  /** Copies all that is used, garbage too: one sweep beats many small ones. */
  #growArena(capacity: number): void {
    const arena = new Uint8Array(Math.max(FIRST_ARENA, capacity));
    arena.set(this.#arena.subarray(0, this.#arenaUsed));
    this.#useArena(arena, this.#arenaUsed);
  }

  /** Copies the present keys, leaving garbage behind, and grows no larger. */
  #compactArena(capacity: number): void {
    const arena = new Uint8Array(Math.min(capacity, this.#arena.length));
    const slots = this.#slots;
    let used = 0;
    for (let at = 0; at < slots.length; at += SLOT) {
      if (slots[at] === 0) continue;
      const offset = slots[at + OFFSET] ?? 0;
      const length = slots[at + LENGTH] ?? 0;
      // Keys are short: copying by index beats a subarray and a set call.
      for (let i = 0; i < length; i++) {
        arena[used + i] = this.#arena[offset + i] ?? 0;
      }
      slots[at + OFFSET] = used;
      used += length;
    }
    this.#useArena(arena, used);
  }

  #useArena(arena: Uint8Array<ArrayBuffer>, used: number): void {
    this.#arena = arena;
    this.#arenaView = new DataView(arena.buffer);
    this.#arenaUsed = used;
  }
}

/**
 * Ids by hash.
 *
 * @module
 */

const FIRST_SLOTS = 16;
/** A table that would get larger than this becomes many. */
const WHOLE_MAX = 4096;
/** As many as there are values of the upper bits of a hash. */
const SHARDS = 256;
const SHARD_SHIFT = 24;

/**
 * Open addressing, at most three quarters full. Large tables consist of shards,
 * each of which grows and shrinks by itself: so no id that comes or goes has
 * all others move.
 */
export class IdSlots {
  readonly #hashOf: (id: number) => number;
  /** Ids plus one; 0: none. */
  #shards: Uint32Array[] = [new Uint32Array(FIRST_SLOTS)];
  #sizes: number[] = [0];
  /** Of the upper bits of a hash. */
  #shardMask = 0;

  /** @param hashOf hash of an id that is there, unsigned 32 bits */
  constructor(hashOf: (id: number) => number) {
    this.#hashOf = hashOf;
  }

  get byteLength(): number {
    return this.#shards.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The slots among which ids with that hash are, from `hash % length` on. */
  of(hash: number): Uint32Array {
    return this
      .#shards[(hash >>> SHARD_SHIFT) & this.#shardMask] as Uint32Array;
  }

  add(id: number): void {
    const hash = this.#hashOf(id);
    let shard = (hash >>> SHARD_SHIFT) & this.#shardMask;
    const { length } = this.of(hash);
    if (4 * ((this.#sizes[shard] ?? 0) + 1) > 3 * length) {
      const splits = this.#shardMask === 0 && length >= WHOLE_MAX;
      if (splits) this.#split();
      else this.#resize(shard, 2 * length);
      shard = (hash >>> SHARD_SHIFT) & this.#shardMask;
    }
    this.#sizes[shard] = (this.#sizes[shard] ?? 0) + 1;
    place(this.of(hash), id, hash);
  }

  /** Removes an id that is there. */
  delete(id: number): void {
    const hash = this.#hashOf(id);
    const shard = (hash >>> SHARD_SHIFT) & this.#shardMask;
    const slots = this.of(hash);
    this.#vacate(slots, id, hash);
    const size = this.#sizes[shard] = (this.#sizes[shard] ?? 0) - 1;
    if (8 * size < slots.length && slots.length > FIRST_SLOTS) {
      this.#resize(shard, slots.length / 2);
    }
  }

  clear(): void {
    this.#shards = [new Uint32Array(FIRST_SLOTS)];
    this.#sizes = [0];
    this.#shardMask = 0;
  }

  /** Empties a slot and moves later ones up, so that no probe breaks off. */
  #vacate(slots: Uint32Array, id: number, hash: number): void {
    const mask = slots.length - 1;
    let hole = hash & mask;
    while (slots[hole] !== id + 1) hole = (hole + 1) & mask;
    slots[hole] = 0;
    for (let slot = (hole + 1) & mask; slots[slot] !== 0;) {
      const home = this.#hashOf((slots[slot] ?? 0) - 1) & mask;
      if (((slot - home) & mask) >= ((slot - hole) & mask)) {
        slots[hole] = slots[slot] ?? 0;
        slots[slot] = 0;
        hole = slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #resize(shard: number, length: number): void {
    const old = this.#shards[shard] as Uint32Array;
    const slots = this.#shards[shard] = new Uint32Array(length);
    for (const entry of old) {
      if (entry !== 0) place(slots, entry - 1, this.#hashOf(entry - 1));
    }
  }

  #split(): void {
    const [whole] = this.#shards;
    this.#shardMask = SHARDS - 1;
    this.#sizes = new Array(SHARDS).fill(0);
    this.#shards = Array.from(
      { length: SHARDS },
      () => new Uint32Array(FIRST_SLOTS),
    );
    for (const entry of whole ?? []) if (entry !== 0) this.add(entry - 1);
  }
}

function place(slots: Uint32Array, id: number, hash: number): void {
  const mask = slots.length - 1;
  let slot = hash & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  slots[slot] = id + 1;
}

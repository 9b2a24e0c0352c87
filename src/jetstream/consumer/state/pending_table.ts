/**
 * Messages that wait for their acknowledgements.
 *
 * @module
 */

/** No slot. */
export const NO_SLOT = -1;

const CAPACITY_MIN = 8;
/** Buckets per slot: half full at most, so that searches stay short. */
const BUCKETS_PER_SLOT = 2;
/** Spreads consecutive sequences over the buckets (2^32 / golden ratio). */
const SPREAD = 0x9e3779b1;

/** Most consumers have nothing pending: they share these. */
const NO_NUMBERS = new Float64Array(0);
const NO_LINKS = new Int32Array(0);

/**
 * By stream sequence, in its order. Adding behind the last, finding and
 * removing take constant time; nothing is allocated but to grow. A row is
 * named by its slot, which stays the same until the row is removed.
 */
export class PendingTable {
  #count = 0;
  #capacity = 0;
  #sequences = NO_NUMBERS;
  #consumerSequences = NO_NUMBERS;
  #times = NO_NUMBERS;
  #tickets = NO_NUMBERS;
  /** Neighbours by sequence; of free slots, `#next` is the next free one. */
  #previous = NO_LINKS;
  #next = NO_LINKS;
  /** Open addressing: slot + 1, 0 for an empty bucket. */
  #buckets = NO_LINKS;
  #mask = 0;
  #head = NO_SLOT;
  #tail = NO_SLOT;
  #free = NO_SLOT;

  get count(): number {
    return this.#count;
  }

  /** Slot of the lowest stream sequence. */
  get first(): number {
    return this.#head;
  }

  /** Slot of the highest stream sequence. */
  get last(): number {
    return this.#tail;
  }

  /** Slot of the next higher stream sequence. */
  after(slot: number): number {
    return this.#next[slot] as number;
  }

  /** Stream sequence. */
  sequence(slot: number): number {
    return this.#sequences[slot] as number;
  }

  /** Consumer sequence of the first delivery. */
  consumerSequence(slot: number): number {
    return this.#consumerSequences[slot] as number;
  }

  /** When it was delivered last, milliseconds. */
  time(slot: number): number {
    return this.#times[slot] as number;
  }

  setTime(slot: number, time: number): void {
    this.#times[slot] = time;
  }

  /** Place in the queue for redelivery; 0: none. */
  ticket(slot: number): number {
    return this.#tickets[slot] as number;
  }

  setTicket(slot: number, ticket: number): void {
    this.#tickets[slot] = ticket;
  }

  /** Slot of a stream sequence, or {@link NO_SLOT}. */
  find(sequence: number): number {
    if (this.#count === 0) return NO_SLOT;
    for (let at = this.#home(sequence);; at = (at + 1) & this.#mask) {
      const slot = (this.#buckets[at] as number) - 1;
      if (slot < 0 || this.#sequences[slot] === sequence) return slot;
    }
  }

  /** Adds a sequence that is not there. @returns its slot */
  add(sequence: number, consumerSequence: number, time: number): number {
    if (this.#count === this.#capacity) this.#grow();
    const slot = this.#free;
    this.#free = this.#next[slot] as number;
    this.#sequences[slot] = sequence;
    this.#consumerSequences[slot] = consumerSequence;
    this.#times[slot] = time;
    this.#tickets[slot] = 0;
    this.#link(slot, sequence);
    this.#enter(slot, sequence);
    this.#count++;
    return slot;
  }

  remove(slot: number): void {
    this.#leave(this.#sequences[slot] as number);
    const previous = this.#previous[slot] as number;
    const next = this.#next[slot] as number;
    if (previous === NO_SLOT) this.#head = next;
    else this.#next[previous] = next;
    if (next === NO_SLOT) this.#tail = previous;
    else this.#previous[next] = previous;
    this.#next[slot] = this.#free;
    this.#free = slot;
    this.#count--;
  }

  /** Removes everything and gives the memory back. */
  clear(): void {
    this.#count = 0;
    this.#head = NO_SLOT;
    this.#tail = NO_SLOT;
    this.#free = NO_SLOT;
    this.#capacity = 0;
    this.#mask = 0;
    this.#sequences = NO_NUMBERS;
    this.#consumerSequences = NO_NUMBERS;
    this.#times = NO_NUMBERS;
    this.#tickets = NO_NUMBERS;
    this.#previous = NO_LINKS;
    this.#next = NO_LINKS;
    this.#buckets = NO_LINKS;
  }

  #home(sequence: number): number {
    return Math.imul(sequence | 0, SPREAD) >>> 7 & this.#mask;
  }

  #link(slot: number, sequence: number): void {
    let before = this.#tail;
    while (
      before !== NO_SLOT && (this.#sequences[before] as number) > sequence
    ) before = this.#previous[before] as number;
    const after = before === NO_SLOT
      ? this.#head
      : this.#next[before] as number;
    this.#previous[slot] = before;
    this.#next[slot] = after;
    if (before === NO_SLOT) this.#head = slot;
    else this.#next[before] = slot;
    if (after === NO_SLOT) this.#tail = slot;
    else this.#previous[after] = slot;
  }

  #enter(slot: number, sequence: number): void {
    let at = this.#home(sequence);
    while (this.#buckets[at] !== 0) at = (at + 1) & this.#mask;
    this.#buckets[at] = slot + 1;
  }

  /** Closes the gap, so that no searches end early. */
  #leave(sequence: number): void {
    const buckets = this.#buckets;
    const mask = this.#mask;
    let gap = this.#home(sequence);
    while (
      this.#sequences[(buckets[gap] as number) - 1] !== sequence
    ) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask;; at = (at + 1) & mask) {
      const entry = buckets[at] as number;
      if (entry === 0) break;
      const home = this.#home(this.#sequences[entry - 1] as number);
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      buckets[gap] = entry;
      gap = at;
    }
    buckets[gap] = 0;
  }

  #grow(): void {
    const filled = this.#capacity;
    this.#resize(Math.max(CAPACITY_MIN, filled * 2));
    for (let slot = 0; slot < filled; slot++) {
      this.#enter(slot, this.#sequences[slot] as number);
    }
    for (let slot = this.#capacity - 1; slot >= filled; slot--) {
      this.#next[slot] = this.#free;
      this.#free = slot;
    }
  }

  /** Keeps the rows; the buckets are empty afterwards. */
  #resize(capacity: number): void {
    this.#sequences = resized(this.#sequences, new Float64Array(capacity));
    this.#consumerSequences = resized(
      this.#consumerSequences,
      new Float64Array(capacity),
    );
    this.#times = resized(this.#times, new Float64Array(capacity));
    this.#tickets = resized(this.#tickets, new Float64Array(capacity));
    this.#previous = resized(this.#previous, new Int32Array(capacity));
    this.#next = resized(this.#next, new Int32Array(capacity));
    this.#capacity = capacity;
    this.#buckets = new Int32Array(capacity * BUCKETS_PER_SLOT);
    this.#mask = capacity * BUCKETS_PER_SLOT - 1;
  }
}

function resized<T extends Float64Array | Int32Array>(
  old: T,
  target: T,
): T {
  target.set(old);
  return target;
}

/**
 * Messages that wait for their acknowledgements.
 *
 * @module
 */

import { partOf, PARTS } from "./parts.ts";

/** No slot. */
export const NO_SLOT = -1;

/** Rows of a page, as a power of two; the first page grows up to that. */
const PAGE_BITS = 12;
const PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SIZE - 1;
const ROWS_MIN = 8;
/** Buckets per row: half full at most, so that searches stay short. */
const BUCKETS_PER_ROW = 2;
/** Spreads consecutive sequences over the buckets (2^32 / golden ratio). */
const SPREAD = 0x9e3779b1;
/** Buckets are chosen by bits of the hash from here on. */
const BUCKET_SHIFT = 7;
/** Rows with which a table is large. */
const LARGE = 4 * PAGE_SIZE;

/** Numbers of a row: where each is behind the first. */
const NUMBERS = 4;
const SEQUENCE = 0;
const CONSUMER_SEQUENCE = 1;
const TIME = 2;
const TICKET = 3;
/** Links of a row: neighbours by sequence; of a free one, the next free one. */
const LINKS = 2;
const PREVIOUS = 0;
const NEXT = 1;

/** Rows that belong together; a free one has the sequence 0. */
class Page {
  readonly numbers: Float64Array;
  readonly links: Int32Array;

  constructor(readonly size: number) {
    this.numbers = new Float64Array(NUMBERS * size);
    this.links = new Int32Array(LINKS * size);
  }

  /** The same rows with room for more. */
  grown(size: number): Page {
    const page = new Page(size);
    page.numbers.set(this.numbers);
    page.links.set(this.links);
    return page;
  }
}

/** A row, for whoever looks at all. */
export interface PendingRow {
  readonly sequence: number;
  readonly consumerSequence: number;
  readonly time: number;
}

/** Part of the buckets: open addressing, slot + 1, 0 for an empty one. */
class Part {
  rows = 0;
  buckets = new Int32Array(ROWS_MIN * BUCKETS_PER_ROW);
}

/**
 * By stream sequence, in its order. Adding behind the last, finding and
 * removing take constant time; nothing is allocated but to grow, and growing
 * never means to copy or sort anew very much. A row is named by its slot, which
 * stays the same until the row is removed.
 */
export class PendingTable {
  #count = 0;
  /** Most consumers have nothing pending. */
  #pages: Page[] = [];
  #parts: Part[] = [];
  #head = NO_SLOT;
  #tail = NO_SLOT;
  #free = NO_SLOT;
  /** Where walks that are under way go on. */
  readonly #walks: { at: number }[] = [];

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
    return this.#link(slot, NEXT);
  }

  /** Stream sequence. */
  sequence(slot: number): number {
    return this.#number(slot, SEQUENCE);
  }

  /** Consumer sequence of the first delivery. */
  consumerSequence(slot: number): number {
    return this.#number(slot, CONSUMER_SEQUENCE);
  }

  /** When it was delivered last, milliseconds. */
  time(slot: number): number {
    return this.#number(slot, TIME);
  }

  setTime(slot: number, time: number): void {
    this.#page(slot).numbers[NUMBERS * (slot & PAGE_MASK) + TIME] = time;
  }

  /** Place in the queue for redelivery; 0: none. */
  ticket(slot: number): number {
    return this.#number(slot, TICKET);
  }

  setTicket(slot: number, ticket: number): void {
    this.#page(slot).numbers[NUMBERS * (slot & PAGE_MASK) + TICKET] = ticket;
  }

  /** Slot of a stream sequence, or {@link NO_SLOT}. */
  find(sequence: number): number {
    if (this.#count === 0) return NO_SLOT;
    const hash = hashOf(sequence);
    const { buckets } = this.#partOf(sequence);
    const mask = buckets.length - 1;
    for (let at = (hash >>> BUCKET_SHIFT) & mask;; at = (at + 1) & mask) {
      const slot = (buckets[at] as number) - 1;
      if (slot < 0 || this.sequence(slot) === sequence) return slot;
    }
  }

  /** Adds a sequence that is not there. @returns its slot */
  add(sequence: number, consumerSequence: number, time: number): number {
    if (this.#free === NO_SLOT) this.#grow();
    const slot = this.#free;
    const { numbers, links } = this.#page(slot);
    const row = slot & PAGE_MASK;
    this.#free = links[LINKS * row + NEXT] as number;
    const at = NUMBERS * row;
    numbers[at + SEQUENCE] = sequence;
    numbers[at + CONSUMER_SEQUENCE] = consumerSequence;
    numbers[at + TIME] = time;
    numbers[at + TICKET] = 0;
    this.#chain(slot, sequence);
    this.#enter(slot, sequence);
    this.#count++;
    return slot;
  }

  remove(slot: number): void {
    const { numbers, links } = this.#page(slot);
    const row = slot & PAGE_MASK;
    const at = LINKS * row;
    this.#leave(numbers[NUMBERS * row + SEQUENCE] as number);
    const previous = links[at + PREVIOUS] as number;
    const next = links[at + NEXT] as number;
    if (previous === NO_SLOT) this.#head = next;
    else this.#setLink(previous, NEXT, next);
    if (next === NO_SLOT) this.#tail = previous;
    else this.#setLink(next, PREVIOUS, previous);
    if (this.#walks.length > 0) this.#moveWalks(slot, next);
    numbers[NUMBERS * row + SEQUENCE] = 0;
    links[at + NEXT] = this.#free;
    this.#free = slot;
    this.#count--;
  }

  #moveWalks(from: number, to: number): void {
    for (const walk of this.#walks) if (walk.at === from) walk.at = to;
  }

  /** Removes everything and gives the memory back. */
  clear(): void {
    this.#count = 0;
    this.#head = NO_SLOT;
    this.#tail = NO_SLOT;
    this.#free = NO_SLOT;
    for (const walk of this.#walks) walk.at = NO_SLOT;
    this.#pages = [];
    this.#parts = [];
  }

  /** Slots by ascending sequence, while rows come and go. */
  *walk(): Generator<number, undefined> {
    const walk = { at: this.#head };
    this.#walks.push(walk);
    try {
      while (walk.at !== NO_SLOT) {
        const slot = walk.at;
        walk.at = this.after(slot);
        yield slot;
      }
    } finally {
      this.#walks.splice(this.#walks.indexOf(walk), 1);
    }
  }

  /**
   * All rows in no order, while others come and go, of which it may tell or not.
   * What is cleared meanwhile is told as it was.
   */
  *rows(): Generator<PendingRow, undefined> {
    const pages = this.#pages;
    for (let i = 0; i < pages.length; i++) {
      const page = pages[i] as Page;
      for (let row = 0; row < page.size; row++) {
        const at = NUMBERS * row;
        if (page.numbers[at] !== 0) yield rowOf(page.numbers, at);
      }
    }
  }

  #page(slot: number): Page {
    return this.#pages[slot >>> PAGE_BITS] as Page;
  }

  #partOf(sequence: number): Part {
    const { length } = this.#parts;
    return this.#parts[length === 1 ? 0 : partOf(sequence)] as Part;
  }

  #number(slot: number, which: number): number {
    return this.#page(slot).numbers[
      NUMBERS * (slot & PAGE_MASK) + which
    ] as number;
  }

  #link(slot: number, which: number): number {
    return this.#page(slot).links[LINKS * (slot & PAGE_MASK) + which] as number;
  }

  #setLink(slot: number, which: number, to: number): void {
    this.#page(slot).links[LINKS * (slot & PAGE_MASK) + which] = to;
  }

  /** Puts a row where it belongs in the order of sequences: nearly always last. */
  #chain(slot: number, sequence: number): void {
    let before = this.#tail;
    while (before !== NO_SLOT && this.sequence(before) > sequence) {
      before = this.#link(before, PREVIOUS);
    }
    const after = before === NO_SLOT ? this.#head : this.after(before);
    this.#setLink(slot, PREVIOUS, before);
    this.#setLink(slot, NEXT, after);
    if (before === NO_SLOT) this.#head = slot;
    else this.#setLink(before, NEXT, slot);
    if (after === NO_SLOT) this.#tail = slot;
    else this.#setLink(after, PREVIOUS, slot);
  }

  #enter(slot: number, sequence: number): void {
    const hash = hashOf(sequence);
    const part = this.#partOf(sequence);
    if (++part.rows * BUCKETS_PER_ROW > part.buckets.length) {
      const { buckets } = part;
      part.buckets = new Int32Array(2 * buckets.length);
      for (const entry of buckets) {
        if (entry !== 0) put(part, entry, hashOf(this.sequence(entry - 1)));
      }
    }
    put(part, slot + 1, hash);
  }

  /** Closes the gap, so that no searches end early. */
  #leave(sequence: number): void {
    const hash = hashOf(sequence);
    const part = this.#partOf(sequence);
    const { buckets } = part;
    const mask = buckets.length - 1;
    part.rows--;
    let gap = (hash >>> BUCKET_SHIFT) & mask;
    while (
      this.sequence((buckets[gap] as number) - 1) !== sequence
    ) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask;; at = (at + 1) & mask) {
      const entry = buckets[at] as number;
      if (entry === 0) break;
      const home = hashOf(this.sequence(entry - 1)) >>> BUCKET_SHIFT;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      buckets[gap] = entry;
      gap = at;
    }
    buckets[gap] = 0;
  }

  /** Makes room for more rows: a larger first page, or another one. */
  #grow(): void {
    const first = this.#pages[0];
    let begin = this.#pages.length * PAGE_SIZE;
    let end = begin + PAGE_SIZE;
    if (first === undefined || first.size < PAGE_SIZE) {
      begin = first?.size ?? 0;
      end = Math.max(ROWS_MIN, 2 * begin);
      this.#pages[0] = first?.grown(end) ?? new Page(end);
    } else this.#pages.push(new Page(PAGE_SIZE));
    for (let slot = begin; slot < end; slot++) {
      this.#setLink(slot, NEXT, slot + 1 < end ? slot + 1 : NO_SLOT);
    }
    this.#free = begin;
    if (this.#parts.length === 0) this.#parts = [new Part()];
    else if (this.#parts.length === 1 && begin >= LARGE) this.#divide();
  }

  /** Lets each part of the buckets grow by itself from now on. */
  #divide(): void {
    this.#parts = Array.from({ length: PARTS }, () => new Part());
    for (let slot = this.#head; slot !== NO_SLOT; slot = this.after(slot)) {
      this.#enter(slot, this.sequence(slot));
    }
  }
}

function rowOf(numbers: Float64Array, at: number): PendingRow {
  return {
    sequence: numbers[at + SEQUENCE] as number,
    consumerSequence: numbers[at + CONSUMER_SEQUENCE] as number,
    time: numbers[at + TIME] as number,
  };
}

function hashOf(sequence: number): number {
  return Math.imul(sequence | 0, SPREAD) >>> 0;
}

/** Adds an entry to a part that has room. */
function put({ buckets }: Part, entry: number, hash: number): void {
  const mask = buckets.length - 1;
  let at = (hash >>> BUCKET_SHIFT) & mask;
  while (buckets[at] !== 0) at = (at + 1) & mask;
  buckets[at] = entry;
}

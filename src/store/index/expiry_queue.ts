/**
 * Which message expires next, of those with a time of their own to live.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";

/** Messages per page, as a power of two. */
const PAGE_BITS = 12;
const PAGE_SIZE = 1 << PAGE_BITS;
/** Entries of the first page at first: most streams have few. */
const FIRST_SIZE = 16;
/** Entries that are looked at when one comes: so what is gone does not pile up. */
const LOOKS = 2;

/** Entries, in the order of the heap. */
interface Page {
  readonly sequences: Float64Array<ArrayBuffer>;
  /** Nanoseconds since 1970; whole milliseconds and the rest would not do. */
  readonly times: BigInt64Array<ArrayBuffer>;
}

/**
 * A heap in pages of typed arrays, 16 bytes per message. Messages that are
 * removed otherwise stay in it until their time comes or they are found by
 * {@linkcode tidy} or {@linkcode sweep}.
 */
export class ExpiryQueue {
  #pages: Page[] = [];
  #size = 0;
  /** The entry that is looked at next. */
  #look = 0;

  get size(): number {
    return this.#size;
  }

  /** When the first expires; null: never. */
  get next(): bigint | null {
    return this.#size === 0 ? null : this.#time(0);
  }

  /** The message that expires first; 0: none. */
  get sequence(): number {
    return this.#size === 0 ? 0 : this.#sequence(0);
  }

  add(sequence: number, time: bigint): void {
    this.#reserve(this.#size);
    this.#rise(this.#size++, sequence, time);
  }

  /** Takes out the first. */
  shift(): void {
    if (this.#size > 0) this.#remove(0);
  }

  /** Drops some of those for which `keep` is false; called as often as others come. */
  tidy(keep: (sequence: number) => boolean): void {
    for (let i = 0; i < LOOKS && this.#size > 0; i++) {
      if (this.#look >= this.#size) this.#look = 0;
      if (keep(this.#sequence(this.#look))) this.#look++;
      else this.#remove(this.#look);
    }
  }

  /** Drops all for which `keep` is false. */
  sweep(keep: (sequence: number) => boolean): void {
    finish(this.sweeping(keep));
  }

  /** The same, step by step; nothing else may be done to it meanwhile. */
  *sweeping(keep: (sequence: number) => boolean): Work<void> {
    const size = this.#size;
    let kept = 0;
    for (let i = 0; i < size; i++) {
      const sequence = this.#sequence(i);
      if (keep(sequence)) this.#set(kept++, sequence, this.#time(i));
      if (i % PAGE_SIZE === PAGE_SIZE - 1) yield;
    }
    this.#size = kept;
    for (let i = (kept >> 1) - 1; i >= 0; i--) {
      this.#sink(i, this.#sequence(i), this.#time(i));
      if (i % PAGE_SIZE === PAGE_SIZE - 1) yield;
    }
    this.#shrink();
  }

  /** All that are in it, in no order. */
  *entries(): Iterable<{ readonly sequence: number; readonly time: bigint }> {
    for (let i = 0; i < this.#size; i++) {
      yield { sequence: this.#sequence(i), time: this.#time(i) };
    }
  }

  /** What is in it now, however it goes on. */
  copy(): ExpiryQueue {
    const copy = new ExpiryQueue();
    copy.#size = this.#size;
    copy.#pages = this.#pages.map(({ sequences, times }) => ({
      sequences: sequences.slice(),
      times: times.slice(),
    }));
    return copy;
  }

  clear(): void {
    this.#pages = [];
    this.#size = this.#look = 0;
  }

  #remove(at: number): void {
    const last = --this.#size;
    if (at < last) {
      const sequence = this.#sequence(last);
      const time = this.#time(last);
      const isEarlier = at > 0 && time < this.#time((at - 1) >> 1);
      if (isEarlier) this.#rise(at, sequence, time);
      else this.#sink(at, sequence, time);
    }
    this.#shrink();
  }

  #rise(at: number, sequence: number, time: bigint): void {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#time(parent);
      if (above <= time) break;
      this.#set(at, this.#sequence(parent), above);
      at = parent;
    }
    this.#set(at, sequence, time);
  }

  #sink(at: number, sequence: number, time: bigint): void {
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      let below = this.#time(child);
      const right = child + 1;
      if (right < this.#size) {
        const other = this.#time(right);
        if (other < below) {
          child = right;
          below = other;
        }
      }
      if (below >= time) break;
      this.#set(at, this.#sequence(child), below);
      at = child;
    }
    this.#set(at, sequence, time);
  }

  #sequence(at: number): number {
    const page = this.#pages[at >>> PAGE_BITS];
    return page?.sequences[at & (PAGE_SIZE - 1)] ?? 0;
  }

  #time(at: number): bigint {
    const page = this.#pages[at >>> PAGE_BITS];
    return page?.times[at & (PAGE_SIZE - 1)] ?? 0n;
  }

  #set(at: number, sequence: number, time: bigint): void {
    const page = this.#pages[at >>> PAGE_BITS];
    if (page === undefined) throw new Error("no room was reserved");
    page.sequences[at & (PAGE_SIZE - 1)] = sequence;
    page.times[at & (PAGE_SIZE - 1)] = time;
  }

  /** Makes room for the entry `at`, which is one behind the last at most. */
  #reserve(at: number): void {
    const number = at >>> PAGE_BITS;
    const held = this.#pages[number];
    const used = at & (PAGE_SIZE - 1);
    if (held !== undefined && held.sequences.length > used) return;
    const size = number > 0
      ? PAGE_SIZE
      : Math.min(PAGE_SIZE, Math.max(FIRST_SIZE, 4 * used));
    const sequences = new Float64Array(size);
    const times = new BigInt64Array(size);
    if (held !== undefined) {
      sequences.set(held.sequences);
      times.set(held.times);
    }
    this.#pages[number] = { sequences, times };
  }

  /** Keeps one page more than are needed. */
  #shrink(): void {
    const needed = (this.#size + PAGE_SIZE - 1) >>> PAGE_BITS;
    if (this.#pages.length > needed + 1) this.#pages.length = needed + 1;
  }
}

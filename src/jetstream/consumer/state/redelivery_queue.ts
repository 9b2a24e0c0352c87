/**
 * In which order messages are delivered again.
 *
 * @module
 */

import { NO_SLOT, type PendingTable } from "./pending_table.ts";

/** Places of a page; the first page grows up to that. */
const PAGE = 1024;
const FIRST = 16;
/** Places that are empty before it is worth the time to close up. */
const EMPTY_MAX = 1 << 20;
const NO_PAGE: Page = { places: new Float64Array(0), taken: 0 };

/** Places that belong together. */
interface Page {
  readonly places: Float64Array;
  /** How many are taken. */
  taken: number;
}

/**
 * First in, first out. Only what is pending can be in it: a message that is
 * removed from the table has left the queue too. A place in the queue is a
 * ticket in the table, so that leaving takes constant time; what it leaves
 * behind is passed over.
 */
export class RedeliveryQueue {
  readonly #table: PendingTable;
  /** Stream sequences by place, from the page of the first place on. */
  #pages: Page[] = [];
  /** Number of the first page. */
  #base = 0;
  /** Places from here to there may be taken. */
  #begin = 0;
  #end = 0;
  #count = 0;

  constructor(table: PendingTable) {
    this.#table = table;
  }

  get count(): number {
    return this.#count;
  }

  has(slot: number): boolean {
    return this.#table.ticket(slot) !== 0;
  }

  /** Adds what is not in it. */
  push(slot: number): void {
    if (this.#end - this.#begin > this.#count + EMPTY_MAX) this.#closeUp();
    const at = this.#end % PAGE;
    const number = Math.floor(this.#end / PAGE) - this.#base;
    const page = this.#pageFor(number, at);
    page.places[at] = this.#table.sequence(slot);
    page.taken++;
    this.#table.setTicket(slot, ++this.#end);
    this.#count++;
  }

  /** The page with that place, which may be the first behind all others. */
  #pageFor(number: number, at: number): Page {
    const { places, taken } = this.#pages[number] ?? NO_PAGE;
    if (at < places.length) return this.#pages[number] as Page;
    const size = number > 0 ? PAGE : Math.max(FIRST, 2 * places.length);
    const next = new Float64Array(Math.min(PAGE, Math.max(size, at + 1)));
    next.set(places);
    return this.#pages[number] = { places: next, taken };
  }

  /** Slot of the first; {@link NO_SLOT} when there is none. */
  peek(): number {
    while (this.#count > 0) {
      if (this.#pages[0]?.taken === 0) this.#leaveFirstPage();
      const slot = this.#slotAt(this.#begin);
      if (slot !== NO_SLOT) return slot;
      if (++this.#begin % PAGE === 0) this.#leaveFirstPage();
    }
    return NO_SLOT;
  }

  /** It is full, and all have left it. */
  #leaveFirstPage(): void {
    this.#pages.shift();
    this.#begin = ++this.#base * PAGE;
  }

  /** Takes out what is in it. To be called before the slot is removed. */
  leave(slot: number): void {
    const ticket = this.#table.ticket(slot);
    if (ticket === 0) return;
    this.#table.setTicket(slot, 0);
    const page = this.#pageOf(ticket - 1);
    if (page !== undefined) page.taken--;
    if (--this.#count === 0) this.#empty();
  }

  /** The table has been cleared. */
  clear(): void {
    this.#count = 0;
    this.#empty();
    this.#pages = [];
  }

  /** Nobody has a place any more. */
  #empty(): void {
    this.#begin = this.#end = 0;
    this.#base = 0;
    if (this.#pages.length > 1) this.#pages = [];
  }

  #pageOf(position: number): Page | undefined {
    return this.#pages[Math.floor(position / PAGE) - this.#base];
  }

  /** Whose place it still is. */
  #slotAt(position: number): number {
    const page = this.#pageOf(position);
    if (page === undefined) return NO_SLOT;
    const slot = this.#table.find(page.places[position % PAGE] as number);
    return slot !== NO_SLOT && this.#table.ticket(slot) === position + 1
      ? slot
      : NO_SLOT;
  }

  /** Leaves no place empty. */
  #closeUp(): void {
    const kept: number[] = [];
    for (let at = this.#begin; at < this.#end; at++) {
      const slot = this.#slotAt(at);
      if (slot !== NO_SLOT) kept.push(slot);
    }
    this.clear();
    for (const slot of kept) this.push(slot);
  }
}

/**
 * Where each message is, and which of the same subject are its neighbours.
 *
 * @module
 */

import { IndexPage, type MessageVisitor, PAGE_SIZE } from "./index_page.ts";

/** Links reach no further: sequences beyond are found by searching. */
const REACH = 0xffff_ffff;

/** What {@linkcode MessageIndex} answers for absent messages. */
export const NONE = -1;

/**
 * Sixteen bytes per message, in pages that go when they are empty, so that
 * gaps of any size cost nothing.
 */
export class MessageIndex {
  /** Ascending. */
  #pages: IndexPage[] = [];
  /** What {@linkcode seek} has found. */
  foundPosition = 0;
  foundSubject = 0;
  /** The page that was asked for last. */
  #recent: IndexPage | null = null;

  /** All pages, in ascending order. */
  get pages(): readonly IndexPage[] {
    return this.#pages;
  }

  /** Adds a page behind all others. */
  restore(page: IndexPage): void {
    this.#pages.push(page);
  }

  /** Bytes. */
  get byteLength(): number {
    return this.#pages.reduce((sum, page) => sum + page.byteLength, 0);
  }

  /**
   * Adds a message behind all others.
   * @param previous of the same subject; 0: none
   */
  add(
    sequence: number,
    position: number,
    subject: number,
    previous: number,
  ): void {
    const number = Math.floor(sequence / PAGE_SIZE);
    let page = this.#pages.at(-1);
    while (page !== undefined && page.number !== number && page.count === 0) {
      this.#drop(page);
      page = this.#pages.at(-1);
    }
    if (page === undefined || page.number !== number) {
      // Behind a full page another one is likely.
      page = new IndexPage(number, page?.count === PAGE_SIZE);
      this.#pages.push(page);
    }
    const back = previous === 0 ? 0 : Math.min(sequence - previous, REACH);
    page.add(sequence - page.base, position, subject, back, 0);
    if (previous !== 0) this.#setNext(previous, sequence);
  }

  /** Whether there is such a message. */
  has(sequence: number): boolean {
    const page = this.#pageOf(sequence);
    return page !== null && page.find(sequence - page.base) >= 0;
  }

  /** Looks for a message, its position and the id of its subject at once. */
  seek(sequence: number): boolean {
    const page = this.#pageOf(sequence);
    if (page === null) return false;
    const at = page.find(sequence - page.base);
    if (at < 0) return false;
    this.foundPosition = page.position(at);
    this.foundSubject = page.subject(at);
    return true;
  }

  /** Where the record of a message is in its block. */
  position(sequence: number): number {
    const page = this.#pageOf(sequence);
    if (page === null) return NONE;
    const at = page.find(sequence - page.base);
    return at < 0 ? NONE : page.position(at);
  }

  /** Id of the subject of a message. */
  subject(sequence: number): number {
    const page = this.#pageOf(sequence);
    if (page === null) return NONE;
    const at = page.find(sequence - page.base);
    return at < 0 ? NONE : page.subject(at);
  }

  /** The record of a message has moved inside its block, if it was at `from`. */
  move(sequence: number, from: number, to: number): void {
    const page = this.#pageOf(sequence);
    if (page === null) return;
    const at = page.find(sequence - page.base);
    if (at >= 0 && page.position(at) === from) page.setPosition(at, to);
  }

  /** The first message at or behind `sequence`; 0: none. */
  next(sequence: number): number {
    const page = this.#pageOf(sequence);
    const offset = page?.next(sequence - page.base) ?? -1;
    return page !== null && offset >= 0
      ? page.base + offset
      : this.#nextPage(sequence);
  }

  #nextPage(sequence: number): number {
    for (let i = this.#lowerBound(sequence); i < this.#pages.length; i++) {
      const page = this.#pages[i];
      if (page === undefined) break;
      const offset = page.next(Math.max(0, sequence - page.base));
      if (offset >= 0) return page.base + offset;
    }
    return 0;
  }

  /**
   * Visits messages from `from` on, in ascending order.
   * @param end of their sequences
   * @param most pages at once
   * @returns where to go on; `end` when there are no more
   */
  visit(
    from: number,
    end: number,
    most: number,
    visitor: MessageVisitor,
  ): number {
    const first = this.#lowerBound(from);
    for (let i = first; i < first + most; i++) {
      const page = this.#pages[i];
      if (page === undefined || page.base >= end) return end;
      page.visit(Math.max(0, from - page.base), end - page.base, visitor);
    }
    return Math.min(end, this.#pages[first + most]?.base ?? end);
  }

  /** The last message at or before `sequence`; 0: none. */
  previous(sequence: number): number {
    let i = this.#lowerBound(sequence);
    if ((this.#pages[i]?.base ?? Infinity) > sequence) i--;
    for (; i >= 0; i--) {
      const page = this.#pages[i];
      if (page === undefined) break;
      const from = Math.min(PAGE_SIZE - 1, sequence - page.base);
      const offset = page.previous(from);
      if (offset >= 0) return page.base + offset;
    }
    return 0;
  }

  /** Messages at or behind `sequence`. */
  countFrom(sequence: number): number {
    let count = 0;
    for (let i = this.#lowerBound(sequence); i < this.#pages.length; i++) {
      const page = this.#pages[i];
      if (page === undefined) break;
      count += page.base >= sequence
        ? page.count
        : page.countFrom(sequence - page.base);
    }
    return count;
  }

  /** The next message of the same subject; 0: none. */
  nextOfSubject(sequence: number): number {
    const page = this.#pageOf(sequence);
    if (page === null) return 0;
    const at = page.find(sequence - page.base);
    if (at < 0) return 0;
    const ahead = page.ahead(at);
    if (ahead !== REACH) return ahead === 0 ? 0 : sequence + ahead;
    const subject = page.subject(at);
    let next = this.next(sequence + REACH);
    while (next !== 0 && this.subject(next) !== subject) {
      next = this.next(next + 1);
    }
    return next;
  }

  /** The message of the same subject before; 0: none. */
  previousOfSubject(sequence: number): number {
    const page = this.#pageOf(sequence);
    if (page === null) return 0;
    const at = page.find(sequence - page.base);
    if (at < 0) return 0;
    const back = page.back(at);
    if (back !== REACH) return back === 0 ? 0 : sequence - back;
    const subject = page.subject(at);
    let previous = this.previous(sequence - REACH);
    while (previous !== 0 && this.subject(previous) !== subject) {
      previous = this.previous(previous - 1);
    }
    return previous;
  }

  /** Removes a message that is there. */
  remove(sequence: number): void {
    const page = this.#pageOf(sequence);
    if (page === null) return;
    const at = page.find(sequence - page.base);
    if (at < 0) return;
    const previous = this.previousOfSubject(sequence);
    const next = this.nextOfSubject(sequence);
    if (previous !== 0) this.#setNext(previous, next);
    if (next !== 0) this.#setPrevious(next, previous);
    const last = page === this.#pages.at(-1);
    page.remove(at, !last);
    if (page.count === 0 && !last) this.#drop(page);
  }

  clear(): void {
    this.#pages = [];
    this.#recent = null;
  }

  #setNext(sequence: number, next: number): void {
    const page = this.#pageOf(sequence);
    const at = page?.find(sequence - page.base) ?? -1;
    if (at < 0) return;
    page?.setAhead(at, next === 0 ? 0 : Math.min(next - sequence, REACH));
  }

  #setPrevious(sequence: number, previous: number): void {
    const page = this.#pageOf(sequence);
    const at = page?.find(sequence - page.base) ?? -1;
    if (at < 0) return;
    const back = previous === 0 ? 0 : Math.min(sequence - previous, REACH);
    page?.setBack(at, back);
  }

  #drop(page: IndexPage): void {
    const i = this.#lowerBound(page.base);
    this.#pages.splice(i, 1);
    if (this.#recent === page) this.#recent = null;
  }

  #pageOf(sequence: number): IndexPage | null {
    const recent = this.#recent;
    const offset = recent === null ? -1 : sequence - recent.base;
    if (offset >= 0 && offset < PAGE_SIZE) return recent;
    const page = this.#pages[this.#lowerBound(sequence)];
    if (page === undefined || page.base > sequence) return null;
    return this.#recent = page;
  }

  /** Index of the first page that ends at or behind `sequence`. */
  #lowerBound(sequence: number): number {
    const pages = this.#pages;
    const number = Math.floor(sequence / PAGE_SIZE);
    // Mostly there are no gaps.
    const guess = number - (pages[0]?.number ?? 0);
    if (pages[guess]?.number === number) return guess;
    let low = 0;
    let high = pages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pages[middle]?.number ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

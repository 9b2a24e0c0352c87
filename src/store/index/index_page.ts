/**
 * A run of sequences of the message index.
 *
 * @module
 */

/** Sequences per page, as a power of two. */
export const PAGE_BITS = 10;
/** Sequences per page. */
export const PAGE_SIZE = 1 << PAGE_BITS;

/** Words of an entry. */
const ENTRY = 4;
/** Where the record is in its block. */
const POSITION = 0;
/** Id of the subject, plus one; 0: no message. */
const SUBJECT = 1;
/** How far back the subject's message before this one is; 0: none. */
const BACK = 2;
/** How far ahead the next one is. */
const AHEAD = 3;

/** Entries that a page starts with. */
const FIRST_SIZE = 16;
/** Pages with fewer messages are packed. */
const PACK_BELOW = PAGE_SIZE / 4;

/** Told of a message: its sequence, position, and the id of its subject. */
export type MessageVisitor = (
  sequence: number,
  position: number,
  subject: number,
) => void;

/** All that a page holds. */
export interface PageContent {
  readonly words: Uint32Array<ArrayBuffer>;
  /** Lower bits of the sequences of a packed page, one per entry. */
  readonly packed: Uint16Array<ArrayBuffer> | null;
}

/** Most bytes that a page takes. */
export const PAGE_BYTES_MAX = PAGE_SIZE * ENTRY * 4;

/**
 * At first, entries are found by their sequence. A page that has lost most of
 * its messages is packed: its entries stand close together, and the lower bits
 * of their sequences in a sorted list beside them.
 */
export class IndexPage {
  /** Sequence of the first entry, whether it is there or not. */
  readonly base: number;
  /** Messages. */
  count = 0;
  /** Whether anything has changed since it was kept; who keeps it says so. */
  changed = true;
  /** Where it is kept, if it is, as who keeps it counts. */
  slot = -1;
  #words: Uint32Array<ArrayBuffer>;
  /** Sequences of a packed page, less the base; null when it is not packed. */
  #packed: Uint16Array<ArrayBuffer> | null = null;

  /**
   * @param number which page it is, counted from sequence 0
   * @param roomy whether all of its sequences are expected
   */
  constructor(readonly number: number, roomy = false) {
    this.base = number * PAGE_SIZE;
    this.#words = new Uint32Array((roomy ? PAGE_SIZE : FIRST_SIZE) * ENTRY);
  }

  /**
   * The page that gave these arrays, which it will own.
   * @throws RangeError when that is not possible
   */
  static of(number: number, { words, packed }: PageContent): IndexPage {
    const page = new IndexPage(number);
    const entries = words.length / ENTRY;
    const isSound = entries <= PAGE_SIZE && Number.isInteger(entries) &&
      (packed === null || packed.length === entries);
    if (!isSound) throw new RangeError("no such page");
    page.#words = words;
    page.#packed = packed;
    for (let at = 0; at < entries; at++) {
      if (words[at * ENTRY + SUBJECT] !== 0) page.count++;
    }
    page.changed = false;
    return page;
  }

  /** What {@linkcode of} makes the same page of. */
  get content(): PageContent {
    return { words: this.#words, packed: this.#packed };
  }

  /** Bytes. */
  get byteLength(): number {
    return this.#words.byteLength + (this.#packed?.byteLength ?? 0);
  }

  /** Adds an entry behind all others. */
  add(
    offset: number,
    position: number,
    subject: number,
    back: number,
    ahead: number,
  ): void {
    if (this.#packed !== null) this.#unpack();
    if (offset * ENTRY >= this.#words.length) this.#grow(offset + 1);
    const words = this.#words;
    const at = offset * ENTRY;
    words[at + POSITION] = position;
    words[at + SUBJECT] = subject + 1;
    words[at + BACK] = back;
    words[at + AHEAD] = ahead;
    this.count++;
    this.changed = true;
  }

  /** Where the entry of `base + offset` is; -1 when there is none. */
  find(offset: number): number {
    const at = this.#packed === null ? offset : this.#search(offset);
    if (at < 0) return -1;
    return (this.#words[at * ENTRY + SUBJECT] ?? 0) === 0 ? -1 : at;
  }

  /** Offset of the first entry at or behind `offset`; -1 when there is none. */
  next(offset: number): number {
    const packed = this.#packed;
    const words = this.#words;
    if (packed === null) {
      const end = words.length / ENTRY;
      for (let at = offset; at < end; at++) {
        if (words[at * ENTRY + SUBJECT] !== 0) return at;
      }
      return -1;
    }
    for (let at = this.#lowerBound(offset); at < packed.length; at++) {
      if (words[at * ENTRY + SUBJECT] !== 0) return packed[at] ?? -1;
    }
    return -1;
  }

  /** Offset of the last entry at or before `offset`; -1 when there is none. */
  previous(offset: number): number {
    const packed = this.#packed;
    const words = this.#words;
    if (packed === null) {
      const last = words.length / ENTRY - 1;
      for (let at = Math.min(offset, last); at >= 0; at--) {
        if (words[at * ENTRY + SUBJECT] !== 0) return at;
      }
      return -1;
    }
    for (let at = this.#lowerBound(offset + 1) - 1; at >= 0; at--) {
      if (words[at * ENTRY + SUBJECT] !== 0) return packed[at] ?? -1;
    }
    return -1;
  }

  /** Visits the messages from `offset` on, below `end`. */
  visit(offset: number, end: number, visitor: MessageVisitor): void {
    const words = this.#words;
    const packed = this.#packed;
    const held = words.length / ENTRY;
    for (let at = this.#lowerBound(offset); at < held; at++) {
      const lower = packed === null ? at : packed[at] ?? 0;
      if (lower >= end) break;
      const subject = words[at * ENTRY + SUBJECT] ?? 0;
      if (subject === 0) continue;
      const position = words[at * ENTRY + POSITION] ?? 0;
      visitor(this.base + lower, position, subject - 1);
    }
  }

  /** Entries at or behind `offset`. */
  countFrom(offset: number): number {
    const words = this.#words;
    const end = words.length / ENTRY;
    let count = 0;
    for (let at = this.#lowerBound(offset); at < end; at++) {
      if (words[at * ENTRY + SUBJECT] !== 0) count++;
    }
    return count;
  }

  /** @param at as {@linkcode find} gave it, here and below */
  position(at: number): number {
    return this.#words[at * ENTRY + POSITION] ?? 0;
  }

  subject(at: number): number {
    return (this.#words[at * ENTRY + SUBJECT] ?? 0) - 1;
  }

  back(at: number): number {
    return this.#words[at * ENTRY + BACK] ?? 0;
  }

  ahead(at: number): number {
    return this.#words[at * ENTRY + AHEAD] ?? 0;
  }

  setPosition(at: number, position: number): void {
    this.#words[at * ENTRY + POSITION] = position;
    this.changed = true;
  }

  setBack(at: number, back: number): void {
    this.#words[at * ENTRY + BACK] = back;
    this.changed = true;
  }

  setAhead(at: number, ahead: number): void {
    this.#words[at * ENTRY + AHEAD] = ahead;
    this.changed = true;
  }

  /** @param complete whether no entries will be added any more */
  remove(at: number, complete: boolean): void {
    this.#words[at * ENTRY + SUBJECT] = 0;
    this.count--;
    this.changed = true;
    if (!complete || this.count === 0) return;
    const held = this.#words.length / ENTRY;
    if (this.count < PACK_BELOW && 2 * this.count <= held) this.#pack();
  }

  #grow(size: number): void {
    const held = this.#words.length / ENTRY;
    const wanted = Math.min(PAGE_SIZE, Math.max(size, 4 * held));
    const words = new Uint32Array(wanted * ENTRY);
    words.set(this.#words);
    this.#words = words;
  }

  #unpack(): void {
    const words = new Uint32Array(PAGE_SIZE * ENTRY);
    for (const [at, offset] of this.#packed?.entries() ?? []) {
      const entry = this.#words.subarray(at * ENTRY, (at + 1) * ENTRY);
      words.set(entry, offset * ENTRY);
    }
    this.#words = words;
    this.#packed = null;
  }

  #pack(): void {
    const words = new Uint32Array(this.count * ENTRY);
    const packed = new Uint16Array(this.count);
    const held = this.#words.length / ENTRY;
    let to = 0;
    for (let at = 0; at < held; at++) {
      if (this.#words[at * ENTRY + SUBJECT] === 0) continue;
      packed[to] = this.#packed?.[at] ?? at;
      for (let i = 0; i < ENTRY; i++) {
        words[to * ENTRY + i] = this.#words[at * ENTRY + i] ?? 0;
      }
      to++;
    }
    this.#words = words;
    this.#packed = packed;
  }

  #search(offset: number): number {
    const at = this.#lowerBound(offset);
    return this.#packed?.[at] === offset ? at : -1;
  }

  /** Index of the first packed entry at or behind `offset`. */
  #lowerBound(offset: number): number {
    const packed = this.#packed;
    if (packed === null) return offset;
    let low = 0;
    let high = packed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((packed[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

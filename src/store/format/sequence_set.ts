/**
 * Sets of sequences, above all the deleted ones inside of a block.
 *
 * @module
 */

/** Sequences that a node covers. */
export const NODE_SPAN = 2048;
/** 32-bit words of a node. */
export const NODE_WORDS: number = NODE_SPAN / 32;

/** A run of sequences that starts at a multiple of {@linkcode NODE_SPAN}. */
export interface SequenceNode {
  readonly base: number;
  /** Bit `i & 31` of word `i >> 5`: whether `base + i` is in the set. */
  readonly words: Uint32Array;
  /** How many are; never 0 between two calls. */
  count: number;
}

/**
 * A set of sequences: bitmaps of 2048, sorted, so that neighbours cost a bit
 * each, and all are found by one binary search.
 */
export class SequenceSet {
  #nodes: SequenceNode[] = [];
  #size = 0;
  /** The node that was found last: the next one asked for is often there. */
  #recent: SequenceNode | undefined;

  /** A set of the given sequences. */
  static of(sequences: Iterable<number>): SequenceSet {
    const set = new SequenceSet();
    for (const sequence of sequences) set.insert(sequence);
    return set;
  }

  /** How many sequences are in the set. */
  get size(): number {
    return this.#size;
  }

  /** The smallest, or 0 when the set is empty. */
  get min(): number {
    const node = this.#nodes[0];
    return node === undefined ? 0 : node.base + firstBit(node.words);
  }

  /** The largest, or 0 when the set is empty. */
  get max(): number {
    const node = this.#nodes.at(-1);
    return node === undefined ? 0 : node.base + lastBit(node.words);
  }

  /** The bitmaps, in order; not to be changed. */
  get nodes(): readonly SequenceNode[] {
    return this.#nodes;
  }

  has(sequence: number): boolean {
    const node = this.#find(sequence);
    if (node === undefined) return false;
    const bit = sequence - node.base;
    return (((node.words[bit >> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  /** @returns whether it was not in the set before */
  insert(sequence: number): boolean {
    const node = this.#find(sequence) ?? this.#add(sequence);
    const bit = sequence - node.base;
    const word = node.words[bit >> 5] as number;
    const mask = 1 << (bit & 31);
    if (word & mask) return false;
    node.words[bit >> 5] = word | mask;
    node.count++;
    this.#size++;
    return true;
  }

  /** Inserts `first` to `last`, both included. */
  insertRange(first: number, last: number): void {
    for (let from = first; from <= last;) {
      const node = this.#find(from) ?? this.#add(from);
      const end = Math.min(last, node.base + NODE_SPAN - 1);
      const before = node.count;
      setBits(node.words, from - node.base, end - node.base);
      node.count = countBits(node.words, 0, NODE_SPAN - 1);
      this.#size += node.count - before;
      from = end + 1;
    }
  }

  /** @returns whether it was in the set */
  delete(sequence: number): boolean {
    const node = this.#find(sequence);
    if (node === undefined) return false;
    const bit = sequence - node.base;
    const word = node.words[bit >> 5] as number;
    const mask = 1 << (bit & 31);
    if ((word & mask) === 0) return false;
    node.words[bit >> 5] = word & ~mask;
    this.#size--;
    if (--node.count === 0) this.#remove(node);
    return true;
  }

  clear(): void {
    this.#nodes = [];
    this.#size = 0;
    this.#recent = undefined;
  }

  clone(): SequenceSet {
    const copy = new SequenceSet();
    copy.#nodes = this.#nodes.map(({ base, words, count }) => ({
      base,
      words: words.slice(),
      count,
    }));
    copy.#size = this.#size;
    return copy;
  }

  /** Inserts all of `other`. */
  addAll(other: SequenceSet): void {
    for (const { base, words } of other.#nodes) this.insertWords(base, words);
  }

  /**
   * Inserts what the bitmap `words` has.
   * @param base a multiple of {@linkcode NODE_SPAN}
   */
  insertWords(base: number, words: Uint32Array): void {
    const node = this.#find(base) ?? this.#add(base);
    const before = node.count;
    for (let i = 0; i < NODE_WORDS; i++) {
      node.words[i] = (node.words[i] as number) | (words[i] as number);
    }
    node.count = countBits(node.words, 0, NODE_SPAN - 1);
    this.#size += node.count - before;
    if (node.count === 0) this.#remove(node);
  }

  equals(other: SequenceSet): boolean {
    return this.#size === other.#size &&
      this.#nodes.length === other.#nodes.length &&
      this.#nodes.every(({ base, words }, i) => {
        const twin = other.#nodes[i];
        return twin?.base === base &&
          words.every((word, j) => word === twin.words[j]);
      });
  }

  /** How many there are from `first` to `last`, both included. */
  countBetween(first: number, last: number): number {
    let count = 0;
    for (let i = this.#indexOf(first); i < this.#nodes.length; i++) {
      const { base, words, count: all } = this.#nodes[i] as SequenceNode;
      if (base > last) break;
      count += first <= base && last >= base + NODE_SPAN - 1 ? all : countBits(
        words,
        Math.max(0, first - base),
        Math.min(NODE_SPAN - 1, last - base),
      );
    }
    return count;
  }

  /**
   * The end of the unbroken run that starts at `sequence`: the first behind it
   * that is not in the set (`sequence` itself when it is not).
   */
  nextAbsent(sequence: number): number {
    let next = sequence;
    for (let i = this.#indexOf(next); i < this.#nodes.length; i++) {
      const { base, words } = this.#nodes[i] as SequenceNode;
      if (base > next) break;
      const bit = firstClearBit(words, next - base);
      next = base + bit;
      if (bit < NODE_SPAN) break;
    }
    return next;
  }

  /** All, in ascending order. The set must not change meanwhile. */
  *[Symbol.iterator](): Generator<number> {
    for (const { base, words } of this.#nodes) {
      for (let i = 0; i < NODE_WORDS; i++) {
        for (let word = words[i] as number; word !== 0; word &= word - 1) {
          yield base + i * 32 + trailingZeros(word);
        }
      }
    }
  }

  #find(sequence: number): SequenceNode | undefined {
    const recent = this.#recent;
    if (
      recent !== undefined && sequence >= recent.base &&
      sequence < recent.base + NODE_SPAN
    ) return recent;
    const node = this.#nodes[this.#indexOf(sequence)];
    if (node === undefined || sequence < node.base) return undefined;
    return this.#recent = node;
  }

  /** Where the first node stands that ends at or behind `sequence`. */
  #indexOf(sequence: number): number {
    const nodes = this.#nodes;
    let low = 0;
    let high = nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sequence >= (nodes[middle] as SequenceNode).base + NODE_SPAN) {
        low = middle + 1;
      } else high = middle;
    }
    return low;
  }

  #add(sequence: number): SequenceNode {
    const base = Math.floor(sequence / NODE_SPAN) * NODE_SPAN;
    const node = { base, words: new Uint32Array(NODE_WORDS), count: 0 };
    this.#nodes.splice(this.#indexOf(sequence), 0, node);
    return this.#recent = node;
  }

  #remove(node: SequenceNode): void {
    this.#nodes.splice(this.#indexOf(node.base), 1);
    this.#recent = undefined;
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function firstBit(words: Uint32Array): number {
  const i = words.findIndex((word) => word !== 0);
  return i * 32 + trailingZeros(words[i] ?? 0);
}

function lastBit(words: Uint32Array): number {
  const i = words.findLastIndex((word) => word !== 0);
  return i * 32 + 31 - Math.clz32(words[i] ?? 0);
}

/** The first clear bit from `from` on, or {@linkcode NODE_SPAN}. */
function firstClearBit(words: Uint32Array, from: number): number {
  let i = from >> 5;
  let clear = ~(words[i] ?? 0) & (-1 << (from & 31));
  while (clear === 0 && ++i < NODE_WORDS) clear = ~(words[i] as number);
  return i === NODE_WORDS ? NODE_SPAN : i * 32 + trailingZeros(clear);
}

/** The bits of word `i` that lie in `[first, last]`. */
function wordMask(i: number, first: number, last: number): number {
  let mask = -1;
  if (i === first >> 5) mask &= -1 << (first & 31);
  if (i === last >> 5) mask &= -1 >>> (31 - (last & 31));
  return mask;
}

function setBits(words: Uint32Array, first: number, last: number): void {
  for (let i = first >> 5; i <= last >> 5; i++) {
    words[i] = (words[i] as number) | wordMask(i, first, last);
  }
}

function countBits(words: Uint32Array, first: number, last: number): number {
  let count = 0;
  for (let i = first >> 5; i <= last >> 5; i++) {
    count += ones((words[i] as number) & wordMask(i, first, last));
  }
  return count;
}

/** How many bits of a word are set. */
function ones(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  n = (n + (n >>> 4)) & 0x0f0f0f0f;
  return Math.imul(n, 0x01010101) >>> 24;
}

/**
 * Subjects in the order of their bytes, to find those with a common beginning.
 *
 * @module
 */

import { bitOf, BITS, firstDifference } from "./name_bits.ts";
import { PagedWords } from "./paged_words.ts";
import { EMPTY, LEAF, TreeWalk } from "./tree_walk.ts";

/** What the tree needs to know of a name. */
export interface Names {
  /** The bytes among which the name of `id` is. */
  bytes(id: number): Uint8Array;
  start(id: number): number;
  length(id: number): number;
}

/** Fields of a node. */
const BIT = 0;
const LEFT = 1;
const RIGHT = 2;
const NODE = 3;

/**
 * A crit-bit tree: each node names the first bit in which the names below it
 * differ. Twelve bytes per subject.
 */
export class SubjectTree {
  readonly #names: Names;
  readonly #nodes = new PagedWords(NODE);
  #root = EMPTY;
  /** Nodes that were given up, linked by `LEFT`. */
  #free = EMPTY;
  #used = 0;
  /** Changes with the tree. */
  generation = 0;
  // Where the last descent came along.
  #parent = EMPTY;
  #parentSide = LEFT;

  constructor(names: Names) {
    this.#names = names;
  }

  get byteLength(): number {
    return this.#nodes.byteLength;
  }

  clear(): void {
    this.#nodes.clear();
    this.#root = this.#free = EMPTY;
    this.#used = 0;
    this.generation++;
  }

  /** Adds a name that is not there. */
  add(id: number): void {
    this.generation++;
    if (this.#root === EMPTY) {
      this.#root = (id | LEAF) >>> 0;
      return;
    }
    const bit = this.#difference(id, this.#nearest(id));
    const below = this.#descend(id, bit);
    const node = this.#allocate();
    const right = this.#bitOf(id, bit) === 1;
    this.#nodes.set(node, BIT, bit);
    this.#nodes.set(node, right ? RIGHT : LEFT, (id | LEAF) >>> 0);
    this.#nodes.set(node, right ? LEFT : RIGHT, below);
    this.#replace(this.#parent, this.#parentSide, node);
  }

  /** Removes a name that is there. */
  delete(id: number): void {
    this.generation++;
    let grandparent = EMPTY;
    let grandparentSide = LEFT;
    let parent = EMPTY;
    let side = LEFT;
    let at = this.#root;
    while (at < LEAF) {
      grandparent = parent;
      grandparentSide = side;
      parent = at;
      side = this.#side(id, at);
      at = this.#nodes.get(at, side);
    }
    if (parent === EMPTY) {
      this.#root = EMPTY;
      return;
    }
    const sibling = this.#nodes.get(parent, side === LEFT ? RIGHT : LEFT);
    this.#replace(grandparent, grandparentSide, sibling);
    this.#nodes.set(parent, LEFT, this.#free);
    this.#free = parent;
  }

  /** Whether all names start with `prefix`; false when there are none. */
  allStartWith(prefix: string): boolean {
    return this.#root !== EMPTY && this.under(prefix) === this.#root;
  }

  /** Goes through all names that start with `prefix`, in order. */
  walk(prefix: string): TreeWalk {
    return new TreeWalk(this, prefix);
  }

  // For walks.

  get root(): number {
    return this.#root;
  }

  bit(node: number): number {
    return this.#nodes.get(node, BIT);
  }

  left(node: number): number {
    return this.#nodes.get(node, LEFT);
  }

  right(node: number): number {
    return this.#nodes.get(node, RIGHT);
  }

  /** A byte of the name of `id`; -1 behind its end. */
  byte(id: number, index: number): number {
    const names = this.#names;
    if (index >= names.length(id)) return -1;
    return names.bytes(id)[names.start(id) + index] ?? -1;
  }

  /** A copy of the name of `id`. */
  name(id: number): Uint8Array {
    const { bytes, start, length } = this.#range(id);
    return bytes.slice(start, start + length);
  }

  /** The top of what starts with `prefix`. */
  under(prefix: string): number {
    let at = this.#root;
    if (at === EMPTY) return EMPTY;
    const bits = prefix.length * BITS;
    while (at < LEAF) {
      const bit = this.#nodes.get(at, BIT);
      if (bit >= bits) break;
      const byte = prefix.charCodeAt(Math.floor(bit / BITS));
      at = this.#nodes.get(at, bitOf(byte, bit % BITS) === 1 ? RIGHT : LEFT);
    }
    let leaf = at;
    while (leaf < LEAF) leaf = this.#nodes.get(leaf, LEFT);
    return this.#startsWith(leaf & ~LEAF, prefix) ? at : EMPTY;
  }

  #startsWith(id: number, prefix: string): boolean {
    if (this.#names.length(id) < prefix.length) return false;
    const bytes = this.#names.bytes(id);
    const start = this.#names.start(id);
    for (let i = 0; i < prefix.length; i++) {
      if (bytes[start + i] !== prefix.charCodeAt(i)) return false;
    }
    return true;
  }

  /** A name that shares as much with that of `id` as any does. */
  #nearest(id: number): number {
    let at = this.#root;
    while (at < LEAF) at = this.#nodes.get(at, this.#side(id, at));
    return at & ~LEAF;
  }

  /** Goes as far as names have the bits before `bit` in common with `id`. */
  #descend(id: number, bit: number): number {
    this.#parent = EMPTY;
    let at = this.#root;
    while (at < LEAF && this.#nodes.get(at, BIT) < bit) {
      this.#parent = at;
      this.#parentSide = this.#side(id, at);
      at = this.#nodes.get(at, this.#parentSide);
    }
    return at;
  }

  #replace(parent: number, side: number, child: number): void {
    if (parent === EMPTY) this.#root = child;
    else this.#nodes.set(parent, side, child);
  }

  #side(id: number, node: number): number {
    return this.#bitOf(id, this.#nodes.get(node, BIT)) === 1 ? RIGHT : LEFT;
  }

  #bitOf(id: number, bit: number): number {
    const index = Math.floor(bit / BITS);
    if (index >= this.#names.length(id)) return 0;
    const byte = this.#names.bytes(id)[this.#names.start(id) + index] ?? 0;
    return bitOf(byte, bit - index * BITS);
  }

  /** The first bit in which two names differ. */
  #difference(a: number, b: number): number {
    const { bytes: ofA, start: startA, length: lengthA } = this.#range(a);
    const { bytes: ofB, start: startB, length: lengthB } = this.#range(b);
    const shared = Math.min(lengthA, lengthB);
    let i = 0;
    while (i < shared && ofA[startA + i] === ofB[startB + i]) i++;
    if (i === shared) return i * BITS;
    return i * BITS +
      firstDifference(ofA[startA + i] ?? 0, ofB[startB + i] ?? 0);
  }

  #range(id: number): { bytes: Uint8Array; start: number; length: number } {
    const names = this.#names;
    return {
      bytes: names.bytes(id),
      start: names.start(id),
      length: names.length(id),
    };
  }

  #allocate(): number {
    const free = this.#free;
    if (free !== EMPTY) {
      this.#free = this.#nodes.get(free, LEFT);
      return free;
    }
    this.#nodes.reserve(this.#used);
    return this.#used++;
  }
}

/**
 * Goes through the subjects of a tree in order, with rests in between.
 *
 * @module
 */

import { bitOf, BITS, firstDifference } from "./name_bits.ts";
import type { SubjectTree } from "./subject_tree.ts";

/** Set in references to subjects; others are to nodes of the tree. */
export const LEAF = 0x8000_0000;
/** Reference to nothing. */
export const EMPTY = 0xffff_ffff;

/** There is no further name. */
export const END = -1;

/**
 * One way through. The tree may change while it rests: what comes or goes
 * behind the place of the rest is seen, what lies before it is not.
 */
export class TreeWalk {
  readonly #tree: SubjectTree;
  readonly #prefix: string;
  /** Subtrees that are still to come, and the bits in which they part. */
  #ahead: number[] = [];
  #bits: number[] = [];
  #last = END;
  /** Name of the last when it rests. */
  #resting: Uint8Array | null = null;
  #generation: number;

  constructor(tree: SubjectTree, prefix: string) {
    this.#tree = tree;
    this.#prefix = prefix;
    this.#generation = tree.generation;
    const top = tree.under(prefix);
    if (top !== EMPTY) this.#push(top, 0);
  }

  /** Id of the next name; {@linkcode END} when there is none. */
  next(): number {
    if (this.#resting !== null) this.#goOn(this.#resting);
    const tree = this.#tree;
    let at = this.#ahead.pop();
    this.#bits.pop();
    if (at === undefined) return this.#last = END;
    while (at < LEAF) {
      this.#push(tree.right(at), tree.bit(at));
      at = tree.left(at);
    }
    return this.#last = at & ~LEAF;
  }

  /** Passes over all names that have their first `bits` bits in common with the last. */
  skip(bits: number): void {
    while ((this.#bits.at(-1) ?? -1) >= bits) {
      this.#ahead.pop();
      this.#bits.pop();
    }
  }

  /** The tree may change from now on, until {@linkcode next}. */
  rest(): void {
    if (this.#last === END || this.#resting !== null) return;
    this.#resting = this.#tree.name(this.#last);
  }

  /** Whether a name was passed, or would have been: only while it rests. */
  hasPassed(name: string): boolean {
    const last = this.#resting;
    if (last === null) return this.#last === END && this.#ahead.length === 0;
    const shared = Math.min(last.length, name.length);
    for (let i = 0; i < shared; i++) {
      const order = name.charCodeAt(i) - (last[i] ?? 0);
      if (order !== 0) return order < 0;
    }
    return name.length <= last.length;
  }

  #push(at: number, bit: number): void {
    this.#ahead.push(at);
    this.#bits.push(bit);
  }

  #goOn(last: Uint8Array): void {
    this.#resting = null;
    const tree = this.#tree;
    if (this.#generation === tree.generation) return;
    this.#generation = tree.generation;
    this.#ahead = [];
    this.#bits = [];
    this.#seek(last);
  }

  /** Finds what comes behind `name`, which need not be there any more. */
  #seek(name: Uint8Array): void {
    const tree = this.#tree;
    if (tree.root === EMPTY) return;
    let nearest = tree.root;
    while (nearest < LEAF) nearest = this.#side(nearest, name);
    const parting = difference(tree, nearest & ~LEAF, name);
    const common = this.#prefix.length * BITS;
    if (parting < common) return;
    let at = tree.root;
    while (at < LEAF && tree.bit(at) < parting) {
      const side = this.#side(at, name);
      const right = tree.right(at);
      if (side !== right && tree.bit(at) >= common) {
        this.#push(right, tree.bit(at));
      }
      at = side;
    }
    // All that is left has the other bit there.
    if (parting !== Infinity && bitAt(name, parting) === 0) {
      this.#push(at, parting);
    }
  }

  /** Where the way of `name` goes on. */
  #side(node: number, name: Uint8Array): number {
    const tree = this.#tree;
    return bitAt(name, tree.bit(node)) === 1
      ? tree.right(node)
      : tree.left(node);
  }
}

function bitAt(name: Uint8Array, bit: number): number {
  const index = Math.floor(bit / BITS);
  if (index >= name.length) return 0;
  return bitOf(name[index] ?? 0, bit - index * BITS);
}

/** The first bit in which a name and that of `id` differ; Infinity: none. */
function difference(tree: SubjectTree, id: number, name: Uint8Array): number {
  for (let i = 0;; i++) {
    const a = tree.byte(id, i);
    const b = i < name.length ? name[i] ?? 0 : -1;
    if (a !== b) return i * BITS + (a < 0 || b < 0 ? 0 : firstDifference(a, b));
    if (a < 0) return Infinity;
  }
}

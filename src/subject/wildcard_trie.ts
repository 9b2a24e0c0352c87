/**
 * The subscriptions with wildcards.
 *
 * @module
 */

import { ABSENT, ByteTable } from "./byte_table.ts";
import { GradualMap } from "./gradual_map.ts";
import type { KeyedHash } from "./hash.ts";
import type { MatchCollector } from "./match_collector.ts";
import {
  addSubscriber,
  hasSubscriber,
  type IndexedSubscription,
  removeSubscriber,
  type Subscribers,
} from "./subscription_set.ts";

const STAR = 0x2a;
const DOT = 0x2e;
const REST = 0x3e;

/** Stands for the token `*` among token ids, which are 0 and up. */
const STAR_ID = -2;
/** Stands for the token `>`. */
const REST_ID = -3;
/** A token of the subject at hand that has not been looked up yet. */
const UNKNOWN = -4;

const NOWHERE: DataView = new DataView(new ArrayBuffer(0));

/** A place in the trie: a sequence of tokens that some pattern begins with. */
class TrieNode<S extends IndexedSubscription> {
  /** Next tokens, by id; `null` without any. */
  children: GradualMap<number, TrieNode<S>> | null = null;
  /** Behind the token `*`. */
  star: TrieNode<S> | null = null;
  /** Subscriptions to exactly this sequence. */
  exact: Subscribers<S> | undefined = undefined;
  /** Subscriptions to this sequence and `>`. */
  rest: Subscribers<S> | undefined = undefined;

  get isEmpty(): boolean {
    return this.exact === undefined && this.rest === undefined &&
      this.star === null && this.children === null;
  }
}

/**
 * A trie over tokens. Tokens of patterns are interned: each distinct one has
 * an id, so that a walk compares numbers, and a token of a published subject
 * is looked up at most once however many branches ask for it.
 */
export class WildcardTrie<S extends IndexedSubscription> {
  readonly #hash: KeyedHash;
  readonly #root = new TrieNode<S>();
  readonly #tokens = new ByteTable();
  /** How many edges of the trie use a token, by its id. */
  readonly #uses: number[] = [];
  #size = 0;

  // The subject that a walk is about: where its tokens begin and end, their
  // ids, and the bytes. Fields, because closures would allocate.
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #ids: number[] = [];
  #depth = 0;
  #view = NOWHERE;
  #toldLastApart = false;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  /** Subscriptions present. */
  get size(): number {
    return this.#size;
  }

  /**
   * Whether another last token of the subject that was matched last could have
   * matched other subscriptions.
   */
  get toldLastApart(): boolean {
    return this.#toldLastApart;
  }

  /**
   * Adds a subscription whose subject, a well-formed pattern, is at
   * `[start, end)`.
   * @returns false when it is there already
   */
  insert(view: DataView, start: number, end: number, subscription: S): boolean {
    this.#split(view, start, end);
    let node = this.#root;
    for (let i = 0; i < this.#depth; i++) {
      const id = this.#patternToken(i);
      if (id === REST_ID) {
        if (hasSubscriber(node.rest, subscription)) return false;
        node.rest = addSubscriber(node.rest, subscription);
        this.#size++;
        return true;
      }
      if (id === STAR_ID) node = node.star ??= new TrieNode();
      else node = this.#childFor(node, id, i);
    }
    if (hasSubscriber(node.exact, subscription)) return false;
    node.exact = addSubscriber(node.exact, subscription);
    this.#size++;
    return true;
  }

  /** Removes a subscription. @returns false when it is not there */
  remove(view: DataView, start: number, end: number, subscription: S): boolean {
    this.#split(view, start, end);
    if (!this.#removeBelow(this.#root, 0, subscription)) return false;
    this.#size--;
    return true;
  }

  /** Adds the subscribers of the literal subject `[start, end)` to `matches`. */
  match(
    view: DataView,
    start: number,
    end: number,
    matches: MatchCollector<S>,
  ): void {
    this.#toldLastApart = false;
    if (this.#split(view, start, end)) this.#matchBelow(this.#root, 0, matches);
    this.#view = NOWHERE; // Else every index would keep some read buffer alive.
  }

  /** All subscribers, pattern by pattern. */
  *subscribers(): Generator<Subscribers<S>> {
    yield* subscribersBelow(this.#root);
  }

  /** Distinct literal tokens; for tests of pruning. */
  get tokenCount(): number {
    return this.#tokens.size;
  }

  #matchBelow(
    node: TrieNode<S>,
    depth: number,
    matches: MatchCollector<S>,
  ): void {
    if (node.rest !== undefined) matches.add(node.rest);
    if (node.star !== null) this.#matchAt(node.star, depth + 1, matches);
    if (node.children === null) return;
    if (depth === this.#depth - 1) this.#toldLastApart = true;
    const id = this.#subjectToken(depth);
    if (id === ABSENT) return;
    const child = node.children.get(id);
    if (child !== undefined) this.#matchAt(child, depth + 1, matches);
  }

  #matchAt(node: TrieNode<S>, depth: number, matches: MatchCollector<S>): void {
    if (depth < this.#depth) this.#matchBelow(node, depth, matches);
    else if (node.exact !== undefined) matches.add(node.exact);
  }

  #removeBelow(node: TrieNode<S>, depth: number, subscription: S): boolean {
    if (depth === this.#depth) {
      if (node.exact === undefined) return false;
      if (!hasSubscriber(node.exact, subscription)) return false;
      node.exact = removeSubscriber(node.exact, subscription);
      return true;
    }
    const id = this.#patternToken(depth);
    if (id === REST_ID) {
      if (node.rest === undefined) return false;
      if (!hasSubscriber(node.rest, subscription)) return false;
      node.rest = removeSubscriber(node.rest, subscription);
      return true;
    }
    const child = id === STAR_ID ? node.star : node.children?.get(id);
    if (child === null || child === undefined) return false;
    if (!this.#removeBelow(child, depth + 1, subscription)) return false;
    if (child.isEmpty) this.#prune(node, id, depth);
    return true;
  }

  /** Removes the child of `node` for token `i`, whose id is `id`. */
  #prune(node: TrieNode<S>, id: number, i: number): void {
    if (id === STAR_ID) {
      node.star = null;
      return;
    }
    node.children?.delete(id);
    if (node.children?.size === 0) node.children = null;
    const uses = (this.#uses[id] ?? 0) - 1;
    this.#uses[id] = uses;
    if (uses === 0) this.#tokens.delete(this.#tokenHash(i), id);
  }

  /** The child of `node` for the literal token `i`, made if need be. */
  #childFor(node: TrieNode<S>, known: number, i: number): TrieNode<S> {
    let id = known;
    if (id === ABSENT) {
      const start = this.#starts[i] ?? 0;
      const end = this.#ends[i] ?? 0;
      id = this.#tokens.add(this.#tokenHash(i), this.#view, start, end);
      this.#uses[id] = 0;
    }
    const children = node.children ??= new GradualMap();
    let child = children.get(id);
    if (child === undefined) {
      child = new TrieNode();
      children.set(id, child);
      this.#uses[id] = (this.#uses[id] ?? 0) + 1;
    }
    return child;
  }

  /** Finds the tokens of `[start, end)`. @returns false if one is empty */
  #split(view: DataView, start: number, end: number): boolean {
    let depth = 0;
    let tokenStart = start;
    for (let i = start; i <= end; i++) {
      if (i < end && view.getUint8(i) !== DOT) continue;
      if (i === tokenStart) return false;
      this.#starts[depth] = tokenStart;
      this.#ends[depth] = i;
      this.#ids[depth] = UNKNOWN;
      depth++;
      tokenStart = i + 1;
    }
    this.#depth = depth;
    this.#view = view;
    return true;
  }

  /** Id of token `i` of a literal subject, `ABSENT` if no pattern has it. */
  #subjectToken(i: number): number {
    const known = this.#ids[i] ?? UNKNOWN;
    if (known !== UNKNOWN) return known;
    const start = this.#starts[i] ?? 0;
    const end = this.#ends[i] ?? 0;
    const hash = this.#tokenHash(i);
    return this.#ids[i] = this.#tokens.find(hash, this.#view, start, end);
  }

  #tokenHash(i: number): number {
    return this.#hash.of(this.#view, this.#starts[i] ?? 0, this.#ends[i] ?? 0);
  }

  /** The same for a pattern, in which `*` and `>` are special. */
  #patternToken(i: number): number {
    const start = this.#starts[i] ?? 0;
    if (this.#ends[i] === start + 1) {
      const only = this.#view.getUint8(start);
      if (only === STAR) return STAR_ID;
      if (only === REST) return REST_ID;
    }
    return this.#subjectToken(i);
  }
}

function* subscribersBelow<S extends IndexedSubscription>(
  node: TrieNode<S>,
): Generator<Subscribers<S>> {
  if (node.exact !== undefined) yield node.exact;
  if (node.rest !== undefined) yield node.rest;
  if (node.star !== null) yield* subscribersBelow(node.star);
  for (const child of node.children?.values() ?? []) {
    yield* subscribersBelow(child);
  }
}

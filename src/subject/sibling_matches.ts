/**
 * What subjects match that differ in their last token only.
 *
 * @module
 */

import { quickHash } from "./hash.ts";
import type { MatchResult } from "./match_result.ts";
import { ResultCache } from "./result_cache.ts";
import type { IndexedSubscription } from "./subscription_set.ts";

/** Results to remember. */
const RESULTS = 256;
/** Counts of literal subscriptions; a power of two. */
const PARENTS = 256;
const DOT = 0x2e;

/**
 * Results for replies, each of which has a subject of its own: nearly always
 * all below one inbox match the same. Where a subscription tells last tokens
 * apart, nothing is remembered.
 */
export class SiblingMatches<S extends IndexedSubscription> {
  /** By the subject up to its last dot, which is part of the key; null without any. */
  #results: ResultCache<S> | null = null;
  /** Literal subscriptions by the hash of that; null while there are none. */
  #literals: Uint32Array | null = null;
  /** Of the subject that {@linkcode get} has looked at. */
  #hash = 0;
  /** End of its key; 0: there is nothing to remember. */
  #end = 0;

  /** A literal subscription comes or goes: `change` is 1 or -1. */
  count(view: DataView, end: number, change: number): void {
    const key = keyEnd(view, 0, end);
    if (key === 0) return;
    const literals = this.#literals ??= new Uint32Array(PARENTS);
    const parent = quickHash(view, 0, key) & (PARENTS - 1);
    literals[parent] = (literals[parent] as number) + change;
  }

  /** A subscription with wildcards, at `[0, end)`, has come, gone or changed. */
  outdate(view: DataView, end: number): void {
    this.#results?.outdate(view, 0, end);
  }

  /** The result of `[start, end)`; null when it is not known. */
  get(view: DataView, start: number, end: number): MatchResult<S> | null {
    const key = keyEnd(view, start, end);
    this.#end = 0;
    // An empty token matches nothing.
    if (key === start || key === end) return null;
    const hash = quickHash(view, start, key);
    const literals = this.#literals;
    if (literals !== null && literals[hash & (PARENTS - 1)] !== 0) return null;
    this.#hash = hash;
    this.#end = key;
    return this.#results?.get(hash, view, start, key) ?? null;
  }

  /**
   * Remembers the result of what {@linkcode get} did not know just before, and
   * of which no wildcard subscription tells the last token from others.
   */
  set(view: DataView, start: number, result: MatchResult<S>): void {
    const end = this.#end;
    if (end === 0) return;
    this.#results ??= new ResultCache(RESULTS);
    this.#results.set(this.#hash, view, start, end, result);
  }
}

/** Behind the last dot of `[start, end)`; `start` when it has none. */
function keyEnd(view: DataView, start: number, end: number): number {
  let at = end;
  while (at > start && view.getUint8(at - 1) !== DOT) at--;
  return at;
}

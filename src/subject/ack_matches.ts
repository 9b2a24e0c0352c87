/**
 * What acknowledgements match.
 *
 * @module
 */

import { equalBytes } from "./bytes.ts";
import type { MatchResult } from "./match_result.ts";
import type { IndexedSubscription } from "./subscription_set.ts";

/** Entries; a power of two. */
const SIZE = 16;
/** Longer beginnings are not remembered. */
const KEY_BYTES = 512;
/** `$JS.ACK.<stream>.<consumer>`, and the numbers behind it. */
const KEY_TOKENS = 4;
const TOKENS = 9;
const DOT = 0x2e;
const DOLLAR = 0x24;
const STAR = 0x2a;

interface Entry<S extends IndexedSubscription> {
  readonly key: DataView;
  readonly length: number;
  readonly result: MatchResult<S>;
}

/**
 * Results for subjects of the form `$JS.ACK.<stream>.<consumer>.` and five
 * numbers, by what is in front of the numbers: each is used once, and nearly
 * always all of one consumer match the same. Where a subscription tells
 * numbers apart, nothing is remembered.
 */
export class AckMatches<S extends IndexedSubscription> {
  readonly #entries: (Entry<S> | null)[] = new Array(SIZE).fill(null);
  #isEmpty = true;
  /** Subscriptions that tell numbers apart. */
  #particular = 0;
  /** Of the subject that {@linkcode get} has looked at. */
  #length = 0;
  #slot = 0;

  /** A subscription comes or goes: `change` is 1 or -1. */
  count(subject: string, change: number): void {
    if (tellsNumbersApart(subject)) this.#particular += change;
  }

  /** Forgets all results. */
  clear(): void {
    if (this.#isEmpty) return;
    this.#entries.fill(null);
    this.#isEmpty = true;
  }

  /** The result of `[start, end)`; null when it is not known. */
  get(view: DataView, start: number, end: number): MatchResult<S> | null {
    if (this.#particular > 0 || !this.#scan(view, start, end)) {
      this.#length = 0;
      return null;
    }
    const entry = this.#entries[this.#slot] as Entry<S> | null;
    const length = this.#length;
    return entry !== null && entry.length === length &&
        equalBytes(entry.key, 0, view, start, length)
      ? entry.result
      : null;
  }

  /** Remembers the result of what {@linkcode get} did not know just before. */
  set(view: DataView, start: number, result: MatchResult<S>): void {
    const length = this.#length;
    if (length === 0) return;
    const key = new DataView(new ArrayBuffer(length));
    for (let i = 0; i < length; i++) key.setUint8(i, view.getUint8(start + i));
    this.#entries[this.#slot] = { key, length, result };
    this.#isEmpty = false;
  }

  /** Finds the numbers. @returns false when the subject has another form */
  #scan(view: DataView, start: number, end: number): boolean {
    let dots = 0;
    let hash = 0;
    let token = start;
    for (let i = start; i < end; i++) {
      const byte = view.getUint8(i);
      if (byte !== DOT) {
        if (dots < KEY_TOKENS) hash = Math.imul(hash ^ byte, 0x01000193);
        continue;
      }
      // An empty token matches nothing.
      if (i === token) return false;
      token = i + 1;
      if (++dots === KEY_TOKENS) this.#length = token - start;
    }
    this.#slot = (hash ^ (hash >>> 15)) & (SIZE - 1);
    return dots === TOKENS - 1 && token < end && this.#length <= KEY_BYTES;
  }
}

/** Whether acknowledgements match it for some numbers only. */
function tellsNumbersApart(subject: string): boolean {
  const first = subject.charCodeAt(0);
  if (first !== DOLLAR && first !== STAR) return false;
  const tokens = subject.split(".");
  const open = tokens.at(-1) === ">";
  if (open ? tokens.length > TOKENS : tokens.length !== TOKENS) return false;
  return isWild(tokens[0], "$JS") && isWild(tokens[1], "ACK") &&
    tokens.slice(KEY_TOKENS).some((token) => !isWild(token, ">"));
}

function isWild(token: string | undefined, other: string): boolean {
  return token === "*" || token === other;
}

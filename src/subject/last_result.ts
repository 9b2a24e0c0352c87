/**
 * The one result that is likely to be asked for again.
 *
 * @module
 */

import { equalBytes } from "./bytes.ts";
import type { MatchResult } from "./match_result.ts";
import type { IndexedSubscription } from "./subscription_set.ts";

/** Longer subjects are not remembered. */
const KEY_BYTES = 128;

/** Compares bytes, which is cheaper than hashing them. */
export class LastResult<S extends IndexedSubscription> {
  /** Null until there is something to remember: most indexes are never asked. */
  #key: DataView | null = null;
  #length = -1;
  #result: MatchResult<S> | null = null;

  /** The result of the bytes `[start, end)`, if they were the last. */
  get(view: DataView, start: number, end: number): MatchResult<S> | null {
    const length = end - start;
    const key = this.#key;
    return key !== null && length === this.#length &&
        equalBytes(key, 0, view, start, length)
      ? this.#result
      : null;
  }

  /** Remembers a result in place of the one before. */
  set(
    view: DataView,
    start: number,
    end: number,
    result: MatchResult<S>,
  ): void {
    const length = end - start;
    if (length > KEY_BYTES) return;
    const key = this.#key ??= new DataView(new ArrayBuffer(KEY_BYTES));
    for (let i = 0; i < length; i++) {
      key.setUint8(i, view.getUint8(start + i));
    }
    this.#length = length;
    this.#result = result;
  }

  /** Forgets. */
  clear(): void {
    this.#length = -1;
    this.#result = null;
  }
}

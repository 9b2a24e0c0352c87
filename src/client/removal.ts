/**
 * Removes what a client leaves behind.
 *
 * @module
 */

import type { Account, Subscription } from "../account/mod.ts";
import type { Timers } from "../runtime/mod.ts";

/** Subscriptions of one turn of the event loop; takes some milliseconds. */
const PORTION = 4096;

/**
 * Takes subscriptions, to which nothing is delivered any more, out of `account`: the first ones at
 * once, and if there are very many, the others in portions, so that nobody has
 * to wait for all of them.
 */
export function removeAll(
  subscriptions: IteratorObject<Subscription>,
  account: Account,
  timers: Timers,
): void {
  const removeSome = () => {
    const portion: Subscription[] = [];
    for (let i = 0; i < PORTION; i++) {
      const next = subscriptions.next();
      if (next.done === true) break;
      portion.push(next.value);
    }
    account.unsubscribeAll(portion);
    if (portion.length === PORTION) timers.soon(removeSome);
  };
  removeSome();
}

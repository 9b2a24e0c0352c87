/**
 * Removes what a client leaves behind.
 *
 * @module
 */

import type { Account, Subscription } from "../account/mod.ts";
import type { Turns } from "../connection/mod.ts";

/** Subscriptions of one turn of the event loop; takes some milliseconds. */
const PORTION = 1024;

/**
 * Takes subscriptions, to which nothing is delivered any more, out of `account`: the first ones at
 * once, and if there are very many, the others in portions, so that nobody has
 * to wait for all of them.
 */
export function removeAll(
  subscriptions: IteratorObject<Subscription>,
  account: Account,
  turns: Turns,
): void {
  const removeSome = () => {
    const portion: Subscription[] = [];
    for (let i = 0; i < PORTION; i++) {
      const next = subscriptions.next();
      if (next.done === true) break;
      portion.push(next.value);
    }
    account.unsubscribeAll(portion);
    if (portion.length === PORTION) void turns.next().then(removeSome);
  };
  removeSome();
}

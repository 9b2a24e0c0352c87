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
 * Takes subscriptions, which are closed, out of `account`: the first ones at
 * once, and if there are very many, the others in portions, so that nobody has
 * to wait for all of them.
 */
export function removeAll(
  subscriptions: readonly Subscription[],
  account: Account,
  timers: Timers,
): void {
  let at = 0;
  const removeSome = () => {
    account.unsubscribeAll(subscriptions.slice(at, at + PORTION));
    at += PORTION;
    if (at < subscriptions.length) timers.soon(removeSome);
  };
  if (subscriptions.length > 0) removeSome();
}

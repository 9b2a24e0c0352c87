/**
 * Removes what a client leaves behind.
 *
 * @module
 */

import type { Account, Subscription } from "../account/mod.ts";
import type { Turns } from "../connection/mod.ts";
import { ByteStringMap } from "../subject/mod.ts";
import type { ClientSession } from "./session.ts";

/** Subscriptions of one turn of the event loop; takes some milliseconds. */
const PORTION = 1024;

/** Removes all subscriptions of a client; who holds their map may keep it. */
export function dropSubscriptions(session: ClientSession): void {
  const { subscriptions, account, context } = session;
  if (subscriptions.size === 0) return;
  session.subscriptions = new ByteStringMap(context.random);
  // With the connection closed, which may be for having too many to look at
  // in one go, nothing is delivered anyhow.
  if (!session.connection.closed) {
    for (const each of subscriptions.values()) each.closed = true;
  }
  removeAll(subscriptions.values(), account, context.turns);
}

/**
 * Takes subscriptions, to which nothing is delivered any more, out of `account`: the first ones at
 * once, and if there are very many, the others in portions, so that nobody has
 * to wait for all of them.
 */
function removeAll(
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

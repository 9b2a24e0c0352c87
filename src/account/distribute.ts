/**
 * Hands one message to the subscriptions that match it.
 *
 * @module
 */

import type { Message } from "../protocol/mod.ts";
import type { Random } from "../runtime/mod.ts";
import { drawMember, type MatchResult } from "../subject/mod.ts";
import type { Account } from "./account.ts";
import type { Producer, Subscription } from "./subscription.ts";

/**
 * Delivers to every plain subscription and to one member of every queue
 * group, trying the next member when one does not take the message.
 * @returns deliveries made, of which `account.unsent` counts those not sent
 */
export function distribute(
  matches: MatchResult<Subscription>,
  account: Account,
  message: Message,
  producer: Producer,
  random: Random,
): number {
  let delivered = 0;
  const { plain, queues } = matches;
  const { written } = message;
  const several = plain.length > 1;
  // Within another distribution the message may have got another subject.
  if (several || written.wanted) written.reset(several);
  for (let i = 0; i < plain.length; i++) {
    const subscription = plain[i] as Subscription;
    if (subscription.deliver(message, producer)) {
      delivered++;
      if (!subscription.sends) account.unsent++;
    }
  }
  if (several) written.reset(false);
  for (let i = 0; i < queues.length; i++) {
    const members = queues[i] as readonly Subscription[];
    const first = drawMember(matches, i, random);
    const taker = deliverToOne(members, first, message, producer);
    if (taker === null) continue;
    delivered++;
    if (!taker.sends) account.unsent++;
  }
  return delivered;
}

/** @returns who took the message; null: nobody */
function deliverToOne(
  members: readonly Subscription[],
  first: number,
  message: Message,
  producer: Producer,
): Subscription | null {
  const { length } = members;
  for (let i = 0; i < length; i++) {
    const member = members[(first + i) % length] as Subscription;
    if (member.deliver(message, producer)) return member;
  }
  return null;
}

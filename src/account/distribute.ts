/**
 * Hands one message to the subscriptions that match it.
 *
 * @module
 */

import type { Message } from "../protocol/mod.ts";
import type { Random } from "../runtime/mod.ts";
import { drawMember, type MatchResult } from "../subject/mod.ts";
import type { Producer, Subscription } from "./subscription.ts";

/**
 * Delivers to every plain subscription and to one member of every queue
 * group, trying the next member when one does not take the message.
 * @returns deliveries made
 */
export function distribute(
  matches: MatchResult<Subscription>,
  message: Message,
  producer: Producer,
  random: Random,
): number {
  let delivered = 0;
  const { plain, queues } = matches;
  for (let i = 0; i < plain.length; i++) {
    const subscription = plain[i] as Subscription;
    if (subscription.receiver.deliver(subscription, message, producer)) {
      delivered++;
    }
  }
  for (let i = 0; i < queues.length; i++) {
    const members = queues[i] as readonly Subscription[];
    const first = drawMember(matches, i, random);
    if (deliverToOne(members, first, message, producer)) delivered++;
  }
  return delivered;
}

function deliverToOne(
  members: readonly Subscription[],
  first: number,
  message: Message,
  producer: Producer,
): boolean {
  const { length } = members;
  for (let i = 0; i < length; i++) {
    const member = members[(first + i) % length] as Subscription;
    if (member.receiver.deliver(member, message, producer)) return true;
  }
  return false;
}

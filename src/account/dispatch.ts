/**
 * A message that enters an account otherwise than from one of its members.
 *
 * @module
 */

import type { Message } from "../protocol/mod.ts";
import type { MatchResult } from "../subject/mod.ts";
import type { Account } from "./account.ts";
import type { AccountContext } from "./context.ts";
import { distribute } from "./distribute.ts";
import type { Producer, Subscription } from "./subscription.ts";

/** Delivers `message` in `account`. @returns whether it reached anybody */
export function dispatch(
  account: Account,
  message: Message,
  producer: Producer,
  context: AccountContext,
): boolean {
  const { route, subjectChunk, subjectStart, subjectEnd } = message;
  const matches = route === ""
    ? account.subscriptions.match(subjectChunk.bytes, subjectStart, subjectEnd)
    : account.subscriptions.matchSubject(route);
  return dispatchTo(matches, account, message, producer, context);
}

/** Delivers `message` to those who are known to want it, in `account`. */
export function dispatchTo(
  matches: MatchResult<Subscription>,
  account: Account,
  message: Message,
  producer: Producer,
  { counters, random }: AccountContext,
): boolean {
  if (matches.isEmpty) return false;
  // A chain of imports may have come from this very account.
  const outer = account.unsent;
  account.unsent = 0;
  const delivered = distribute(matches, account, message, producer, random);
  const messages = delivered - account.unsent;
  account.unsent = outer;
  const bytes = messages * message.size;
  counters.messagesOut += messages;
  counters.bytesOut += bytes;
  account.sent.messages += messages;
  account.sent.bytes += bytes;
  return delivered > 0;
}

/**
 * `SUB <subject> [queue] <sid>`.
 *
 * @module
 */

import { Subscription } from "../../account/mod.ts";
import {
  decodeByteString,
  ERR_INVALID_SUBJECT,
  ERR_MAX_SUBSCRIPTIONS,
  type LineVerb,
  quoteByteString,
  subscriptionViolation,
  tokensViolation,
} from "../../protocol/mod.ts";
import { isValidSubject, numTokens } from "../../subject/mod.ts";
import { rest } from "../rest.ts";
import type { ClientSession } from "../session.ts";
import { lineText, refuseLine } from "./payload.ts";

/** A client that has so many more subscriptions rests, once for each portion. */
const PORTION = 1024;
/** Queue group that the server keeps for itself. */
const SYSTEM_QUEUE = "_sys_";

export const SUB: LineVerb<ClientSession> = {
  name: "SUB",
  gap: "required",
  run(session, line) {
    session.traceLine("SUB", line);
    const { count, buffer } = line;
    if (count !== 2 && count !== 3) {
      refuseLine(session, `processSub Parse Error: ${lineText(line)}`);
      return;
    }
    const text = (i: number) =>
      decodeByteString(buffer, line.start(i), line.end(i));
    session.keepalive.onActivity();
    subscribe(
      session,
      new Subscription(
        session,
        text(0),
        count === 3 ? text(1) : null,
        text(count - 1),
      ),
    );
  },
};

/** Registers a subscription, or tells the client why not. */
function subscribe(session: ClientSession, wanted: Subscription): void {
  if (!permitted(session, wanted)) return;
  const { subject, queue, sid } = wanted;
  if (session.subscriptions.size >= session.maxSubscriptions) {
    session.logError(ERR_MAX_SUBSCRIPTIONS);
    session.sendError(ERR_MAX_SUBSCRIPTIONS);
    return;
  }
  // A sid in use keeps its subscription; the client hears nothing of it.
  if (!session.subscriptions.has(sid)) {
    if (!isValidSubject(subject)) {
      session.sendError(ERR_INVALID_SUBJECT);
      return;
    }
    session.account.subscribe(wanted);
    session.subscriptions.set(sid, wanted);
    if (session.subscriptions.size % PORTION === 0) rest(session);
    if (session.permissions?.needsDeliveryFilter(subject, queue)) {
      session.filtersDeliveries = true;
    }
  }
  session.acknowledge();
}

function permitted(session: ClientSession, wanted: Subscription): boolean {
  const { subject, queue, sid } = wanted;
  const quoted = quoteByteString(subject);
  const quotedQueue = queue === null ? null : quoteByteString(queue);
  const allowed = queue !== SYSTEM_QUEUE &&
    (session.permissions === null ||
      session.permissions.maySubscribe(subject, queue));
  if (!allowed) {
    session.sendError(subscriptionViolation(quoted, quotedQueue));
    const group = quotedQueue === null ? "" : ` Queue: ${quotedQueue},`;
    session.logError(
      `Subscription Violation - Subject ${quoted},${group} SID ${sid}`,
    );
    return false;
  }
  const { maxSubscriptionTokens } = session.context.options;
  if (
    maxSubscriptionTokens > 0 && numTokens(subject) > maxSubscriptionTokens
  ) {
    session.sendError(tokensViolation(quoted));
    session.logError(
      `Subscription Violation Too Many Tokens - Subject ${quoted}, SID ${sid}`,
    );
    return false;
  }
  return true;
}

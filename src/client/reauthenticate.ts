/**
 * Checks a connected client against changed rules.
 *
 * @module
 */

import { authRequestOf } from "./auth_request.ts";
import { NOT_AUTHENTICATED, Refusal, type Verdict } from "../auth/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import { quoteByteString } from "../protocol/mod.ts";
import { credentials } from "./label.ts";
import type { ClientSession } from "./session.ts";

/**
 * Has the client prove itself again with what its CONNECT said. One that
 * can't is closed; one that may do less keeps what is still allowed.
 */
export function reauthenticate(session: ClientSession): void {
  // Who has not sent CONNECT yet is checked when it comes.
  if (session.awaitingConnect) return;
  const { context, connect } = session;
  const { authenticator } = context;
  // Whom no list of users names is sent away without a word, and reconnects.
  if (!authenticator.lists(connect)) {
    session.close(CloseReason.ClientClosed);
    return;
  }
  const outcome = authenticator.authenticate(authRequestOf(session));
  if (!(outcome instanceof Promise)) {
    settle(session, outcome);
    return;
  }
  void outcome.catch(() => NOT_AUTHENTICATED).then((verdict) => {
    // Another reload, or another CONNECT, had its own check in the meantime.
    const outdated = context.authenticator !== authenticator ||
      session.connect !== connect;
    if (!session.connection.closed && !outdated) settle(session, verdict);
  });
}

function settle(session: ClientSession, verdict: Verdict): void {
  if (verdict instanceof Refusal) {
    session.violateAuthorization(verdict);
    return;
  }
  if (session.identity.proxy !== "" && verdict.proxy === "") {
    session.violateAuthorization(new Refusal(CloseReason.ProxyNotTrusted));
    return;
  }
  // Who belongs to another account now has to connect anew.
  if (session.context.account(verdict.account) !== session.account) {
    session.close(CloseReason.ClientClosed);
    return;
  }
  if (session.assume(verdict)) pruneSubscriptions(session);
}

/** Removes the subscriptions that the user's permissions no longer cover. */
export function pruneSubscriptions(session: ClientSession): void {
  const { permissions } = session;
  if (permissions === null) return;
  for (const subscription of [...session.subscriptions.values()]) {
    const { subject, queue } = subscription;
    if (permissions.needsDeliveryFilter(subject, queue)) {
      session.filtersDeliveries = true;
    }
    if (permissions.maySubscribe(subject, queue)) continue;
    session.unsubscribe(subscription);
    tellRemoved(session, subject, queue, subscription.sid);
  }
}

function tellRemoved(
  session: ClientSession,
  subject: string,
  queue: string | null,
  sid: string,
): void {
  const group = queue === null ? "" : ` using queue ${quoteByteString(queue)}`;
  const what = `${quoteByteString(subject)}${group} (sid ${
    quoteByteString(sid)
  })`;
  session.sendError(`Permissions Violation for Subscription to ${what}`);
  const who = credentials(session.connect, session.identity.jwt)?.text ??
    'User "N/A"';
  session.context.logger.notice(
    `Removed sub ${what} for ${who} - not authorized`,
  );
}

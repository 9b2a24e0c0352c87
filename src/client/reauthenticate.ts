/**
 * Checks a connected client against changed rules.
 *
 * @module
 */

import { authRequestOf } from "./auth_request.ts";
import {
  type CompiledPermissions,
  NOT_AUTHENTICATED,
  Refusal,
  type Verdict,
} from "../auth/mod.ts";
import { CloseReason, inSlices, type Work } from "../connection/mod.ts";
import { quoteByteString } from "../protocol/mod.ts";
import { credentials } from "./label.ts";
import type { ClientSession } from "./session.ts";

/** Subscriptions that are looked at between two looks at the clock. */
const STEP = 32;

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

/**
 * Removes the subscriptions that the user's permissions no longer cover: the
 * first ones now, and of very many the others in slices. Until all have been
 * looked at, each delivery is checked.
 */
export function pruneSubscriptions(session: ClientSession): void {
  const { permissions, context } = session;
  if (permissions === null) return;
  session.filtersDeliveries = true;
  const filters = inSlices(pruning(session, permissions), context);
  // Otherwise deliveries are filtered on: other subscriptions have come.
  if (typeof filters === "boolean") session.filtersDeliveries = filters;
  else void filters.catch((error) => session.onFailure(error));
}

/** @returns whether deliveries of what is left must be filtered */
function* pruning(
  session: ClientSession,
  permissions: CompiledPermissions,
): Work<boolean> {
  const mark = session.pruning = {};
  let filters = false;
  let count = 0;
  for (const subscription of session.subscriptions.values()) {
    if (++count % STEP === 0) yield;
    // Other permissions have begun anew; who is gone has nothing left.
    if (session.pruning !== mark || session.connection.closed) return true;
    const { subject, queue, closed } = subscription;
    if (permissions.needsDeliveryFilter(subject, queue)) filters = true;
    if (closed || permissions.maySubscribe(subject, queue)) continue;
    session.unsubscribe(subscription);
    tellRemoved(session, subject, queue, subscription.sid);
  }
  session.pruning = null;
  return filters;
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

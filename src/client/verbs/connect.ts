/**
 * `CONNECT {json}`.
 *
 * @module
 */

import { authRequestOf } from "../auth_request.ts";
import { type Authenticator, Refusal, type Verdict } from "../../auth/mod.ts";
import { CloseReason } from "../../connection/mod.ts";
import { redactSecrets, traceInbound } from "../../log/mod.ts";
import {
  ConnectError,
  ERR_BAD_CLIENT_PROTOCOL,
  ERR_NO_RESPONDERS_NEEDS_HEADERS,
  type LineVerb,
  parseConnect,
} from "../../protocol/mod.ts";
import { dropSubscriptions } from "../removal.ts";
import type { ClientSession } from "../session.ts";
import { applyCookies } from "../web.ts";
import { refuseLine } from "./payload.ts";

export const CONNECT: LineVerb<ClientSession> = {
  name: "CONNECT",
  gap: "optional",
  run(session, line) {
    const json = line.buffer.subarray(line.argsStart, line.argsEnd);
    if (session.tracing) {
      session.logTrace(traceInbound("CONNECT", redactSecrets(json)));
    }
    session.authTimer?.cancel();
    session.keepalive.onConnect();
    try {
      session.connect = parseConnect(json, session.connect);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      refuseLine(session, error.message);
      return;
    }
    const repeated = session.connectReceived;
    session.connectReceived = true;
    const { connect } = session;
    session.echo = connect.echo;
    session.headers = connect.headers &&
      !session.context.options.noHeaderSupport;
    applyCookies(session);
    if (!session.context.authenticator.usesJwts) connect.jwt = "";
    if (repeated) dropSubscriptions(session);
    authenticate(session);
  },
};

/** Goes on with the CONNECT once it is known who the client is. */
function authenticate(session: ClientSession): void {
  const { authenticator } = session.context;
  const outcome = authenticator.authenticate(authRequestOf(session));
  if (!(outcome instanceof Promise)) {
    finish(session, outcome);
    return;
  }
  session.parser.halted = true;
  session.pause = awaitVerdict(session, authenticator, outcome);
}

async function awaitVerdict(
  session: ClientSession,
  asked: Authenticator,
  outcome: Promise<Verdict>,
): Promise<void> {
  const { context, connection } = session;
  let authenticator = asked;
  let verdict = await outcome;
  // A reload in between puts others in charge: what the old rules say, or
  // their end made of it, counts no longer.
  while (authenticator !== context.authenticator && !connection.closed) {
    authenticator = context.authenticator;
    verdict = await authenticator.authenticate(authRequestOf(session));
  }
  if (!connection.closed) finish(session, verdict);
}

function finish(session: ClientSession, verdict: Verdict): void {
  if (verdict instanceof Refusal) {
    session.violateAuthorization(verdict);
    return;
  }
  const { connect } = session;
  if (connect.new_account || connect.account !== "") {
    session.violateAuthorization();
    return;
  }
  if (!session.assume(verdict)) return;
  session.awaitingConnect = false;
  session.parser.guarded = false;
  session.label.describe(connect, session.account.label, verdict.jwt);
  if (connect.protocol !== 0 && connect.protocol !== 1) {
    session.sendError(ERR_BAD_CLIENT_PROTOCOL);
    session.close(CloseReason.BadClientProtocolVersion);
  } else if (connect.no_responders && !session.headers) {
    session.sendError(ERR_NO_RESPONDERS_NEEDS_HEADERS);
    session.close(CloseReason.NoRespondersRequiresHeaders);
  } else session.acknowledge();
}

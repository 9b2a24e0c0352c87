/**
 * What advisories tell of a client.
 *
 * @module
 */

import type { ClientSession } from "../../client/mod.ts";
import { nanoseconds, OpenConnection, orOmit } from "../../monitor/mod.ts";
import { formatLocalTime } from "../../protocol/mod.ts";

/** The `client` field; `stopped` is the text of the time at which it left, if it did. */
export function clientField(
  session: ClientSession,
  stopped?: string,
): object {
  const facts = new OpenConnection(session);
  const left = stopped !== undefined;
  return {
    start: formatLocalTime(facts.started, session.context.clock),
    host: orOmit(facts.host),
    id: facts.id,
    acc: facts.account,
    user: orOmit(facts.user),
    name: orOmit(facts.name),
    lang: orOmit(facts.lang),
    ver: orOmit(facts.version),
    rtt: left ? orOmit(nanoseconds(facts.rtt)) : undefined,
    stop: stopped,
    jwt: orOmit(session.connect.jwt),
    issuer_key: orOmit(facts.issuer),
    name_tag: orOmit(facts.accountTag),
    tags: orOmit(facts.tags),
    kind: "Client",
    client_type: facts.type,
  };
}

/** What the client sent and received, seen from its side. */
export function trafficFields({ counters }: ClientSession): object {
  return {
    sent: { msgs: counters.messagesIn, bytes: counters.bytesIn },
    received: { msgs: counters.messagesOut, bytes: counters.bytesOut },
  };
}

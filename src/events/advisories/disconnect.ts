/**
 * `$SYS.ACCOUNT.<account>.DISCONNECT`: a client has left.
 *
 * @module
 */

import type { ClientSession } from "../../client/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import type { Publisher } from "../publisher.ts";
import { clientField, trafficFields } from "./client_event.ts";

const TYPE = "io.nats.server.advisory.v1.client_disconnect";

/** @param now wall time, milliseconds */
export function adviseDisconnect(
  publisher: Publisher,
  session: ClientSession,
  reason: string,
  now: number,
): void {
  const account = subjectFromText(session.account.name);
  publisher.publish(
    `$SYS.ACCOUNT.${account}.DISCONNECT`,
    () => disconnectMessage(publisher, session, reason, now),
  );
}

/** The body, which refusals have too. @param account that it is told to */
export function disconnectMessage(
  publisher: Publisher,
  session: ClientSession,
  reason: string,
  now: number,
  account = session.account.name,
): object {
  return {
    ...publisher.typed(TYPE),
    server: publisher.header(),
    client: { ...clientField(session, now), acc: account },
    ...trafficFields(session),
    reason,
  };
}

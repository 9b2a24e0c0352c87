/**
 * `$SYS.ACCOUNT.<account>.DISCONNECT`: a client has left.
 *
 * @module
 */

import type { ClientSession } from "../../client/mod.ts";
import { formatLocalTime } from "../../protocol/mod.ts";
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
    () =>
      disconnectMessage(publisher, session, {
        reason,
        time: formatLocalTime(now, publisher.clock),
      }),
  );
}

/** How a client left. */
export interface Departure {
  readonly reason: string;
  /** Text of the time; Go shows that of a refusal in UTC, others in local time. */
  readonly time: string;
  /** Account that it is told to; undefined: the client's. */
  readonly account?: string;
}

/** The body, which refusals have too. */
export function disconnectMessage(
  publisher: Publisher,
  session: ClientSession,
  { reason, time, account = session.account.name }: Departure,
): object {
  return {
    ...publisher.typed(TYPE, time),
    server: publisher.header(),
    client: { ...clientField(session, time), acc: account },
    ...trafficFields(session),
    reason,
  };
}

/**
 * Traces of messages, as their readers get them:
 * `{server, request: {header, msgsize}, hops, events: [{type, ts, …}]}`.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import { orOmit } from "../monitor/mod.ts";
import { formatLocalNanos, type MessageTrace } from "../protocol/mod.ts";
import { encodingOf } from "./encoding.ts";
import type { Publisher } from "./publisher.ts";

/** A trace, and where it goes. */
export interface FinishedTrace {
  readonly account: Account;
  /** Byte string. */
  readonly destination: string;
  /** Value of an `Accept-Encoding` header; empty: there was none. */
  readonly accepted: string;
  readonly trace: MessageTrace;
}

export async function publishTrace(
  publisher: Publisher,
  { account, destination, accepted, trace }: FinishedTrace,
): Promise<void> {
  const { request, hops, events } = trace;
  await publisher.publishEncoded(
    account,
    destination,
    encodingOf(accepted),
    () => ({
      server: publisher.header(),
      request: {
        header: orOmit(request.headers),
        msgsize: orOmit(request.size),
      },
      hops: orOmit(hops),
      events: events.map((event) => ({
        ...event,
        ts: formatLocalNanos(event.ts, publisher.clock),
      })),
    }),
  );
}

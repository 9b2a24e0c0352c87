/**
 * The way of a message to one client.
 *
 * @module
 */

import type { Producer, Subscription } from "../account/mod.ts";
import { traceOutbound, tracePayload } from "../log/mod.ts";
import {
  decodeByteString,
  type Message,
  type MessageTrace,
  TraceFailure,
  TraceKind,
  type TraceReceiver,
} from "../protocol/mod.ts";
import { subjectToText } from "../subject/mod.ts";
import { appear } from "./judgement.ts";
import type { ClientSession } from "./session.ts";
import { STALL_MAX, STALL_MIN } from "./stall.ts";

/**
 * Queues a message for one subscription of `session`.
 * @returns false when it was not queued
 */
export function deliver(
  session: ClientSession,
  subscription: Subscription,
  message: Message,
  producer: Producer,
): boolean {
  const { trace } = message;
  if (producer === session && !session.echo) {
    return undelivered(session, subscription, trace, TraceFailure.noEcho);
  }
  if (session.filtersDeliveries && denies(session, subscription, message)) {
    const { subscriptionDenied } = TraceFailure;
    return undelivered(session, subscription, trace, subscriptionDenied);
  }
  if (subscription.closed) {
    const { subscriptionClosed } = TraceFailure;
    return undelivered(session, subscription, trace, subscriptionClosed);
  }
  if (session.connection.closed) {
    return undelivered(session, subscription, trace, TraceFailure.clientClosed);
  }
  if (trace?.only) {
    trace.egress(described(session, subscription));
    return true;
  }
  subscription.delivered++;
  const { max } = subscription;
  if (max > 0 && subscription.delivered > max) {
    const { autoUnsubscribed } = TraceFailure;
    undelivered(session, subscription, trace, autoUnsubscribed);
    session.unsubscribe(subscription);
    return false;
  }
  const delivered = queue(session, subscription, message, producer);
  if (max > 0 && subscription.delivered === max) {
    session.logDebug(
      `Auto-unsubscribe limit of ${max} reached for sid '${subscription.sid}'`,
    );
    session.unsubscribe(subscription);
  }
  return delivered;
}

function queue(
  session: ClientSession,
  subscription: Subscription,
  message: Message,
  producer: Producer,
): boolean {
  const { connection, counters } = session;
  const { outbound } = connection;
  const withHeaders = session.headers || message.headerSize < 0;
  const size = withHeaders ? message.size : message.size - message.headerSize;
  const { trace } = message;
  if (outbound.congested && !makeWay(session, producer)) {
    return undelivered(session, subscription, trace, TraceFailure.slowConsumer);
  }
  if (trace !== null) trace.egress(described(session, subscription));
  counters.messagesOut++;
  counters.bytesOut += size;
  session.keepalive.lastDelivery = session.context.batchBegan;
  const { sid } = subscription;
  const { written } = message;
  const shared = written.suits(sid, session.headers) && !session.tracing &&
    outbound.share(written.chunk, written.start, written.end);
  if (!shared) write(session, sid, message);
  connection.touch();
  if (session.grants !== null && message.hasReply) grantReply(session, message);
  return true;
}

function write(session: ClientSession, sid: string, message: Message): void {
  const { connection: { outbound }, headers } = session;
  const chunk = outbound.reserve(message.frameSizeMax(sid));
  const start = outbound.position;
  const end = message.writeFrame(chunk, start, sid, headers);
  if (session.tracing) logFrame(session, message, chunk.bytes, start, end);
  const { written } = message;
  if (written.wanted) written.set(chunk, start, end, sid, headers);
  outbound.commit(end);
}

/** Tells the trace, if there is one, why the message was not delivered. */
function undelivered(
  session: ClientSession,
  subscription: Subscription,
  trace: MessageTrace | null,
  failure: TraceFailure,
): false {
  trace?.egress(described(session, subscription), failure);
  return false;
}

function described(
  { id, connect, account }: ClientSession,
  { subject, queue }: Subscription,
): TraceReceiver {
  return {
    kind: TraceKind.client,
    cid: id,
    name: connect.name,
    account: account.name,
    subscription: subjectToText(subject),
    queue: queue && subjectToText(queue),
  };
}

/** Slows the producer down; false when the message is to be dropped instead. */
function makeWay(session: ClientSession, producer: Producer): boolean {
  const { context, connection, counters } = session;
  if (context.options.noFastProducerStall) return false;
  const { outbound } = connection;
  const full = outbound.pending >= outbound.maxPending;
  const stalled = producer.throttle(
    full ? STALL_MAX : STALL_MIN,
    (callback) => outbound.onRelief(callback),
  );
  if (stalled) {
    counters.stalls++;
    context.counters.stalledClients++;
  }
  return true;
}

function denies(
  session: ClientSession,
  subscription: Subscription,
  message: Message,
): boolean {
  if (session.judge !== null) {
    appear(session);
    if (session.connection.closed || subscription.closed) return false;
  }
  const { permissions, pruning } = session;
  if (permissions === null) return false;
  const { subject, queue } = subscription;
  if (pruning !== null && !permissions.maySubscribe(subject, queue)) {
    return true;
  }
  const { subjectChunk, subjectStart, subjectEnd } = message;
  return permissions.deniesDelivery(
    subjectChunk.bytes,
    subjectStart,
    subjectEnd,
    queue,
  );
}

/** A request gives leave to answer, unless its reply is allowed anyway. */
function grantReply(session: ClientSession, message: Message): void {
  const { replyChunk, replyStart, replyEnd } = message;
  if (
    session.permissions?.mayPublish(replyChunk.bytes, replyStart, replyEnd) ===
      false
  ) session.grants?.grant(message.reply());
}

function logFrame(
  session: ClientSession,
  message: Message,
  frame: Uint8Array,
  start: number,
  end: number,
): void {
  const { options } = session.context;
  const body = frame.subarray(start, end);
  const line = decodeByteString(body, 0, body.indexOf(0x0d));
  session.logTrace(traceOutbound(line));
  const stripped = message.headerSize > 0 && !session.headers;
  const payload = tracePayload(
    "->>",
    message.chunk.bytes.subarray(
      message.bodyStart + (stripped ? message.headerSize : 0),
      message.bodyEnd,
    ),
    stripped ? 0 : Math.max(0, message.headerSize),
    {
      limit: options.maxTracedMessageLength,
      headersOnly: options.traceHeaders,
    },
  );
  if (payload !== undefined) session.logTrace(payload);
}

/**
 * The way of a message to one client.
 *
 * @module
 */

import type { Producer, Subscription } from "../account/mod.ts";
import { traceOutbound, tracePayload } from "../log/mod.ts";
import { decodeByteString, type Message } from "../protocol/mod.ts";
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
  if (subscription.closed) return false;
  if (producer === session && !session.echo) return false;
  if (session.filtersDeliveries && denies(session, subscription, message)) {
    return false;
  }
  subscription.delivered++;
  const { max } = subscription;
  if (max > 0 && subscription.delivered > max) {
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
  if (outbound.congested && !makeWay(session, producer)) return false;
  if (connection.closed) return false;
  counters.messagesOut++;
  counters.bytesOut += size;
  session.keepalive.lastDelivery = session.context.batchBegan;
  const { sid } = subscription;
  const target = outbound.reserve(message.frameSizeMax(sid));
  const start = outbound.position;
  const end = message.writeFrame(target, start, sid, session.headers);
  if (session.tracing) trace(session, message, target.bytes, start, end);
  outbound.commit(end);
  connection.touch();
  if (session.grants !== null && message.hasReply) grantReply(session, message);
  return true;
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
  const { subjectChunk, subjectStart, subjectEnd } = message;
  return session.permissions !== null && session.permissions.deniesDelivery(
    subjectChunk.bytes,
    subjectStart,
    subjectEnd,
    subscription.queue,
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

function trace(
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

/**
 * The way of a message from a client into its account.
 *
 * @module
 */

import { distribute } from "../account/mod.ts";
import { traceInbound, tracePayload } from "../log/mod.ts";
import {
  type Message,
  publishViolation,
  quoteByteString,
  replyViolation,
} from "../protocol/mod.ts";
import { subjectToText } from "../subject/mod.ts";
import { LOOK_MASK, restIfDue } from "./rest.ts";
import type { ClientSession } from "./session.ts";

const GATEWAY_REPLY_PREFIX = bytes("_GR_.");
const OLD_GATEWAY_REPLY_PREFIX = bytes("$GR.");
const SERVICE_REPLY_PREFIX = bytes("_R_.");
const ACK_PREFIX = bytes("$JS.ACK.");
const RAFT_PREFIX = bytes("$NRG.");

const UNDERSCORE = 0x5f;
const DOLLAR = 0x24;

/** Publishes `session.message`, whose body has arrived. */
export function publish(session: ClientSession): void {
  const { message, counters } = session;
  counters.messagesIn++;
  counters.bytesIn += message.size;
  if (session.account.mappings !== null) map(session);
  if (session.tracing) trace(session);
  if (!permitted(session)) return;
  session.acknowledge();
  const { account, context } = session;
  const matches = account.subscriptions.match(
    message.subjectChunk.bytes,
    message.subjectStart,
    message.subjectEnd,
  );
  let delivered = 0;
  if (matches.plain.length > 0 || matches.queues.length > 0) {
    const { random } = context;
    delivered = distribute(matches, account, message, session, random);
    const messages = delivered - account.unsent;
    account.unsent = 0;
    const bytes = messages * message.size;
    context.counters.messagesOut += messages;
    context.counters.bytesOut += bytes;
    account.sent.messages += messages;
    account.sent.bytes += bytes;
    if ((counters.messagesIn & LOOK_MASK) === 0) restIfDue(session);
  }
  if (delivered === 0 && session.connect.no_responders && message.hasReply) {
    tellNoResponders(session);
  }
}

/** Checks the (mapped) subject and the reply; answers a violation. */
function permitted(session: ClientSession): boolean {
  const { message, permissions } = session;
  const { subjectChunk, subjectStart, subjectEnd } = message;
  const first = subjectChunk.bytes[subjectStart];
  const reserved = first === UNDERSCORE || first === DOLLAR;
  if (reserved && isReservedSubject(message)) {
    return refusePublish(session, message.subject());
  }
  if (permissions?.limitsPublish) {
    const allowed = permissions.mayPublish(
      subjectChunk.bytes,
      subjectStart,
      subjectEnd,
    );
    if (!allowed && !session.grants?.use(message.subject())) {
      return refusePublish(session, message.subject());
    }
  }
  if (
    reserved &&
    isRaftSubject(subjectChunk.bytes, subjectStart, subjectEnd) &&
    !session.context.isSystemAccount(session.account)
  ) return refusePublish(session, message.subject());
  if (message.hasReply && isReservedReply(message)) {
    const reply = quoteByteString(message.reply());
    message.trace?.refused(replyViolation(reply));
    session.sendError(replyViolation(reply));
    session.logError(`Publish Violation - Reply ${reply}`);
    return false;
  }
  return true;
}

function isReservedSubject(message: Message): boolean {
  const { subjectChunk, subjectStart, subjectEnd } = message;
  return isGatewayReply(subjectChunk.bytes, subjectStart, subjectEnd);
}

function isReservedReply(message: Message): boolean {
  const { replyChunk, replyStart, replyEnd } = message;
  const first = replyChunk.bytes[replyStart];
  if (first !== UNDERSCORE && first !== DOLLAR) return false;
  return startsWith(
    replyChunk.bytes,
    replyStart,
    replyEnd,
    SERVICE_REPLY_PREFIX,
  ) ||
    startsWith(replyChunk.bytes, replyStart, replyEnd - 1, ACK_PREFIX) ||
    isGatewayReply(replyChunk.bytes, replyStart, replyEnd);
}

/** Whether a subject is one of gateways. A prefix alone, with nothing behind it, is not reserved. */
export function isGatewayReply(
  buffer: Uint8Array,
  start: number,
  end: number,
): boolean {
  return startsWith(buffer, start, end - 1, GATEWAY_REPLY_PREFIX) ||
    startsWith(buffer, start, end - 1, OLD_GATEWAY_REPLY_PREFIX);
}

/** Whether a subject belongs to the servers' own groups. */
export function isRaftSubject(
  buffer: Uint8Array,
  start: number,
  end: number,
): boolean {
  return startsWith(buffer, start, end, RAFT_PREFIX);
}

/** Tells the client that it may not publish to `subject`. */
export function refusePublish(session: ClientSession, subject: string): false {
  const quoted = quoteByteString(subject);
  session.message.trace?.refused(publishViolation(quoted));
  session.sendError(publishViolation(quoted));
  session.logError(`Publish Violation - Subject ${quoted}`);
  return false;
}

/** Tells a requestor that nobody listens, if it waits on a plain subscription. */
function tellNoResponders(session: ClientSession): void {
  const { message, connection } = session;
  const reply = message.reply();
  const matches = session.account.subscriptions.match(
    message.replyChunk.bytes,
    message.replyStart,
    message.replyEnd,
  );
  const own = matches.plain.find((subscription) =>
    subscription.receiver === session
  );
  if (own === undefined) return;
  const header = `NATS/1.0 503\r\nNats-Subject: ${message.subject()}\r\n\r\n`;
  const size = header.length;
  connection.send(`HMSG ${reply} ${own.sid} ${size} ${size}\r\n${header}\r\n`);
}

/** Replaces the subject by what the account's mappings make of it. */
function map(session: ClientSession): void {
  const { message, account } = session;
  const mapped = account.mappings?.map(
    message.subjectChunk.bytes,
    message.subjectStart,
    message.subjectEnd,
  );
  if (mapped === undefined || mapped === null) return;
  if (session.tracing) {
    const change = `${message.subject()} -> ${mapped}`;
    session.logTrace(traceInbound("MAPPING", change));
  }
  message.setSubject(mapped);
  message.trace?.mapped(subjectToText(mapped));
}

function trace(session: ClientSession): void {
  const { message } = session;
  const { options } = session.context;
  const payload = tracePayload(
    "<<-",
    message.chunk.bytes.subarray(message.bodyStart, message.bodyEnd),
    Math.max(0, message.headerSize),
    {
      limit: options.maxTracedMessageLength,
      headersOnly: options.traceHeaders,
    },
  );
  if (payload !== undefined) session.logTrace(payload);
}

function startsWith(
  buffer: Uint8Array,
  start: number,
  end: number,
  prefix: Uint8Array,
): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) {
    if (buffer[start + i] !== prefix[i]) return false;
  }
  return true;
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

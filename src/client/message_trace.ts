/**
 * Tracing of messages on request of their publishers.
 *
 * A message asks for a trace by a header with the subject to which it goes, or
 * by a sampled `traceparent` (https://www.w3.org/TR/trace-context) where the
 * account says to which subject traces of those go.
 *
 * @module
 */

import { setHeader } from "../account/mod.ts";
import {
  decodeByteString,
  type Message,
  MessageTrace,
  quoteByteString,
  TRACE_DEST_HEADER,
  TRACE_DISABLED,
  TraceKind,
} from "../protocol/mod.ts";
import {
  isValidPublishSubject,
  subjectToBytes,
  subjectToText,
} from "../subject/mod.ts";
import {
  isGatewayReply,
  isRaftSubject,
  publish,
  refusePublish,
} from "./publish.ts";
import type { ClientSession } from "./session.ts";

const ONLY_HEADER = "Nats-Trace-Only";
const ENCODING_HEADER = "Accept-Encoding";
const PARENT_HEADER = "traceparent";
/** Written by servers that are older; such traces are not continued. */
const ORIGIN_HEADER = "Nats-Trace-Origin-Account";
const ONLY_VALUES: ReadonlySet<string> = new Set(["1", "true", "on"]);

const VERSION_LINE = "NATS/1.0\r\n";
const LINE_END = "\r\n";

/** Publishes `session.message`, whose headers may ask for a trace. */
export function publishTraced(session: ClientSession): void {
  const { message } = session;
  const opened = openTrace(session);
  if (opened === "drop") return;
  try {
    message.trace = opened;
    publish(session);
  } finally {
    message.trace = null;
    opened?.finish();
  }
}

/** Traces a message that is refused before it has arrived as a whole. */
export function traceRefusal(session: ClientSession, error: string): void {
  const opened = openTrace(session, error);
  if (opened === "drop" || opened === null) return;
  opened.refused(error);
  opened.finish();
}

/** What a message asks for. */
interface Wish {
  /** Byte string. */
  readonly destination: string;
  /** Nobody shall get the message. */
  readonly only: boolean;
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/**
 * Begins the trace that `session.message` asks for.
 * @param refusal why the message goes no further; it is left as it is then
 * @returns null when it is not traced; `"drop"` when it must not be delivered
 */
function openTrace(
  session: ClientSession,
  refusal?: string,
): MessageTrace | null | "drop" {
  const { message, account, context, id, connect } = session;
  const wish = readWish(session, refusal !== undefined);
  if (wish === null || wish === "drop") return wish;
  const { destination, only, headers } = wish;
  if (!isValidPublishSubject(destination)) {
    session.logError(
      `Destination ${
        quoteByteString(destination)
      } is not valid, won't be able to trace events`,
    );
    return only ? "drop" : null;
  }
  if (!mayPublishTo(session, destination)) {
    refusePublish(session, destination);
    return "drop";
  }
  const accepted = headers.get(ENCODING_HEADER)?.[0] ?? "";
  return new MessageTrace(
    {
      request: { headers: asTexts(headers), size: message.size },
      ingress: {
        kind: TraceKind.client,
        cid: id,
        name: connect.name || undefined,
        acc: account.name,
        subj: subjectToText(message.subject()),
      },
      only,
      hop: "",
    },
    () => context.clock.nowNanos(),
    (trace) => context.traced(account, destination, accepted, trace),
  );
}

function readWish(
  session: ClientSession,
  refused: boolean,
): Wish | null | "drop" {
  const { message, account } = session;
  const headers = readRawHeaders(message);
  const destination = headers.get(TRACE_DEST_HEADER)?.[0];
  if (destination === TRACE_DISABLED) return null;
  const sampled = [...headers].some(([name, values]) =>
    name.toLowerCase() === PARENT_HEADER && values.some(isSampled)
  );
  if (destination === undefined && !sampled) return null;
  const only = destination !== undefined &&
    ONLY_VALUES.has(headers.get(ONLY_HEADER)?.[0]?.toLowerCase() ?? "");
  const disable = () => {
    if (!refused) setHeader(message, TRACE_DEST_HEADER, TRACE_DISABLED);
  };
  const origin = headers.get(ORIGIN_HEADER)?.[0];
  if (origin !== undefined) {
    session.logError(
      `Message tracing disabled because of header ${
        quoteByteString(ORIGIN_HEADER)
      } with value=${quoteByteString(origin)}`,
    );
    if (only) return "drop";
    disable();
    return null;
  }
  if (destination !== undefined) return { destination, only, headers };
  const { traces } = account;
  if (traces === null) return null;
  if (
    traces.percent < 100 && session.context.random.below(100) > traces.percent
  ) {
    // Servers behind this one shall not decide otherwise.
    disable();
    return null;
  }
  return { destination: traces.destination, only: false, headers };
}

/** The last of four parts is a number of two hexadecimal digits, odd and below 0x80. */
function isSampled(value: string): boolean {
  const parts = value.split("-");
  const flags = parts[3] ?? "";
  return parts.length === 4 && SAMPLED.test(flags);
}

/** As Go reads a signed byte, which `+1` and `-1` are too. */
const SAMPLED = /^(?:[0-7][13579bdf]|[+][13579bdf])$/i;

/** Unlike for messages, leave to answer is no leave to have traces sent there. */
function mayPublishTo(session: ClientSession, destination: string): boolean {
  const { permissions, account, context } = session;
  const bytes = subjectToBytes(destination);
  const { length } = bytes;
  if (isGatewayReply(bytes, 0, length)) return false;
  if (isRaftSubject(bytes, 0, length) && !context.isSystemAccount(account)) {
    return false;
  }
  return !permissions?.limitsPublish ||
    permissions.mayPublish(bytes, 0, length);
}

/**
 * Headers by their names as they were written, as byte strings; those without
 * a name or a value are left out. None when the block does not begin as one.
 */
function readRawHeaders(
  { chunk, bodyStart, headerSize }: Message,
): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  const block = decodeByteString(
    chunk.bytes,
    bodyStart,
    bodyStart + headerSize,
  );
  if (!block.startsWith(VERSION_LINE)) return headers;
  let at = VERSION_LINE.length;
  while (at < block.length) {
    const colon = block.indexOf(":", at);
    if (colon < 0) break;
    const end = block.indexOf(LINE_END, skipBlanks(block, colon + 1));
    if (end < 0) break;
    const name = block.slice(at, colon);
    const value = block.slice(colon + 1, end).replace(/^[ \t]+|[ \t]+$/g, "");
    if (name !== "" && value !== "") {
      const values = headers.get(name);
      if (values === undefined) headers.set(name, [value]);
      else values.push(value);
    }
    at = end + LINE_END.length;
  }
  return headers;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

function asTexts(
  headers: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...headers].map(([name, values]) => [
      subjectToText(name),
      values.map(subjectToText),
    ]),
  );
}

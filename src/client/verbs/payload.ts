/**
 * What PUB and HPUB share: the checks that need no payload.
 *
 * @module
 */

import { CloseReason } from "../../connection/mod.ts";
import {
  decodeByteString,
  ERR_INVALID_PUBLISH_SUBJECT,
  ERR_MAX_PAYLOAD,
  type Line,
  type Message,
  quoteByteString,
} from "../../protocol/mod.ts";
import { isValidLiteral } from "../../subject/mod.ts";
import type { ClientSession } from "../session.ts";

/** The verb's outcome when the session was closed. */
const REFUSED = -1;

/** Closes for a line that can't be read, without telling the client. */
export function refuseLine(session: ClientSession, why: string): number {
  session.logError(why);
  session.close(CloseReason.ProtocolViolation);
  return REFUSED;
}

/** A line's arguments, quoted for the log. */
export function lineText(line: Line): string {
  return quoteByteString(
    decodeByteString(line.buffer, line.argsStart, line.argsEnd),
  );
}

/**
 * Checks size and subject of a line before its payload is read.
 * @returns `size`, or -1 when the session was closed
 */
export function admitPayload(
  session: ClientSession,
  line: Line,
  size: number,
): number {
  if (size > session.maxPayload) {
    session.logError(
      `maximum payload exceeded: ${size} vs ${session.maxPayload}`,
    );
    session.sendError(ERR_MAX_PAYLOAD);
    session.close(CloseReason.MaxPayloadExceeded);
    return REFUSED;
  }
  if (
    session.connect.pedantic &&
    !isValidLiteral(line.buffer, line.start(0), line.end(0))
  ) session.sendError(ERR_INVALID_PUBLISH_SUBJECT);
  return size;
}

/**
 * Points a message at the ranges of a complete op, whose last `sizes`
 * arguments are sizes. The header size is left to the caller.
 */
export function fillMessage(
  message: Message,
  line: Line,
  sizes: number,
  start: number,
  end: number,
): void {
  const { chunk, count } = line;
  const replies = count === sizes + 2;
  message.subjectChunk = chunk;
  message.subjectStart = line.start(0);
  message.subjectEnd = line.end(0);
  message.replyChunk = chunk;
  message.replyStart = replies ? line.start(1) : 0;
  message.replyEnd = replies ? line.end(1) : 0;
  message.chunk = chunk;
  message.bodyStart = start;
  message.bodyEnd = end;
  message.tailStart = line.tidy ? line.start(count - 1) : -1;
}

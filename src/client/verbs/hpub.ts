/**
 * `HPUB <subject> [reply] <header size> <total size>`, headers and payload.
 *
 * @module
 */

import {
  LF,
  type Line,
  mayAskForTrace,
  type Message,
  parseSize,
  type PayloadVerb,
  SPACE,
} from "../../protocol/mod.ts";
import { publishTraced, traceRefusal } from "../message_trace.ts";
import { publish } from "../publish.ts";
import type { ClientSession } from "../session.ts";
import { admitPayload, fillMessage, lineText, refuseLine } from "./payload.ts";

export const HPUB: PayloadVerb<ClientSession> = {
  name: "HPUB",
  gap: "required",
  open(session, line) {
    session.traceLine("HPUB", line);
    if (!session.headers) {
      return refuseLine(session, "message headers not supported");
    }
    const { count } = line;
    if (count !== 3 && count !== 4) {
      return refuseLine(
        session,
        `processHeaderPub Parse Error: ${lineText(line)}`,
      );
    }
    const header = sizeAt(line, count - 2);
    const total = sizeAt(line, count - 1);
    const problem = header < 0
      ? "Bad or Missing Header Size"
      : total < 0
      ? "Bad or Missing Total Size"
      : header > total
      ? "Header Size larger then TotalSize"
      : null;
    if (problem !== null) {
      return refuseLine(
        session,
        `processHeaderPub ${problem}: ${lineText(line)}`,
      );
    }
    if (total > session.maxPayload) traceTooLarge(session, line);
    return admitPayload(session, line, total);
  },
  run(session, line, start, end) {
    fillMessage(session.message, line, 2, start, end);
    fillHeader(session.message, line);
    if (mayAskForTrace(session.message)) publishTraced(session);
    else publish(session);
  },
};

function sizeAt(line: Line, index: number): number {
  return parseSize(line.buffer, line.start(index), line.end(index));
}

/** Traces a message that is too large, if its headers came along with the line. */
function traceTooLarge(session: ClientSession, line: Line): void {
  const { message } = session;
  const start = line.buffer.indexOf(LF, line.argsEnd) + 1;
  const total = sizeAt(line, line.count - 1);
  fillMessage(message, line, 2, start, start + total);
  const arrived = line.limit - start;
  message.headerSize = Math.min(sizeAt(line, line.count - 2), arrived);
  if (mayAskForTrace(message)) {
    traceRefusal(session, "maximum payload exceeded");
  }
}

/** Takes the header size, and finds the bytes that can be passed on as they are. */
function fillHeader(message: Message, line: Line): void {
  const { buffer, count, tidy } = line;
  message.headerSize = sizeAt(line, count - 2);
  if (!tidy || message.headerSize === 0) return;
  // Subscribers get both sizes with one blank between them.
  const gap = line.end(count - 2);
  const oneBlank = gap + 1 === line.start(count - 1) && buffer[gap] === SPACE;
  message.tailStart = oneBlank ? line.start(count - 2) : -1;
}

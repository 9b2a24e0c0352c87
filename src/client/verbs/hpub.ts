/**
 * `HPUB <subject> [reply] <header size> <total size>`, headers and payload.
 *
 * @module
 */

import { type Line, parseSize, type PayloadVerb } from "../../protocol/mod.ts";
import { publish } from "../publish.ts";
import type { ClientSession } from "../session.ts";
import { admitPayload, lineText, refuseLine } from "./payload.ts";

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
    return admitPayload(session, line, total);
  },
  run(session, line, start, end) {
    fill(session, line, start, end);
    publish(session);
  },
};

function sizeAt(line: Line, index: number): number {
  return parseSize(line.buffer, line.start(index), line.end(index));
}

function fill(
  session: ClientSession,
  line: Line,
  start: number,
  end: number,
): void {
  const { message } = session;
  const { chunk, count } = line;
  message.subjectChunk = chunk;
  message.subjectStart = line.start(0);
  message.subjectEnd = line.end(0);
  message.replyChunk = chunk;
  message.replyStart = count === 4 ? line.start(1) : 0;
  message.replyEnd = count === 4 ? line.end(1) : 0;
  message.chunk = chunk;
  message.bodyStart = start;
  message.bodyEnd = end;
  message.headerSize = sizeAt(line, count - 2);
  // The sizes can be passed on as they stand if one blank is between them.
  const oneBlank = line.end(count - 2) + 1 === line.start(count - 1) &&
    line.buffer[line.end(count - 2)] === 0x20;
  message.tailStart = line.tidy && (oneBlank || message.headerSize === 0)
    // An empty header block is no header block to subscribers.
    ? line.start(message.headerSize === 0 ? count - 1 : count - 2)
    : -1;
}

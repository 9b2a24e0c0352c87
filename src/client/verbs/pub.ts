/**
 * `PUB <subject> [reply] <size>` and payload.
 *
 * @module
 */

import { parseSize, type PayloadVerb } from "../../protocol/mod.ts";
import { publish } from "../publish.ts";
import type { ClientSession } from "../session.ts";
import { admitPayload, fillMessage, lineText, refuseLine } from "./payload.ts";

export const PUB: PayloadVerb<ClientSession> = {
  name: "PUB",
  gap: "required",
  open(session, line) {
    session.traceLine("PUB", line);
    const { count } = line;
    if (count !== 2 && count !== 3) {
      return refuseLine(session, `processPub Parse Error: ${lineText(line)}`);
    }
    const sizeAt = count - 1;
    const size = parseSize(line.buffer, line.start(sizeAt), line.end(sizeAt));
    if (size < 0) {
      return refuseLine(
        session,
        `processPub Bad or Missing Size: ${lineText(line)}`,
      );
    }
    return admitPayload(session, line, size);
  },
  run(session, line, start, end) {
    fillMessage(session.message, line, 1, start, end);
    session.message.headerSize = -1;
    publish(session);
  },
  runPlain(session, op) {
    const { message } = session;
    const size = op.payloadEnd - op.payloadStart;
    const special = size > session.maxPayload || session.connect.pedantic ||
      session.tracing;
    if (special) return false;
    message.subjectChunk = op.chunk;
    message.subjectStart = op.subjectStart;
    message.subjectEnd = op.subjectEnd;
    message.replyChunk = op.chunk;
    message.replyStart = op.replyStart;
    message.replyEnd = op.replyEnd;
    message.chunk = op.chunk;
    message.bodyStart = op.payloadStart;
    message.bodyEnd = op.payloadEnd;
    message.headerSize = -1;
    message.tailStart = op.sizeStart;
    publish(session);
    return true;
  },
};

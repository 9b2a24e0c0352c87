/**
 * `UNSUB <sid> [max]`.
 *
 * @module
 */

import {
  decodeByteString,
  type LineVerb,
  parseSize,
} from "../../protocol/mod.ts";
import type { ClientSession } from "../session.ts";
import { lineText, refuseLine } from "./payload.ts";

export const UNSUB: LineVerb<ClientSession> = {
  name: "UNSUB",
  gap: "required",
  run(session, line) {
    session.traceLine("UNSUB", line);
    const { count, buffer } = line;
    if (count !== 1 && count !== 2) {
      refuseLine(session, `processUnsub Parse Error: ${lineText(line)}`);
      return;
    }
    session.keepalive.onActivity();
    const sid = decodeByteString(buffer, line.start(0), line.end(0));
    const subscription = session.subscriptions.get(sid);
    session.acknowledge();
    if (subscription === undefined) return;
    // Anything that is no number above what was delivered means "now".
    const max = count === 2
      ? parseSize(buffer, line.start(1), line.end(1))
      : -1;
    if (max > 0 && max > subscription.delivered) subscription.max = max;
    else session.unsubscribe(subscription);
  },
};

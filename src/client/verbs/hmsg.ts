/**
 * `HMSG` is for servers. From a client its line is read, and is an error.
 *
 * @module
 */

import type { LineVerb } from "../../protocol/mod.ts";
import { STATE_MSG_END_R } from "../../protocol/mod.ts";
import type { ClientSession } from "../session.ts";

export const HMSG: LineVerb<ClientSession> = {
  name: "HMSG",
  gap: "required",
  run(session, { buffer, argsStart, argsEnd }) {
    session.onUnknownOperation({
      state: STATE_MSG_END_R,
      index: argsEnd,
      snippet: buffer.slice(argsStart, argsEnd),
    });
  },
};

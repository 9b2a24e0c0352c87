/**
 * `HMSG` is for servers. From a client the Go server reads the line, ignores
 * it, and expects the CR LF of an empty payload behind it.
 *
 * @module
 */

import type { PayloadVerb } from "../../protocol/mod.ts";
import type { ClientSession } from "../session.ts";

export const HMSG: PayloadVerb<ClientSession> = {
  name: "HMSG",
  gap: "required",
  open: () => 0,
  run(session) {
    session.counters.messagesIn++;
    session.acknowledge();
  },
};

/**
 * `INFO`, `+OK` and `-ERR`, which clients seldom send.
 *
 * @module
 */

import { CloseReason } from "../../connection/mod.ts";
import { decodeByteString, type LineVerb } from "../../protocol/mod.ts";
import type { ClientSession } from "../session.ts";

/** Read and ignored. */
export const INFO: LineVerb<ClientSession> = {
  name: "INFO",
  gap: "optional",
  run: () => {},
};

/** Ignored. */
export const OK: LineVerb<ClientSession> = {
  name: "+OK",
  gap: "bare",
  run: () => {},
};

/** The client gives up on the server. */
export const ERR: LineVerb<ClientSession> = {
  name: "-ERR",
  gap: "required",
  run(session, line) {
    const { buffer, argsStart, argsEnd } = line;
    const text = decodeByteString(buffer, argsStart, argsEnd);
    session.logError(`Client Error ${text}`);
    session.close(CloseReason.ParseError);
  },
};

/**
 * What a client has to show for itself.
 *
 * @module
 */

import type { AuthRequest } from "../auth/mod.ts";
import type { ClientSession } from "./session.ts";

/** The question who a client is. */
export function authRequestOf(session: ClientSession): AuthRequest {
  const { connect, connectionType, host, id, nonce, tls } = session;
  return {
    connect,
    connectionType,
    host,
    id,
    nonce,
    tls,
    log: {
      debug: (text) => session.logDebug(text),
      error: (text) => session.logError(text),
    },
    isGone: () => session.connection.closed,
  };
}

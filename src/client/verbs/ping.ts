/**
 * `PING` and `PONG`.
 *
 * @module
 */

import { encodeInfo, type LineVerb } from "../../protocol/mod.ts";
import type { ClientSession } from "../session.ts";

export const PING: LineVerb<ClientSession> = {
  name: "PING",
  gap: "bare",
  run(session) {
    if (session.tracing) {
      session.logTrace("<<- [PING]");
      session.logTrace("->> [PONG]");
    }
    session.connection.send("PONG\r\n");
    session.keepalive.onPing();
    if (!session.connectReceived || session.keepalive.firstPongSent) return;
    session.keepalive.firstPongSent = true;
    if (session.connect.protocol >= 1) tellConnectInfo(session);
  },
};

export const PONG: LineVerb<ClientSession> = {
  name: "PONG",
  gap: "bare",
  run(session) {
    if (session.tracing) session.logTrace("<<- [PONG]");
    session.keepalive.onPong();
  },
};

/** After its first PING a client learns which account it is in. */
function tellConnectInfo(session: ClientSession): void {
  session.connection.sendText(encodeInfo({
    ...session.info(),
    connect_info: true,
    remote_account: session.account.name,
    acc_is_sys: session.context.isSystemAccount(session.account),
  }));
}

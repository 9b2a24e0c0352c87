/**
 * `$SYS.SERVER.<id>.CLIENT.AUTH.ERR`, and inside the account that the client
 * was in `$SYS.ACCOUNT.CLIENT.AUTH.ERR`: a client was refused.
 *
 * @module
 */

import type { ClientSession } from "../../client/mod.ts";
import type { EventServer } from "../event_server.ts";
import type { Publisher } from "../publisher.ts";
import { disconnectMessage } from "./disconnect.ts";

const ACCOUNT_SUBJECT = "$SYS.ACCOUNT.CLIENT.AUTH.ERR";

export function adviseAuthError(
  publisher: Publisher,
  { id, clock }: EventServer,
  session: ClientSession,
  reason: string,
): void {
  const make = () => disconnectMessage(publisher, session, reason, clock.now());
  publisher.publishTo(session.account, ACCOUNT_SUBJECT, make);
  publisher.publish(`$SYS.SERVER.${id}.CLIENT.AUTH.ERR`, make);
}

/**
 * `$SYS.SERVER.<id>.CLIENT.AUTH.ERR`, and inside the account that the client
 * was in, or whose service refused it, `$SYS.ACCOUNT.CLIENT.AUTH.ERR`: a client
 * was refused.
 *
 * @module
 */

import type { Refusal } from "../../auth/mod.ts";
import type { ClientSession } from "../../client/mod.ts";
import { formatNanos } from "../../protocol/mod.ts";
import type { EventServer } from "../event_server.ts";
import type { Publisher } from "../publisher.ts";
import { disconnectMessage } from "./disconnect.ts";

const ACCOUNT_SUBJECT = "$SYS.ACCOUNT.CLIENT.AUTH.ERR";

export function adviseAuthError(
  publisher: Publisher,
  { id, clock, accounts }: EventServer,
  session: ClientSession,
  { reason, announcement }: Refusal,
): void {
  const time = formatNanos(clock.nowNanos());
  const account = announcement === undefined
    ? session.account
    : accounts.get(announcement.account);
  const text = announcement?.text ?? reason;
  if (account !== null) {
    publisher.publishTo(
      account,
      ACCOUNT_SUBJECT,
      () =>
        disconnectMessage(publisher, session, {
          reason: text,
          time,
          account: account.name,
        }),
    );
  }
  publisher.publish(
    `$SYS.SERVER.${id}.CLIENT.AUTH.ERR`,
    () => disconnectMessage(publisher, session, { reason, time }),
  );
}

/**
 * `$SYS.ACCOUNT.<account>.CONNECT`: a client proved who it is.
 *
 * @module
 */

import type { ClientSession } from "../../client/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import type { Publisher } from "../publisher.ts";
import { clientField } from "./client_event.ts";

const TYPE = "io.nats.server.advisory.v1.client_connect";

export function adviseConnect(
  publisher: Publisher,
  session: ClientSession,
): void {
  const account = subjectFromText(session.account.name);
  publisher.publish(`$SYS.ACCOUNT.${account}.CONNECT`, () => ({
    ...publisher.typed(TYPE),
    server: publisher.header(),
    client: clientField(session),
  }));
}

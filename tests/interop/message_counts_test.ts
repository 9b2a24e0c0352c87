/**
 * What counts as a message, with a system account that is asked and tells.
 */

import { assertEquals } from "@std/assert";
import { capability } from "../tools/capability.ts";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { SystemUser } from "./events/conversation.ts";
import { ask, login } from "./monitor/load.ts";

const CONFIG = `
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
accounts {
  A { users [ { user: a, password: a } ] }
  SYS { users [ { user: sys, password: sys } ] }
}
system_account: SYS
`;

/** Messages of the server and its accounts after some of many kinds. */
async function counts(peer: Peer): Promise<unknown> {
  await using asker = await SystemUser.of(peer, "sys");
  const client = await login(peer, "a");
  await client.send("SUB foo 1\r\nSUB foo 2\r\nPUB foo 3\r\nabc\r\n");
  await client.flush();
  await asker.ask("$SYS.REQ.SERVER.PING.IDZ");
  await asker.ask("$SYS.REQ.SERVER.PING.HEALTHZ");
  await using member = await SystemUser.of(peer, "a");
  await member.ask("$SYS.REQ.USER.INFO");
  const { in_msgs, out_msgs } = JSON.parse((await ask(peer, "/varz")).text);
  const { account_statz } = JSON.parse((await ask(peer, "/accstatz")).text);
  const accounts = Object.fromEntries(
    account_statz.map((
      { acc, sent, received }: {
        acc: string;
        sent: { msgs: number };
        received: { msgs: number };
      },
    ) => [acc, [sent.msgs, received.msgs]]).sort(),
  );
  await client.close();
  return { in_msgs, out_msgs, accounts };
}

capability(
  "requests to the server count where they come in, and its answers where they go",
  { positive: ["monitoring/accstatz", "monitoring/varz-runtime"] },
  async () => {
    await using go = await startGoServer({ config: CONFIG });
    await using ours = await startOurServer({ config: CONFIG });
    assertEquals(await counts(ours), await counts(go));
  },
);

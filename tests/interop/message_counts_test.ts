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
async function afterRequests(peer: Peer): Promise<unknown> {
  await using asker = await SystemUser.of(peer, "sys");
  const client = await login(peer, "a");
  await client.send("SUB foo 1\r\nSUB foo 2\r\nPUB foo 3\r\nabc\r\n");
  await client.flush();
  await asker.ask("$SYS.REQ.SERVER.PING.IDZ");
  await asker.ask("$SYS.REQ.SERVER.PING.HEALTHZ");
  await using member = await SystemUser.of(peer, "a");
  await member.ask("$SYS.REQ.USER.INFO");
  const found = await counts(peer);
  await client.close();
  return found;
}

/** The same after a stream has taken messages, and acknowledgements. */
async function afterJetStream(peer: Peer): Promise<unknown> {
  const client = await login(peer, "a");
  await client.send("SUB inbox 1\r\n");
  const request = async (subject: string, body = "") => {
    await client.send(`PUB ${subject} inbox ${body.length}\r\n${body}\r\n`);
    return await client.expect(/MSG \S+ 1 (\S* ?)\d+.*\r\n/);
  };
  await request(
    "$JS.API.STREAM.CREATE.ORDERS",
    `{"name": "ORDERS", "subjects": ["orders.*"], "storage": "memory",
      "allow_direct": true}`,
  );
  await request(
    "$JS.API.CONSUMER.CREATE.ORDERS.work",
    `{"stream_name": "ORDERS",
      "config": {"durable_name": "work", "ack_policy": "explicit"}}`,
  );
  for (const key of ["a", "b"]) await request(`orders.${key}`);
  const [, reply = ""] = await request("$JS.API.CONSUMER.MSG.NEXT.ORDERS.work");
  await request(reply.trimEnd());
  await request("$JS.API.DIRECT.GET.ORDERS", `{"seq": 2}`);
  await request("$JS.API.DIRECT.GET.ORDERS.orders.a");
  const found = await counts(peer);
  await client.close();
  return found;
}

async function counts(peer: Peer): Promise<unknown> {
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
  return { in_msgs, out_msgs, accounts };
}

capability(
  "requests to the server count where they come in, and its answers where they go",
  { positive: ["monitoring/accstatz", "monitoring/varz-runtime"] },
  async () => {
    await using go = await startGoServer({ config: CONFIG });
    await using ours = await startOurServer({ config: CONFIG });
    assertEquals(await afterRequests(ours), await afterRequests(go));
  },
);

capability(
  "what JetStream takes in does not count as sent",
  { edge: ["monitoring/accstatz", "monitoring/varz-runtime"] },
  async () => {
    const config = `${CONFIG.replace("A {", "A { jetstream: enabled,")}
jetstream { store_dir: "{{dir}}" }
`;
    await using go = await startGoServer({ config });
    await using ours = await startOurServer({ config });
    const expected = await afterJetStream(go);
    assertEquals(await afterJetStream(ours), expected);
  },
);

/** Advisories and requests of the system account. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";
import { Member } from "./support.ts";

const CONFIG = `
server_name: "n"
server_tags: ["one"]
accounts {
  A { imports [ { service: { account: SYS, subject: "$SYS.DEBUG.SUBSCRIBERS" } } ], users [
    { user: a, password: a }
    { user: limited, password: limited, permissions {
      publish: "$SYS.REQ.USER.INFO", subscribe: "inbox.*"
    } }
  ] }
  SYS { exports [ { service: "$SYS.DEBUG.SUBSCRIBERS" } ], users [ { user: sys, password: sys } ] }
}
system_account: SYS
`;

/** Runs `use` with a server and a member of its system account. */
function eventful(
  use: (server: Server, sys: Member) => Promise<void>,
): Promise<void> {
  return withServer(CONFIG, async (server) => {
    await using sys = await Member.of(server, "sys");
    await use(server, sys);
  });
}

capability(
  "connects and disconnects are announced with who, how much and why",
  {
    positive: [
      "system-events/connect",
      "system-events/disconnect",
      "system-events/envelope",
    ],
  },
  () =>
    eventful(async (server, sys) => {
      await sys.listen("$SYS.ACCOUNT.A.CONNECT");
      await sys.listen("$SYS.ACCOUNT.A.DISCONNECT");
      const member = await Member.of(server, "a");
      await member.client.send("PUB x 5\r\nhello\r\n");
      await member.client.flush();
      await member.client.close();
      const { document: came } = await sys.hear();
      assertEquals(
        [came.type, came.client.user, came.client.acc, came.server.name],
        ["io.nats.server.advisory.v1.client_connect", "a", "A", "n"],
      );
      assertMatch(came.id, /^[0-9A-Za-z]{22}$/);
      const { document: left } = await sys.hear();
      assertEquals(
        [left.sent, left.received, left.reason],
        [{ msgs: 1, bytes: 5 }, { msgs: 0, bytes: 0 }, "Client Closed"],
      );
      assert(left.server.seq > came.server.seq);
    }),
);

capability(
  "a refused client is announced, and never as connected",
  {
    positive: ["system-events/auth-error"],
    edge: [
      "system-events/connect",
      "system-events/disconnect",
      "system-events/auth-error",
    ],
  },
  () =>
    eventful(async (server, sys) => {
      await sys.listen("$SYS.ACCOUNT.*.CONNECT");
      await sys.listen("$SYS.SERVER.*.CLIENT.AUTH.ERR");
      await using client = await RawClient.connect(server);
      await client.send('CONNECT {"user":"a","pass":"wrong"}\r\n');
      await client.expectEnd();
      const { subject, document } = await sys.hear();
      assertEquals(subject, `$SYS.SERVER.${server.id}.CLIENT.AUTH.ERR`);
      assertEquals(document.reason, "Authentication Failure");
      assertEquals(document.client.user, "a");
    }),
);

capability(
  "connections of accounts are counted, under both names; not of the global one",
  {
    positive: ["system-events/account-conns"],
    edge: ["system-events/account-conns"],
  },
  () =>
    eventful(async (server, sys) => {
      await sys.listen("$SYS.ACCOUNT.*.SERVER.CONNS");
      await sys.listen("$SYS.SERVER.ACCOUNT.*.CONNS");
      await using stranger = await RawClient.connect(server);
      await stranger.close();
      await using _member = await Member.of(server, "a");
      const heard = [await sys.hear(), await sys.hear()];
      assertEquals(
        heard.map(({ subject }) => subject),
        ["$SYS.SERVER.ACCOUNT.A.CONNS", "$SYS.ACCOUNT.A.SERVER.CONNS"],
      );
      assertEquals(heard[0]?.document.conns, 1);
      assert(await sys.isIgnored("$SYS.REQ.ACCOUNT.missing.CONNS"));
    }),
);

capability(
  "requests to all servers and to one are answered in an envelope",
  {
    positive: [
      "system-events/server-direct",
      "system-events/response",
      "system-events/options",
      "system-events/filters",
    ],
  },
  () =>
    eventful(async (server, sys) => {
      const all = "$SYS.REQ.SERVER.PING";
      const varz = await sys.ask(`${all}.VARZ`, '{"server_name":"n"}');
      assertEquals(Object.keys(varz), ["server", "data"]);
      assertEquals(varz.data.server_id, server.id);
      const connz = await sys.ask(
        `$SYS.REQ.SERVER.${server.id}.CONNZ`,
        '{"auth":true,"subscriptions":true,"tags":["one"]}',
      );
      const [info] = connz.data.connections;
      assertEquals(info.authorized_user, "sys");
      assertMatch(info.subscriptions_list.join(), /^inbox\.\d+$/);
      assertEquals(await sys.ask(`${all}.IDZ`), {
        name: "n",
        host: "127.0.0.1",
        id: server.id,
      });
    }),
);

capability(
  "requests for others are ignored, and bad ones refused",
  {
    edge: [
      "system-events/server-direct",
      "system-events/response",
      "system-events/options",
      "system-events/filters",
      "system-events/envelope",
    ],
  },
  () =>
    eventful(async (_server, sys) => {
      const all = "$SYS.REQ.SERVER.PING";
      assert(await sys.isIgnored(`${all}.VARZ`, '{"server_name":"other"}'));
      assert(await sys.isIgnored(`${all}.STATSZ`, '{"tags":["two"]}'));
      const failed = await sys.ask(`${all}.CONNZ`, '{"sort":"x"}');
      assertEquals(failed.error, {
        code: 500,
        description: "invalid sorting option: x",
      });
      const bad = await sys.ask(`${all}.CONNZ`, "{");
      assertEquals(bad.error.code, 400);
    }),
);

capability(
  "figures are told at request and, to listeners, without one",
  { positive: ["system-events/statsz"], edge: ["system-events/statsz"] },
  () =>
    eventful(async (server, sys) => {
      const { statsz } = await sys.ask("$SYS.REQ.SERVER.PING");
      assertEquals([statsz.connections, statsz.active_accounts], [1, 1]);
      assert(!("slow_consumer_stats" in statsz));
      await sys.listen("$SYS.SERVER.*.STATSZ");
      await sys.client.send("PUB $SYS.REQ.SERVER.PING.STATSZ 0\r\n\r\n");
      const { subject } = await sys.hear();
      assertEquals(subject, `$SYS.SERVER.${server.id}.STATSZ`);
    }),
);

capability(
  "requests about one account know of that account only",
  {
    positive: ["system-events/account-direct"],
    edge: ["system-events/account-direct"],
  },
  () =>
    eventful(async (server, sys) => {
      await using _member = await Member.of(server, "a");
      const connz = await sys.ask("$SYS.REQ.ACCOUNT.A.CONNZ");
      assertEquals(connz.data.total, 1);
      const info = await sys.ask("$SYS.REQ.ACCOUNT.A.INFO");
      assertEquals(info.data.client_connections, 1);
      const missing = await sys.ask("$SYS.REQ.ACCOUNT.X.INFO");
      assertEquals(
        missing.error.description,
        "Account X does not exist",
      );
      assert(await sys.isIgnored("$SYS.REQ.ACCOUNT.X.STATZ"));
    }),
);

capability(
  "members see their own account through their imports, and no other",
  {
    positive: ["system-events/account-scoped-imports"],
    edge: ["system-events/account-scoped-imports"],
  },
  () =>
    eventful(async (server) => {
      await using member = await Member.of(server, "a");
      const path = "$SYS.REQ.SERVER.PING.CONNZ";
      const own = await member.ask(path, '{"acc":"SYS","auth":true}');
      assertEquals(own.data.total, 1);
      assertEquals(own.data.connections[0].account, "A");
      const statz = await member.ask("$SYS.REQ.ACCOUNT.PING.STATZ");
      assertEquals(statz.data.account_statz[0].acc, "A");
      assert(await member.isIgnored("$SYS.REQ.SERVER.PING.VARZ"));
    }),
);

capability(
  "users learn who they are and what they may do",
  {
    positive: [
      "system-events/user-info",
      "client-protocol/client-requests-own-info",
    ],
    edge: [
      "system-events/user-info",
      "client-protocol/client-requests-own-info",
    ],
  },
  () =>
    eventful(async (server) => {
      await using free = await Member.of(server, "a");
      assertEquals((await free.ask("$SYS.REQ.USER.INFO")).data, {
        user: "a",
        account: "A",
        account_name: "A",
      });
      await using limited = await Member.of(server, "limited");
      const { data } = await limited.ask("$SYS.REQ.USER.INFO");
      assertEquals(data.permissions, {
        publish: { allow: ["$SYS.REQ.USER.INFO"] },
        subscribe: { allow: ["inbox.*"] },
      });
      // Without a reply nobody is answered.
      await free.client.send("PUB $SYS.REQ.USER.INFO 0\r\n\r\n");
      assertEquals((await free.client.flush()).trim(), "");
    }),
);

capability(
  "subscribers are counted in the asker's account",
  {
    positive: ["system-events/debug-subscribers"],
    edge: ["system-events/debug-subscribers"],
  },
  () =>
    eventful(async (server, sys) => {
      await using member = await Member.of(server, "a");
      await member.listen("debug.one");
      await member.listen("debug.two workers");
      await sys.listen("debug.one");
      const count = (body: string) =>
        member.ask("$SYS.DEBUG.SUBSCRIBERS", body);
      assertEquals(await count("debug.one"), 1);
      assertEquals(await count("debug.*"), 2);
      assertEquals(await count("debug.* workers"), 1);
      assertEquals(await count("debug.one workers"), 0);
    }),
);

capability(
  "clients are kicked and warned by their numbers",
  {
    positive: ["system-events/reload-kick-ldm", "client-protocol/kick"],
    edge: [
      "system-events/reload-kick-ldm",
      "client-protocol/kick",
      "reload/triggers",
    ],
  },
  () =>
    eventful(async (server, sys) => {
      await using member = await Member.of(server, "a");
      const connz = await sys.ask("$SYS.REQ.ACCOUNT.A.CONNZ");
      const body = JSON.stringify({ cid: connz.data.connections[0].cid });
      const direct = `$SYS.REQ.SERVER.${server.id}`;
      assertEquals(Object.keys(await sys.ask(`${direct}.LDM`, body)), [
        "server",
      ]);
      await member.client.expect(/INFO [^\r]*"ldm":true/);
      await sys.ask(`${direct}.KICK`, body);
      await member.client.expectEnd();
      const [last] = server.state.closedClients.list();
      assertEquals(last?.reason, "Kicked");
      const again = await sys.ask(`${direct}.KICK`, body);
      assertEquals(again.error.description, "no such client or leafnode id");
      const reload = await sys.ask(`${direct}.RELOAD`);
      assertEquals(reload.error.code, 500);
    }),
);

capability(
  "the last words of a server come before its clients are closed",
  {
    positive: ["system-events/shutdown-lame-duck"],
    edge: ["system-events/shutdown-lame-duck"],
  },
  () =>
    eventful(async (server, sys) => {
      await sys.listen("$SYS.SERVER.*.SHUTDOWN");
      await sys.listen("$SYS.SERVER.*.LAMEDUCK");
      const stopping = server.shutdown();
      const { subject, document } = await sys.hear();
      assertEquals(subject, `$SYS.SERVER.${server.id}.SHUTDOWN`);
      assertEquals([document.id, document.ver], [server.id, "2.15.2"]);
      await stopping;
      // What waits for clients to read goes on for a moment.
      await new Promise((resolve) => setTimeout(resolve, 150));
    }),
);

capability(
  "without a system account nothing is announced or answered",
  { edge: ["system-events/user-info"] },
  () =>
    withServer("no_sys_acc: true", async (server) => {
      await using member = await Member.of(server, "x");
      assert(await member.isIgnored("$SYS.REQ.USER.INFO"));
    }),
);

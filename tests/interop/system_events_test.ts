/**
 * Both servers asked through the system account, and heard in it: answers and
 * advisories must have the same fields of the same types in the same order,
 * and the same values where these do not depend on the run.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { capability, type Claims } from "../tools/capability.ts";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { comparable, SystemUser } from "./events/conversation.ts";
import { connect, login } from "./monitor/load.ts";

const CONFIG = `
listen: "127.0.0.1:-1"
server_name: "eventful"
server_tags: ["one", "two"]
server_metadata { zone: z }
accounts {
  A {
    imports [ { service: { account: SYS, subject: "$SYS.DEBUG.SUBSCRIBERS" } } ]
    users [
      { user: a, password: a }
      { user: limited, password: limited, permissions {
        publish { allow: ["$SYS.REQ.USER.INFO", "foo"], deny: ["bar"] }
        subscribe { allow: ["inbox.>", "work q"], deny: "inbox.secret" }
        allow_responses { max: 3, expires: "2m" }
      } }
    ]
  }
  SYS { exports [ { service: "$SYS.DEBUG.SUBSCRIBERS" } ], users [ { user: sys, password: sys } ] }
}
system_account: SYS
`;

/** One request: who asks, what, and with which body. */
type Request = readonly [
  user: string,
  subject: string,
  body: string,
  claims: Claims,
];

const ping = (name: string) => `$SYS.REQ.SERVER.PING.${name}`;

const NSUBS = "$SYS.REQ.ACCOUNT.NSUBS";

const REQUESTS: readonly Request[] = [
  ["sys", ping("VARZ"), "", { positive: ["system-events/server-direct"] }],
  ["sys", ping("CONNZ"), "", { positive: ["system-events/response"] }],
  ["sys", ping("CONNZ"), '{"auth":true,"subscriptions_detail":true}', {
    positive: ["system-events/options"],
  }],
  ["sys", ping("CONNZ"), '{"state":2,"limit":1,"offset":5}', {}],
  ["sys", ping("CONNZ"), '{"acc":"A","filter_subject":"inbox.*"}', {}],
  ["sys", ping("CONNZ"), '{"filter_subject":"x"}', {
    edge: ["system-events/options"],
  }],
  ["sys", ping("CONNZ"), "x", { edge: ["system-events/response"] }],
  ["sys", ping("CONNZ"), '{"limit":"x"}', {}],
  ["sys", ping("CONNZ"), '{"limit":1', {}],
  ["sys", ping("CONNZ"), "[]", {}],
  ["sys", ping("CONNZ"), '{"sort":"nonsense"}', {}],
  ["sys", ping("SUBSZ"), "", {}],
  [
    "sys",
    ping("SUBSZ"),
    '{"account":"A","subscriptions":true,"test":"inbox.here"}',
    {},
  ],
  ["sys", ping("SUBSZ"), '{"test":"a.*"}', {}],
  ["sys", ping("ROUTEZ"), "", {}],
  ["sys", ping("GATEWAYZ"), "", {}],
  ["sys", ping("LEAFZ"), "", {}],
  ["sys", ping("ACCOUNTZ"), "", {}],
  ["sys", ping("ACCOUNTZ"), '{"account":"missing"}', {}],
  ["sys", ping("JSZ"), "", {}],
  ["sys", ping("HEALTHZ"), "", {}],
  ["sys", ping("HEALTHZ"), '{"stream":"s","details":true}', {}],
  ["sys", ping("PROFILEZ"), "", {}],
  ["sys", ping("PROFILEZ"), '{"name":"nonsense"}', {}],
  ["sys", ping("PROFILEZ"), '{"name":"cpu"}', {}],
  ["sys", ping("PROFILEZ"), '{"name":"cpu","duration":15000000001}', {}],
  ["sys", ping("PROFILEZ"), '{"name":"cpu","duration":-1}', {}],
  ["sys", ping("PROFILEZ"), '{"name":"heap","duration":"1s"}', {
    edge: ["system-events/options"],
  }],
  ["sys", ping("EXPVARZ"), "", {}],
  ["sys", ping("RAFTZ"), "", {}],
  ["sys", ping("IDZ"), "", {}],
  ["sys", ping("STATSZ"), "", { positive: ["system-events/statsz"] }],
  ["sys", ping("STATSZ"), "x", {}],
  ["sys", "$SYS.REQ.SERVER.PING", "", {}],
  ["sys", ping("VARZ"), '{"server_name":"event"}', {
    positive: ["system-events/filters"],
  }],
  ["sys", ping("STATSZ"), '{"tags":["ONE"],"host":"127"}', {}],
  ["sys", ping("VARZ"), '{"server_name":"event","exact_match":true}', {
    edge: ["system-events/filters"],
  }],
  ["sys", ping("STATSZ"), '{"tags":["one","three"]}', {}],
  ["sys", ping("HEALTHZ"), '{"cluster":"c"}', {}],
  ["sys", ping("HEALTHZ"), '{"domain":"d"}', {}],
  ["sys", "$SYS.REQ.ACCOUNT.A.CONNZ", "", {
    positive: ["system-events/account-direct"],
  }],
  ["sys", "$SYS.REQ.ACCOUNT.A.SUBSZ", '{"test":"inbox.here"}', {}],
  ["sys", "$SYS.REQ.ACCOUNT.A.STATZ", "", {}],
  ["sys", "$SYS.REQ.ACCOUNT.A.CONNS", "", {}],
  ["sys", "$SYS.REQ.ACCOUNT.A.LEAFZ", "", {}],
  ["sys", "$SYS.REQ.ACCOUNT.A.JSZ", "", {}],
  ["sys", "$SYS.REQ.ACCOUNT.missing.STATZ", "", {
    edge: ["system-events/account-direct"],
  }],
  ["sys", "$SYS.REQ.ACCOUNT.missing.INFO", "", {}],
  ["sys", "$SYS.REQ.ACCOUNT.missing.CONNS", "", {}],
  ["sys", "$SYS.REQ.ACCOUNT.PING.STATZ", '{"accounts":["A"]}', {}],
  ["sys", "$SYS.REQ.ACCOUNT.PING.STATZ", '{"accounts":["missing"]}', {}],
  ["sys", "$SYS.REQ.USER.INFO", "", {}],
  ["a", "$SYS.REQ.USER.INFO", "", { positive: ["system-events/user-info"] }],
  ["limited", "$SYS.REQ.USER.INFO", "", { edge: ["system-events/user-info"] }],
  ["a", "$SYS.REQ.ACCOUNT.PING.CONNZ", "", {
    positive: ["system-events/account-scoped-imports"],
  }],
  ["a", ping("CONNZ"), '{"acc":"SYS"}', {
    edge: ["system-events/account-scoped-imports"],
  }],
  ["a", "$SYS.REQ.ACCOUNT.PING.STATZ", "", {}],
  ["a", "$SYS.DEBUG.SUBSCRIBERS", "inbox.here", {
    positive: ["system-events/debug-subscribers"],
  }],
  ["a", "$SYS.DEBUG.SUBSCRIBERS", "inbox.* nobody", {
    edge: ["system-events/debug-subscribers"],
  }],
  ["a", "$SYS.DEBUG.SUBSCRIBERS", ">", {}],
  ["sys", "$SYS.DEBUG.SUBSCRIBERS", "inbox.here", {}],
  ["sys", NSUBS, '{"acc":"A","subject":"inbox.here"}', {
    positive: ["system-events/debug-subscribers"],
  }],
  ["sys", NSUBS, '{"acc":"A","subject":"inbox.*","queue":"cQ=="}', {}],
  ["sys", NSUBS, '{"acc":"A","subject":">"}', {}],
  ["sys", NSUBS, '{"acc":"A"}', {}],
  ["sys", NSUBS, '{"acc":"missing","subject":"x"}', {
    edge: ["system-events/debug-subscribers"],
  }],
  ["sys", NSUBS, '{"acc":"A","subject":1}', {}],
  ["sys", NSUBS, '{"acc":"A","subject":"x","queue":"?"}', {}],
  ["sys", NSUBS, "", {}],
  ["a", ping("VARZ"), "", { edge: ["system-events/server-direct"] }],
];

let started: Promise<readonly [Peer, Peer]> | undefined;

function peers(): Promise<readonly [Peer, Peer]> {
  return started ??= Promise.all([
    startGoServer({ config: CONFIG }),
    startOurServer({ config: CONFIG }),
  ]);
}

Deno.test.afterAll(async () => {
  for (const peer of await started ?? []) await peer[Symbol.asyncDispose]();
});

/** Plays to both servers; what is returned must be equal. */
function same(
  name: string,
  claims: Claims,
  play: (peer: Peer) => Promise<readonly (string | null)[]>,
): void {
  capability(name, claims, async () => {
    const [go, ours] = await peers();
    const [expected, actual] = await Promise.all([play(go), play(ours)]);
    assertEquals(actual.map(comparable), expected.map(comparable));
  }, { sanitizeOps: false, sanitizeResources: false });
}

for (const [user, subject, body, claims] of REQUESTS) {
  same(`${user} asks ${subject} ${body}`, claims, async (peer) => {
    await using member = await SystemUser.of(peer, "a");
    await using asker = await SystemUser.of(peer, user);
    await member.hear(0);
    return [await asker.ask(subject, body)];
  });
}

same(
  "connects and disconnects are announced",
  {
    positive: [
      "system-events/connect",
      "system-events/disconnect",
      "system-events/envelope",
      "system-events/account-conns",
    ],
  },
  async (peer) => {
    await using listener = await SystemUser.of(peer, "sys");
    await listener.listen("$SYS.ACCOUNT.A.>");
    const client = await login(peer, "a");
    await client.send("SUB x 1\r\nPUB x 2\r\nhi\r\n");
    await client.flush();
    const heard = [await listener.hear(), await listener.hear()];
    await client.close();
    // The Go server says the last two in any order.
    const last = [await listener.hear(), await listener.hear()];
    return [...heard, ...last.sort()];
  },
);

same(
  "a refused client is announced",
  {
    positive: ["system-events/auth-error"],
    edge: ["system-events/connect", "system-events/disconnect"],
  },
  async (peer) => {
    await using listener = await SystemUser.of(peer, "sys");
    await listener.listen("$SYS.SERVER.*.CLIENT.AUTH.ERR");
    await listener.listen("$SYS.ACCOUNT.*.CONNECT");
    const client = await connect(peer);
    await client.send(
      'CONNECT {"user":"a","pass":"wrong","name":"n","lang":"l"}\r\n',
    );
    await client.expectEnd();
    await client.close();
    return [await listener.hear(), await listener.hear(300)];
  },
);

same(
  "clients are kicked and warned of a lame duck by their numbers",
  { positive: ["system-events/reload-kick-ldm", "client-protocol/kick"] },
  async (peer) => {
    await using asker = await SystemUser.of(peer, "sys");
    const id = (await asker.ask(ping("IDZ")))?.match(/N[A-Z2-7]{55}/)?.[0];
    const victim = await login(peer, "a");
    const connz = await asker.ask(ping("CONNZ"), '{"acc":"A"}');
    const cid = connz?.match(/"cid":(\d+)/)?.[1];
    const direct = `$SYS.REQ.SERVER.${id}`;
    const warned = await asker.ask(`${direct}.LDM`, `{"cid":${cid}}`);
    await victim.expect(/INFO \{[^\r]*"ldm":true[^\r]*\} \r\n/);
    const kicked = await asker.ask(`${direct}.KICK`, `{"cid":${cid}}`);
    await victim.expectEnd();
    await victim.close();
    return [warned, kicked];
  },
);

same(
  "nobody is kicked, warned or reloaded for nothing",
  {
    edge: ["system-events/reload-kick-ldm", "client-protocol/kick"],
  },
  async (peer) => {
    await using asker = await SystemUser.of(peer, "sys");
    const id = (await asker.ask(ping("IDZ")))?.match(/N[A-Z2-7]{55}/)?.[0];
    const direct = `$SYS.REQ.SERVER.${id}`;
    return [
      await asker.ask(`${direct}.KICK`, '{"cid":99999}'),
      await asker.ask(`${direct}.LDM`, '{"cid":99999}'),
      await asker.ask(`${direct}.RELOAD`),
    ];
  },
);

same(
  "figures are told to those who listen",
  { edge: ["system-events/statsz"] },
  async (peer) => {
    await using listener = await SystemUser.of(peer, "sys");
    await listener.listen("$SYS.SERVER.*.STATSZ");
    return [await listener.hear(12_000)];
  },
);

capability(
  "answers are compressed as the asker can read them",
  {
    positive: ["system-events/compression"],
    edge: ["system-events/compression"],
  },
  async () => {
    const [go, ours] = await peers();
    for (const peer of [go, ours]) {
      await using asker = await SystemUser.of(peer, "sys");
      const ask = (accepted: string) =>
        asker.askWith(`Accept-Encoding: ${accepted}`, ping("LEAFZ"));
      assertMatch(await ask("gzip"), /Content-Encoding: ?gzip\r\n\r\n.\x8b/);
      assertMatch(
        await ask("s2"),
        /Content-Encoding: ?snappy\r\n\r\n\xff...sNaPpY/,
      );
      assertMatch(await ask("br"), /Content-Encoding: ?identity\r\n\r\n\{/);
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);

capability(
  "a server that goes says so",
  { positive: ["system-events/shutdown-lame-duck"] },
  async () => {
    const heard = await Promise.all(
      [startGoServer, startOurServer].map(async (start) => {
        await using peer = await start({ config: CONFIG });
        await using listener = await SystemUser.of(peer, "sys");
        await listener.listen("$SYS.SERVER.*.SHUTDOWN");
        peer.signal("SIGTERM");
        return comparable(await listener.hear(5_000));
      }),
    );
    assert(heard[0]?.includes("SHUTDOWN"));
    assertEquals(heard[1], heard[0]);
  },
);

/**
 * JetStream as monitoring and the system account show it: the same streams and
 * consumers on both servers must look the same, field by field.
 */

import { assertEquals } from "@std/assert";
import { capability, type Claims } from "../tools/capability.ts";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { comparable, SystemUser } from "./events/conversation.ts";
import { ask } from "./monitor/load.ts";
import { normalise } from "./monitor/normalise.ts";

const CONFIG = `
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
server_name: "stored"
jetstream {
  store_dir: "{{dir}}/js", max_mem: 64MB, max_file: 64MB, domain: hub
  limits { max_ack_pending: 1000 }
}
accounts {
  A {
    jetstream { max_mem: 1MB, max_file: 1MB, max_streams: 10, max_consumers: 10 }
    users [ { user: a, password: a } ]
  }
  B { jetstream: enabled, users [ { user: b, password: b } ] }
  C { users [ { user: c, password: c } ] }
  SYS { users [ { user: sys, password: sys } ] }
}
system_account: SYS
`;

/** What the platform, the run or the insides of a server decide. */
const FURTHER: ReadonlySet<string> = new Set([
  "subscriptions",
  "num_subscriptions",
  "num_inserts",
  "num_removes",
  "in_msgs",
  "out_msgs",
  "in_bytes",
  "out_bytes",
  "in_client_msgs",
  "out_client_msgs",
  "in_client_bytes",
  "out_client_bytes",
  "msgs_sent",
  "total_connections",
  "config_digest",
  "git_commit",
  "http_req_stats",
  "created",
  "ts",
  "first_ts",
  "last_ts",
  "last_active",
  "deliver_subject",
  "active",
  "store_dir",
  "go",
  "cores",
  "gomaxprocs",
  "sent",
  "received",
  "sent_to_clients",
  "received_from_clients",
  "total",
  "msgs",
]);

const REQUESTS: readonly (readonly [string, string])[] = [
  [
    "STREAM.CREATE.S",
    '{"name":"S","subjects":["s.>"],"storage":"file","max_msgs":10,"description":"one","metadata":{"a":"b"}}',
  ],
  [
    "STREAM.CREATE.M",
    '{"name":"M","subjects":["m.*"],"storage":"memory","retention":"workqueue","discard":"new","max_bytes":1000}',
  ],
  [
    "STREAM.CREATE.COPY",
    '{"name":"COPY","storage":"memory","mirror":{"name":"S"}}',
  ],
  [
    "CONSUMER.CREATE.S.PULL",
    '{"stream_name":"S","config":{"durable_name":"PULL","ack_policy":"explicit","filter_subjects":["s.1","s.2"],"max_deliver":3}}',
  ],
  [
    "CONSUMER.CREATE.S.PUSH",
    '{"stream_name":"S","config":{"name":"PUSH","deliver_subject":"inbox.push","ack_policy":"none","inactive_threshold":3600000000000}}',
  ],
  ["STREAM.MSG.DELETE.S", '{"seq":2}'],
];

async function fill(peer: Peer): Promise<void> {
  await using client = await SystemUser.of(peer, "a");
  for (const [subject, body] of REQUESTS.slice(0, 3)) {
    await client.ask(`$JS.API.${subject}`, body);
  }
  for (let i = 1; i <= 4; i++) await client.ask(`s.${i}`, "hello");
  await client.ask("m.1", "hello");
  // What is deleted before the copy is made can't be copied.
  for (let copied = false; !copied;) {
    const info = await client.ask("$JS.API.STREAM.INFO.COPY") ?? "";
    copied = /"messages":4\b/.test(info);
  }
  for (const [subject, body] of REQUESTS.slice(3)) {
    await client.ask(`$JS.API.${subject}`, body);
  }
  await client.ask("$JS.API.CONSUMER.MSG.NEXT.S.PULL", "");
  await client.ask("$JS.API.STREAM.INFO.MISSING", "");
}

let started: Promise<readonly [Peer, Peer]> | undefined;

function peers(): Promise<readonly [Peer, Peer]> {
  return started ??= Promise.all(
    [startGoServer, startOurServer].map(async (start) => {
      const peer = await start({ config: CONFIG });
      await fill(peer);
      return peer;
    }),
  ).then(([go, ours]) => [go as Peer, ours as Peer] as const);
}

Deno.test.afterAll(async () => {
  for (const peer of await started ?? []) await peer[Symbol.asyncDispose]();
});

function same(
  name: string,
  claims: Claims,
  play: (peer: Peer) => Promise<string>,
): void {
  capability(name, claims, async () => {
    const both = await peers();
    const [expected, actual] = await Promise.all(both.map(play));
    assertEquals(actual, expected);
  }, { sanitizeOps: false, sanitizeResources: false });
}

const PATHS: readonly string[] = [
  "/jsz",
  "/jsz?acc=A",
  "/jsz?acc=missing",
  "/jsz?accounts=1",
  "/jsz?accounts=1&limit=1&offset=1",
  "/jsz?streams=1",
  "/jsz?consumers=1",
  "/jsz?streams=1&config=1",
  "/jsz?consumers=1&config=1",
  "/jsz?consumers=1&config=1&direct-consumers=1",
  "/jsz?acc=A&consumers=1&config=1&raft=1",
  "/jsz?acc=B&streams=1",
  "/jsz?acc=C&streams=1",
  "/jsz?leader-only=1",
  "/jsz?consumers=1&stream-leader-only=1",
  "/jsz?offset=-1",
  "/jsz?limit=x",
  "/varz",
  "/accountz?acc=A",
  "/accountz?acc=C",
  "/accstatz?unused=1",
  "/healthz",
  "/healthz?js-enabled-only=1",
  "/healthz?js-server-only=1",
  "/healthz?account=A",
  "/healthz?account=A&stream=S",
  "/healthz?account=A&stream=MISSING",
  "/healthz?account=A&stream=MISSING&details=1",
  "/healthz?account=A&stream=S&consumer=PULL",
  "/healthz?account=A&stream=S&consumer=MISSING",
  "/healthz?account=A&stream=S&consumer=MISSING&details=1",
  "/healthz?account=C&stream=S",
  "/healthz?account=missing",
  "/healthz?stream=S",
];

for (const path of PATHS) {
  const row = path.startsWith("/jsz") ? "monitoring/jsz" : "monitoring/healthz";
  same(
    `JetStream shown by ${path}`,
    /^\/(jsz|healthz)/.test(path) ? { positive: [row], edge: [row] } : {},
    async (peer) => {
      const { status, text } = await ask(peer, path);
      // Consumers of copies are named by chance.
      const named = text.replace(/(JS_MIRROR_\w+-)\w+/g, "$1<chance>");
      return `${status} ${
        text.startsWith("{") ? normalise(named, FURTHER) : text
      }`;
    },
  );
}

const ASKED:
  readonly (readonly [user: string, subject: string, body: string])[] = [
    [
      "sys",
      "$SYS.REQ.SERVER.PING.JSZ",
      '{"account":"A","consumer":true,"config":true}',
    ],
    ["sys", "$SYS.REQ.SERVER.PING.JSZ", '{"streams":true}'],
    ["sys", "$SYS.REQ.SERVER.PING.STATSZ", ""],
    ["sys", "$SYS.REQ.SERVER.PING.HEALTHZ", '{"account":"A","stream":"S"}'],
    ["sys", "$SYS.REQ.ACCOUNT.A.JSZ", '{"consumer":true}'],
    ["sys", "$SYS.REQ.ACCOUNT.A.JSZ", '{"streams":true,"consumer":true}'],
    ["sys", "$SYS.REQ.ACCOUNT.B.JSZ", '{"streams":true}'],
    ["sys", "$SYS.REQ.ACCOUNT.C.JSZ", ""],
    ["sys", "$SYS.REQ.ACCOUNT.A.INFO", ""],
    ["sys", "$SYS.REQ.SERVER.PING.IDZ", ""],
    ["a", "$JS.API.INFO", ""],
    ["c", "$JS.API.INFO", ""],
  ];

for (const [user, subject, body] of ASKED) {
  same(`JetStream told to ${user} by ${subject} ${body}`, {}, async (peer) => {
    await using asker = await SystemUser.of(peer, user);
    const heard = await asker.ask(subject, body);
    if (heard === null) return "nothing";
    const at = heard.indexOf("{");
    return `${comparable(heard).split(" ")[0]} ${
      normalise(heard.slice(at), FURTHER)
    }`;
  });
}

/**
 * Both servers under the same load, asked the same questions by HTTP: the
 * answers must have the same fields of the same types in the same order, and
 * the same values where these do not depend on the run.
 */

import { assert, assertEquals } from "@std/assert";
import { capability, type Claims } from "../tools/capability.ts";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { type Answer, ask, load } from "./monitor/load.ts";
import { normalise } from "./monitor/normalise.ts";

const CONFIG = `
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
server_name: "monitored"
server_tags: ["one", "two"]
server_metadata { zone: "z", area: "a" }
no_sys_acc: true
max_subscriptions: 100
accounts {
  A { users [ { user: a, password: a } ], mappings { in: out } }
  B { users [ { user: b, password: b } ] }
}
`;

/** What is asked, and what it proves. */
const QUESTIONS: readonly (readonly [string, Claims])[] = [
  ["/varz", {
    positive: [
      "monitoring/varz-identity",
      "monitoring/varz-limits",
      "monitoring/varz-runtime",
      "monitoring/http-req-stats",
    ],
    edge: [
      "monitoring/varz-cluster",
      "monitoring/varz-gateway",
      "monitoring/varz-leaf",
      "monitoring/varz-mqtt-websocket",
      "monitoring/varz-jetstream",
    ],
  }],
  ["/connz", {
    positive: ["monitoring/connz-response", "monitoring/conninfo"],
  }],
  ["/connz?auth=1", { positive: ["monitoring/auth-details"] }],
  ["/connz?auth=true&subs=detail", { positive: ["monitoring/connz-query"] }],
  ["/connz?subs=1", {}],
  ["/connz?subs=DETAIL", {}],
  ["/connz?limit=1", {}],
  ["/connz?limit=1&offset=1", { edge: ["monitoring/connz-response"] }],
  ["/connz?limit=-1&offset=-5", {}],
  ["/connz?offset=10", {}],
  ["/connz?offset=9223372036854775807&limit=9223372036854775807", {}],
  ["/connz?state=closed", { positive: ["monitoring/closed-conns"] }],
  ["/connz?state=closed&auth=1&subs=detail", {
    edge: ["monitoring/closed-conns", "monitoring/auth-details"],
  }],
  ["/connz?state=closed&subs=1", {}],
  ["/connz?state=any", {}],
  ["/connz?state=ALL&auth=1", {}],
  ["/connz?user=a", {}],
  ["/connz?user=nobody&state=closed", {}],
  ["/connz?acc=A", {}],
  ["/connz?acc=B&state=all", {}],
  ["/connz?acc=%24G&state=all", {}],
  ["/connz?acc=missing", { edge: ["monitoring/connz-query"] }],
  ["/connz?cid=999999", { edge: ["monitoring/conninfo"] }],
  ["/connz?mqtt_client=x", {}],
  ["/connz?sort=cid", {}],
  ["/connz?sort=start", {}],
  ["/connz?sort=subs", { positive: ["monitoring/sort-options"] }],
  ["/connz?sort=msgs_to", {}],
  ["/connz?sort=msgs_from", {}],
  ["/connz?sort=bytes_to", {}],
  ["/connz?sort=bytes_from", {}],
  ["/connz?sort=last", {}],
  ["/connz?sort=idle", {}],
  ["/connz?sort=uptime", {}],
  ["/connz?sort=uptime&state=closed", {}],
  ["/connz?sort=stop&state=closed", {}],
  ["/connz?sort=reason&state=closed", {}],
  ["/connz?sort=stop", { edge: ["monitoring/sort-options"] }],
  ["/connz?sort=reason&state=any", {}],
  ["/connz?sort=nonsense", {}],
  ["/connz?auth=maybe", { positive: ["monitoring/bad-params"] }],
  ["/connz?subs=some", {}],
  ["/connz?limit=many", {}],
  ["/connz?limit=99999999999999999999", { edge: ["monitoring/bad-params"] }],
  ["/connz?cid=-1", {}],
  ["/connz?state=ajar", {}],
  ["/subsz", { positive: ["monitoring/subsz"] }],
  ["/subscriptionsz", {}],
  ["/subsz?subs=1", {}],
  ["/subsz?subs=1&limit=2&acc=A&offset=5", {}],
  ["/subsz?subs=1&test=foo", {}],
  ["/subsz?subs=1&test=baz.7&acc=A", {}],
  ["/subsz?subs=1&test=foo.*", { edge: ["monitoring/subsz"] }],
  ["/subsz?acc=missing&subs=1", {}],
  ["/accountz", { positive: ["monitoring/accountz"] }],
  ["/accountz?acc=A", {}],
  ["/accountz?acc=B", {}],
  ["/accountz?acc=missing", { edge: ["monitoring/accountz"] }],
  ["/accstatz", { positive: ["monitoring/accstatz"] }],
  ["/accstatz?unused=1", {}],
  ["/accstatz?unused=x", { edge: ["monitoring/accstatz"] }],
  ["/routez", { edge: ["monitoring/routez"] }],
  ["/routez?subs=x", {}],
  ["/gatewayz", { edge: ["monitoring/gatewayz"] }],
  ["/gatewayz?accs=x", {}],
  ["/leafz", { edge: ["monitoring/leafz"] }],
  ["/jsz", { edge: ["monitoring/jsz"] }],
  ["/jsz?leader-only=1", {}],
  ["/jsz?streams=x", {}],
  ["/healthz", { positive: ["monitoring/healthz"] }],
  ["/healthz?details=1", {}],
  ["/healthz?stream=s", { edge: ["monitoring/healthz"] }],
  ["/healthz?consumer=c&account=A", {}],
  ["/healthz?consumer=c&account=A&details=1", {}],
  ["/healthz?js-enabled=1", {}],
  ["/healthz?js-server-only=y", {}],
  ["/ipqueuesz", { positive: ["monitoring/ipqueuesz"] }],
  ["/ipqueuesz?all=x", { edge: ["monitoring/ipqueuesz"] }],
  ["/raftz", { edge: ["monitoring/raftz"] }],
  ["/nothing", { edge: ["monitoring/endpoints"] }],
  ["/varz/", {}],
  ["//connz", {}],
  ["/a/../connz?limit=1&subs=1", { edge: ["monitoring/root"] }],
];

/** Status, headers and body as text that can be compared. */
function comparable(answer: Answer): string {
  const isDocument = answer.text.startsWith("{") && answer.text.length > 2;
  return [
    answer.status,
    answer.type,
    answer.origin,
    isDocument ? normalise(answer.text) : answer.text,
  ].join("\n");
}

interface Loaded {
  readonly go: Peer;
  readonly ours: Peer;
  readonly dispose: () => Promise<void>;
}

let loaded: Loaded | undefined;

/** Both servers under load; started once. */
async function servers(): Promise<Loaded> {
  if (loaded !== undefined) return loaded;
  const [go, ours] = await Promise.all([
    startGoServer({ config: CONFIG }),
    startOurServer({ config: CONFIG }),
  ]);
  const loads = await Promise.all([load(go), load(ours)]);
  return loaded = {
    go,
    ours,
    dispose: async () => {
      for (const each of [...loads, go, ours]) {
        await each[Symbol.asyncDispose]();
      }
    },
  };
}

Deno.test.afterAll(() => loaded?.dispose());

for (const [path, claims] of QUESTIONS) {
  capability(`GET ${path}`, claims, async () => {
    const { go, ours } = await servers();
    const [expected, actual] = await Promise.all([
      ask(go, path),
      ask(ours, path),
    ]);
    assertEquals(comparable(actual), comparable(expected));
  }, { sanitizeOps: false, sanitizeResources: false });
}

capability(
  "both indent documents alike, to the byte",
  { positive: ["monitoring/headers"] },
  async () => {
    const { go, ours } = await servers();
    for (const path of ["/leafz", "/connz?limit=1", "/healthz"]) {
      const outline = async (peer: Peer) =>
        (await ask(peer, path)).text.replace(/"[^"]*"|[\d.]+/g, "_");
      assertEquals(await outline(ours), await outline(go));
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);

capability(
  "the root links to the same places",
  { positive: ["monitoring/root"] },
  async () => {
    const { go, ours } = await servers();
    const links = async (peer: Peer) => {
      const { text, status, type } = await ask(peer, "/");
      const found = [...text.matchAll(/href="?(\.\/[a-z/]+)/g)];
      return [status, type, ...found.map(([, link]) => link)];
    };
    const expected = await links(go);
    assert(expected.length > 10);
    const own = await links(ours);
    assertEquals(own.filter((link) => link !== "./dashboard"), expected);
  },
  { sanitizeOps: false, sanitizeResources: false },
);

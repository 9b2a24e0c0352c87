/**
 * JetStream by account: limits, domains, imports and the system account.
 *
 * @module
 */

import {
  aloneScenario,
  api,
  called,
  client,
  expect,
  jetStreamClient,
  lines,
  monitor,
  published,
  quiet,
  reload,
  type Scenario,
  scenario,
  type Step,
} from "../../harness/mod.ts";
import { jetStreamServer, rows } from "./fixtures.ts";

const USERS = `
accounts {
  A {
    jetstream { max_mem: 10K, max_file: 20K, max_streams: 2, max_consumers: 2, max_ack_pending: 10 }
    users: [{user: a, password: x}]
  }
  R {
    jetstream { max_mem: 100K, max_bytes_required: true, mem_max_stream_bytes: 1000, disk_max_stream_bytes: 2000 }
    users: [{user: r, password: x}]
  }
  N { users: [{user: n, password: x}] }
  E {
    jetstream: enabled
    exports: [{service: "$JS.API.>"}, {stream: "$JS.EVENT.>"}]
    users: [{user: e, password: x}]
  }
  I {
    imports: [
      {service: {account: E, subject: "$JS.API.>"}}
      {stream: {account: E, subject: "$JS.EVENT.>"}}
    ]
    users: [{user: i, password: x}]
  }
  SYS { users: [{user: s, password: x}] }
}
system_account: SYS
`;
const ACCOUNTS = jetStreamServer(USERS);
const DOMAIN = jetStreamServer(USERS, "domain: hub");

const as = (user: string) => ({ user, pass: "x" });
const member = (on: string) => jetStreamClient(on, as(on));

function create(
  on: string,
  name: string,
  more: Record<string, unknown> = {},
): Step[] {
  return api(on, `STREAM.CREATE.${name}`, {
    name,
    subjects: [`${name}.>`],
    storage: "memory",
    ...more,
  });
}
const gone = (on: string, ...names: string[]) =>
  names.flatMap((name) => api(on, `STREAM.DELETE.${name}`));

function of(
  fixture: typeof ACCOUNTS,
  name: string,
  positive: string[],
  edge: string[],
  ...steps: Parameters<typeof scenario>[3][]
): Scenario {
  return scenario(fixture, `JetStream accounts - ${name}`, {
    positive: rows(positive),
    edge: rows(edge),
  }, ...steps);
}

export const JETSTREAM_ACCOUNTS: readonly Scenario[] = [
  of(
    ACCOUNTS,
    "limits and what is used of them",
    ["js-api-info", "limits-json", "stats"],
    [],
    member("a"),
    api("a", "INFO"),
    create("a", "ONE", { max_bytes: 4000 }),
    published("a", "ONE.a", "hello"),
    api("a", "INFO"),
    api("a", "STREAM.INFO.NONE"),
    api("a", "INFO"),
    gone("a", "ONE"),
    api("a", "INFO"),
  ),
  of(
    ACCOUNTS,
    "an account that is full has room for what nobody wants",
    [],
    ["limits-json"],
    member("a"),
    create("a", "ONE"),
    create("a", "TWO", { retention: "interest" }),
    published("a", "ONE.a", "x".repeat(9000)),
    published("a", "ONE.a", "x".repeat(2000)),
    published("a", "TWO.a", "x".repeat(2000)),
    gone("a", "ONE", "TWO"),
  ),
  of(
    ACCOUNTS,
    "more streams than are allowed",
    ["tier-selection"],
    ["js-api-stream-create-s"],
    member("a"),
    create("a", "ONE"),
    create("a", "TWO"),
    create("a", "THREE"),
    create("a", "TWO"),
    gone("a", "TWO"),
    create("a", "THREE"),
    gone("a", "ONE", "THREE"),
  ),
  of(
    ACCOUNTS,
    "more consumers than are allowed",
    [],
    ["js-api-consumer-create-s-create-s-c"],
    member("a"),
    create("a", "ONE"),
    create("a", "TWO", { max_consumers: 3 }),
    ["C", "D", "E"].map((name) =>
      api("a", `CONSUMER.CREATE.ONE.${name}`, {
        stream_name: "ONE",
        config: { durable_name: name, ack_policy: "explicit" },
      })
    ),
    api("a", "CONSUMER.CREATE.ONE.F", {
      stream_name: "ONE",
      config: {
        durable_name: "F",
        ack_policy: "explicit",
        max_ack_pending: 11,
      },
    }),
    gone("a", "ONE"),
  ),
  of(
    ACCOUNTS,
    "more bytes than are allowed",
    ["flat-vs-tier-accounting"],
    ["js-api-stream-create-s", "js-api-stream-update-s"],
    member("a"),
    create("a", "ONE", { max_bytes: 11_000 }),
    create("a", "ONE", { max_bytes: 6000 }),
    create("a", "TWO", { max_bytes: 6000 }),
    create("a", "TWO", { max_bytes: 4000 }),
    api("a", "STREAM.UPDATE.ONE", {
      name: "ONE",
      subjects: ["ONE.>"],
      storage: "memory",
      max_bytes: 7000,
    }),
    api("a", "STREAM.UPDATE.ONE", {
      name: "ONE",
      subjects: ["ONE.>"],
      storage: "memory",
      max_bytes: 5000,
    }),
    api("a", "INFO"),
    gone("a", "ONE", "TWO"),
  ),
  of(
    ACCOUNTS,
    "messages beyond what is allowed",
    ["flat-vs-tier-accounting"],
    ["flat-vs-tier-accounting"],
    member("a"),
    create("a", "ONE"),
    Array.from({ length: 12 }, () => published("a", "ONE.a", "x".repeat(900))),
    api("a", "STREAM.INFO.ONE"),
    gone("a", "ONE"),
  ),
  of(
    ACCOUNTS,
    "bytes that must be limited",
    ["max-bytes-required"],
    ["max-bytes-required"],
    member("r"),
    api("r", "INFO"),
    create("r", "ONE"),
    create("r", "ONE", { max_bytes: 0 }),
    create("r", "ONE", { max_bytes: 1001 }),
    create("r", "ONE", { max_bytes: 1000 }),
    create("r", "TWO", { max_bytes: 2001, storage: "file" }),
    create("r", "TWO", { max_bytes: 2000, storage: "file" }),
    gone("r", "ONE", "TWO"),
  ),
  of(
    ACCOUNTS,
    "more than the server has",
    ["server-limits"],
    ["server-limits"],
    member("e"),
    create("e", "ONE", { max_bytes: 5_000_000_000 }),
    create("e", "ONE", { max_bytes: 5_000_000_000, storage: "file" }),
    create("e", "ONE", { max_bytes: 600_000_000 }),
    create("e", "TWO", { max_bytes: 600_000_000 }),
    gone("e", "ONE"),
  ),
  of(
    ACCOUNTS,
    "an account without JetStream",
    ["account-without-js"],
    ["account-without-js"],
    member("n"),
    [
      "INFO",
      "STREAM.NAMES",
      "STREAM.LIST",
      "STREAM.INFO.S",
      "STREAM.DELETE.S",
      "STREAM.PURGE.S",
      "STREAM.MSG.GET.S",
      "STREAM.MSG.DELETE.S",
      "STREAM.SNAPSHOT.S",
      "STREAM.RESTORE.S",
      "CONSUMER.NAMES.S",
      "CONSUMER.LIST.S",
      "CONSUMER.INFO.S.C",
      "CONSUMER.DELETE.S.C",
      "CONSUMER.PAUSE.S.C",
      "CONSUMER.MSG.NEXT.S.C",
      "DIRECT.GET.S",
    ].map((name) => api("n", name)),
    create("n", "S"),
    api("n", "STREAM.UPDATE.S", { name: "S" }),
    api("n", "CONSUMER.CREATE.S.C", { stream_name: "S", config: {} }),
    api("n", "CONSUMER.UNPIN.S.C", { group: "g" }),
    quiet("n"),
  ),
  of(
    ACCOUNTS,
    "the system account",
    ["system-account", "dispatch-pipeline"],
    ["system-account", "dispatch-pipeline"],
    member("s"),
    api("s", "INFO"),
    api("s", "STREAM.NAMES"),
    api("s", "STREAM.CREATE.S", { name: "S" }),
    lines("s", "PUB $JS.API.META.LEADER.STEPDOWN _INBOX.s.none 0", ""),
    quiet("s"),
  ),
  of(
    ACCOUNTS,
    "JetStream of another account",
    ["service-import"],
    [],
    member("i"),
    member("e"),
    api("i", "INFO"),
    create("i", "S"),
    published("e", "S.a", "x"),
    api("i", "STREAM.INFO.S"),
    api("e", "STREAM.NAMES"),
    api("i", "STREAM.DELETE.S"),
  ),
  of(
    ACCOUNTS,
    "purging an account",
    ["js-api-account-purge-acc"],
    ["js-api-account-purge-acc"],
    member("e"),
    member("s"),
    member("n"),
    create("e", "ONE"),
    create("e", "TWO", { storage: "file" }),
    lines("n", "PUB $JS.API.ACCOUNT.PURGE.E _INBOX.n.none 0", ""),
    quiet("n"),
    api("e", "STREAM.NAMES"),
    api("s", "ACCOUNT.PURGE.E"),
    api("e", "STREAM.NAMES"),
    api("s", "ACCOUNT.PURGE.NONE"),
    api("s", "ACCOUNT.PURGE.a/b"),
    create("e", "TWO", { storage: "file" }),
    gone("e", "TWO"),
  ),
  of(
    DOMAIN,
    "a domain",
    ["domain-prefix"],
    ["domain-prefix"],
    member("e"),
    called("e", "$JS.hub.API.INFO"),
    called("e", "$JS.hub.API.STREAM.CREATE.S", {
      name: "S",
      subjects: ["S.>"],
      storage: "memory",
      allow_direct: true,
    }),
    published("e", "S.a", "x"),
    called("e", "$JS.hub.API.STREAM.INFO.S"),
    called("e", "$JS.hub.API.STREAM.LIST"),
    called("e", "$JS.hub.API.CONSUMER.CREATE.S.C", {
      stream_name: "S",
      config: { durable_name: "C", ack_policy: "explicit" },
    }),
    called("e", "$JS.hub.API.DIRECT.GET.S", { seq: 9 }),
    called("e", "$JS.other.API.INFO"),
    api("e", "STREAM.DELETE.S"),
    member("s"),
    called("s", "$JS.hub.API.INFO"),
    member("n"),
    called("n", "$JS.hub.API.INFO"),
  ),
  of(
    DOMAIN,
    "events of a domain",
    ["stream-created-deleted-updated-s", "js-event-advisory-api"],
    [],
    member("e"),
    client("w", as("e")),
    lines("w", "SUB $JS.EVENT.ADVISORY.> events", "PING"),
    expect("w", "PONG"),
    create("e", "S"),
    expect("w", '"stream_create_response'.slice(1)),
    gone("e", "S"),
    expect("w", "stream_delete_response"),
  ),
  of(
    ACCOUNTS,
    "what monitoring tells of the whole server",
    ["monitoring/varz-jetstream"],
    ["monitoring/varz-jetstream"],
    member("e"),
    create("e", "S", { max_bytes: 5000 }),
    published("e", "S.a", "x"),
    api("e", "STREAM.INFO.NONE"),
    monitor("/varz", (body) => partOf(body, "jetstream")),
    gone("e", "S"),
  ),
  ...[
    "acc=NONE",
    "acc=N",
    "acc=E&streams=true&offset=1",
    "accounts=true&limit=1",
    "accounts=true&offset=99",
    "accounts=true&limit=-1",
    "acc=E&consumers=true&direct-consumers=true&config=true&raft=true",
    "acc=E&streams=true&stream-leader-only=true",
    "leader-only=true",
  ].map((query) =>
    of(
      ACCOUNTS,
      `monitoring with edges: ${query}`,
      ["monitoring/jsz"],
      ["monitoring/jsz"],
      member("e"),
      create("e", "S"),
      create("e", "T"),
      monitor(`/jsz?${query}`, settled),
      gone("e", "S", "T"),
    )
  ),
  ...["accounts=true", "acc=A", "streams=true&config=true", "consumers=true"]
    .map((query) =>
      of(
        ACCOUNTS,
        `monitoring with ${query}`,
        ["limits-json", "monitoring/jsz"],
        [],
        member("e"),
        create("e", "S"),
        api("e", "CONSUMER.CREATE.S.C", {
          stream_name: "S",
          config: { durable_name: "C", ack_policy: "explicit" },
        }),
        monitor(`/jsz?${query}`, settled),
        gone("e", "S"),
      )
    ),
  ...[
    "",
    "?js-enabled-only=true",
    "?js-server-only=true",
    "?account=E",
    "?account=NONE",
    "?account=E&stream=S",
    "?account=E&stream=NONE",
    "?account=E&stream=S&consumer=C",
    "?account=E&stream=S&consumer=NONE",
    "?stream=S",
    "?account=E&consumer=C",
    "?account=E&stream=NONE&details=true",
  ].map((query) =>
    of(
      ACCOUNTS,
      `health with ${query || "nothing"}`,
      ["limits-json"],
      [],
      member("e"),
      create("e", "S", { storage: "file" }),
      api("e", "CONSUMER.CREATE.S.C", {
        stream_name: "S",
        config: { durable_name: "C", ack_policy: "explicit" },
      }),
      monitor(`/healthz${query}`, (body) => body),
      gone("e", "S"),
    )
  ),
  aloneScenario(
    ACCOUNTS,
    "JetStream accounts - JetStream is enabled and disabled on reload",
    { positive: rows(["account-without-js", "service-import"]), edge: [] },
    member("n"),
    member("a"),
    api("n", "INFO"),
    reload(
      ACCOUNTS.config.replace(
        "N { users",
        "N { jetstream: enabled, users",
      ).replace("max_streams: 2", "max_streams: 5"),
    ),
    api("n", "INFO"),
    api("a", "INFO"),
    create("n", "S"),
    reload(ACCOUNTS.config),
    api("n", "INFO"),
    api("n", "STREAM.INFO.S"),
  ),
];

/** A part of an answer, without what varies from run to run. */
function partOf(body: unknown, name: string): unknown {
  const { [name]: part } = settled(body) as Record<string, unknown>;
  return part;
}

/** What of `/jsz` does not vary from run to run. */
function settled(body: unknown): unknown {
  const text = JSON.stringify(
    body,
    (name, value) =>
      [
          "now",
          "server_id",
          "store_dir",
          "api",
          "total",
          "created",
          "ts",
          "first_ts",
          "last_ts",
        ]
          .includes(name)
        ? `<${name}>`
        : value,
  );
  const { account_details: details, ...rest } = JSON.parse(text);
  const byName = (a: { name: string }, b: { name: string }) =>
    a.name < b.name ? -1 : 1;
  return { ...rest, account_details: details?.sort(byName) };
}

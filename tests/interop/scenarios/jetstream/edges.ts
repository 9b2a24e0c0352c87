/**
 * What JetStream does not tell of, does not count and does not allow.
 *
 * @module
 */

import {
  aloneScenario,
  api,
  called,
  client,
  closed,
  expect,
  jetStreamClient,
  lines,
  published,
  quiet,
  respond,
  type Scenario,
  scenario,
  signal,
  type Step,
  sync,
} from "../../harness/mod.ts";
import {
  jetStreamServer,
  PLAIN,
  plain,
  removed,
  rows,
  stream,
} from "./fixtures.ts";

const WITHOUT = jetStreamServer(`
accounts {
  A { jetstream: enabled, users: [{user: a, password: a}] }
  N { users: [{user: n, password: n}] }
}`);

const ELSEWHERE = jetStreamServer(
  `accounts {
  A { jetstream: enabled, users: [{user: a, password: a}] }
  N { users: [{user: n, password: n}] }
}
default_js_domain { N: other }`,
  "domain: hub",
);

function watching(subject: string): Step[] {
  return [
    ...client("w", { headers: true }),
    lines("w", `SUB ${subject} events`),
    ...sync("w"),
  ];
}

function consumer(
  name: string,
  config: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Step[] {
  return api("a", `CONSUMER.CREATE.S.${name}`, {
    stream_name: "S",
    config: { durable_name: name, ack_policy: "explicit", ...config },
    ...more,
  });
}

const next = (body = '{"batch":1}') =>
  lines(
    "a",
    `PUB $JS.API.CONSUMER.MSG.NEXT.S.C _INBOX.a.next ${body.length}`,
    body,
  );

const answered = (body: string): Step[] => [
  expect("a", "S.a inbox"),
  respond("a", "a", `PUB {{reply}} ${body.length}`, body),
];

const PINNED = {
  priority_groups: ["g"],
  priority_policy: "pinned_client",
  priority_timeout: 500_000_000,
};

export const EDGES: readonly Scenario[] = [
  plain(
    "a message that is refused after it was accepted",
    [],
    ["consumer-msg-naked-s-c"],
    watching("$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.>"),
    stream("S"),
    consumer("C"),
    published("a", "S.a", "x"),
    next(),
    answered("+ACK"),
    respond("a", "a", "PUB {{reply}} 4", "-NAK"),
    sync("a"),
    quiet("w"),
    removed("S"),
  ),
  plain(
    "a message that is refused for a while",
    ["consumer-msg-naked-s-c"],
    [],
    watching("$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.>"),
    stream("S"),
    consumer("C"),
    published("a", "S.a", "x"),
    next(),
    answered('-NAK {"delay":60000000000}'),
    expect("w", "MSG_NAKED.S.C"),
    removed("S"),
  ),
  plain(
    "a pin that runs out",
    [],
    ["consumer-pinned-unpinned-s-c"],
    watching("$JS.EVENT.ADVISORY.CONSUMER.*.S.C"),
    stream("S"),
    consumer("C", PINNED),
    expect("w", "CREATED"),
    published("a", "S.a", "x"),
    next('{"batch":1,"group":"g","expires":3000000000}'),
    expect("a", "S.a inbox"),
    expect("w", "CONSUMER.PINNED"),
    expect("w", "CONSUMER.UNPINNED"),
    removed("S"),
    expect("w", "DELETED"),
  ),
  plain(
    "unpinning what is not pinned",
    [],
    ["consumer-pinned-unpinned-s-c", "js-api-consumer-unpin-s-c"],
    watching("$JS.EVENT.ADVISORY.CONSUMER.UNPINNED.S.C"),
    stream("S"),
    consumer("C", PINNED),
    api("a", "CONSUMER.UNPIN.S.C", { group: "g" }),
    api("a", "CONSUMER.UNPIN.S.C", { group: "h" }),
    api("a", "CONSUMER.UNPIN.S.C", {}),
    quiet("w"),
    removed("S"),
  ),
  plain(
    "a batch that is complete",
    [],
    ["stream-batch-abandoned-s"],
    watching("$JS.EVENT.ADVISORY.STREAM.BATCH_ABANDONED.>"),
    stream("S", { allow_atomic: true }),
    published("a", "S.a", "x", {
      headers: ["Nats-Batch-Id: b", "Nats-Batch-Sequence: 1"],
    }),
    published("a", "S.a", "x", {
      headers: [
        "Nats-Batch-Id: b",
        "Nats-Batch-Sequence: 2",
        "Nats-Batch-Commit: 1",
      ],
    }),
    published("a", "S.a", "x", {
      headers: ["Nats-Batch-Id: c", "Nats-Batch-Sequence: 2"],
    }),
    quiet("w"),
    removed("S"),
  ),
  plain(
    "resets of a consumer",
    ["js-api-consumer-reset-s-c"],
    ["js-api-consumer-reset-s-c"],
    stream("S"),
    consumer("C"),
    published("a", "S.a", "x"),
    published("a", "S.b", "y"),
    next('{"batch":1}'),
    answered("+ACK"),
    sync("a"),
    ["", "{}", '{"seq":1}', '{"seq":99}', '{"seq":"x"}', '{"x":1}', "{"].map(
      (body) => api("a", "CONSUMER.RESET.S.C", body),
    ),
    ["S.NONE", "NONE.C"].map((name) =>
      lines("a", `PUB $JS.API.CONSUMER.RESET.${name} _INBOX.a.x 0`, "")
    ),
    quiet("a"),
    removed("S"),
  ),
  plain(
    "pedantic streams",
    ["pedantic-mode"],
    ["pedantic-mode"],
    [
      { max_msgs: -5 },
      { max_bytes: -5 },
      { max_msgs_per_subject: -5 },
      { max_msg_size: -5 },
      { max_consumers: -5 },
      { max_age: 1_000_000_000, duplicate_window: 60_000_000_000 },
      { discard_new_per_subject: true },
      { num_replicas: 0 },
      { subjects: [] },
      {},
    ].map((config) => [
      ...[true, false].flatMap((pedantic) =>
        api("a", "STREAM.CREATE.P", {
          name: "P",
          subjects: ["P.>"],
          storage: "memory",
          ...config,
          pedantic,
        })
      ),
      ...api("a", "STREAM.DELETE.P"),
    ]).flat(),
  ),
  plain(
    "pedantic consumers",
    ["pedantic-mode"],
    ["pedantic-mode"],
    stream("S", {
      consumer_limits: {
        inactive_threshold: 5_000_000_000,
        max_ack_pending: 9,
      },
    }),
    [
      { max_deliver: 0 },
      { max_deliver: -5 },
      { max_waiting: -5 },
      { max_ack_pending: 0 },
      { max_batch: -5 },
      { max_ack_pending: -5 },
      { ack_wait: 1, backoff: [5_000_000_000] },
      { inactive_threshold: -1 },
      { deliver_policy: "by_start_sequence", opt_start_seq: 0 },
      {},
    ].map((config) => [
      ...consumer("P", config, { pedantic: true }),
      ...consumer("P", config, { pedantic: false }),
      ...api("a", "CONSUMER.DELETE.S.P"),
    ]).flat(),
    removed("S"),
  ),
  scenario(
    WITHOUT,
    "JetStream API - requests of an account without JetStream",
    { edge: rows(["service-import", "account-without-js", "stats"]) },
    jetStreamClient("n", { user: "n", pass: "n" }),
    jetStreamClient("a", { user: "a", pass: "a" }),
    [
      "INFO",
      "STREAM.NAMES",
      "STREAM.INFO.S",
      "STREAM.CREATE.S",
      "CONSUMER.INFO.S.C",
      "STREAM.MSG.GET.S",
    ].map((name) => api("n", name)),
    api("a", "INFO"),
    ["CONSUMER.MSG.NEXT.S.C", "DIRECT.GET.S", "NONSENSE"].map((name) => [
      lines("n", `PUB $JS.API.${name} _INBOX.n.x 0`, ""),
      quiet("n"),
    ]).flat(),
  ),
  scenario(
    ELSEWHERE,
    "JetStream API - requests go to the default domain of an account",
    {
      positive: rows(["default-js-domain", "domain-prefix"]),
      edge: rows(["domain-prefix"]),
    },
    jetStreamClient("n", { user: "n", pass: "n" }),
    lines("n", "SUB $JS.other.API.> other", "SUB $JS.API.> plain"),
    sync("n"),
    ["INFO", "STREAM.NAMES", "CONSUMER.MSG.NEXT.S.C", "DIRECT.GET.S"].map(
      (name) => [
        lines("n", `PUB $JS.API.${name} _INBOX.n.x 0`, ""),
        sync("n"),
      ],
    ).flat(),
    lines("n", "PUB $JS.other.API.INFO _INBOX.n.y 0", ""),
    sync("n"),
    lines("n", "PUB $JS.hub.API.INFO _INBOX.n.z 0", ""),
    expect("n", "_INBOX.n.z inbox"),
    quiet("n"),
    jetStreamClient("a", { user: "a", pass: "a" }),
    api("a", "INFO"),
    called("a", "$JS.hub.API.INFO"),
    lines("a", "PUB $JS.other.API.INFO _INBOX.a.z 0", ""),
    quiet("a"),
  ),
  aloneScenario(
    PLAIN,
    "JetStream API - a pull that waits when the server ends",
    { positive: rows(["shutdown-of-r1-pulls"]) },
    jetStreamClient("a"),
    stream("S"),
    consumer("C"),
    published("a", "S.a", "x"),
    next('{"batch":4,"expires":30000000000}'),
    expect("a", "S.a inbox"),
    sync("a"),
    signal("SIGTERM"),
    expect("a", "Server Shutdown"),
    closed("a"),
  ),
  aloneScenario(
    PLAIN,
    "JetStream API - no pull that waits when the server ends",
    { edge: rows(["shutdown-of-r1-pulls"]) },
    jetStreamClient("a"),
    stream("S"),
    consumer("C"),
    published("a", "S.a", "x"),
    next('{"batch":1,"expires":30000000000}'),
    expect("a", "S.a inbox"),
    next('{"batch":1,"no_wait":true}'),
    expect("a", "404"),
    signal("SIGTERM"),
    closed("a"),
  ),
  scenario(
    WITHOUT,
    "JetStream API - what is counted",
    { positive: rows(["stats"]), edge: rows(["stats"]) },
    jetStreamClient("a", { user: "a", pass: "a" }),
    stream("S"),
    published("a", "S.a", "x"),
    api("a", "INFO"),
    api("a", "STREAM.MSG.GET.S", { seq: 1 }),
    api("a", "INFO"),
    api("a", "STREAM.MSG.GET.S", { seq: 9 }),
    api("a", "STREAM.MSG.GET.S", "{"),
    api("a", "INFO"),
    api("a", "CONSUMER.INFO.S.C"),
    lines("a", "PUB $JS.API.STREAM.NAMES 0", ""),
    sync("a"),
    api("a", "INFO"),
    removed("S"),
  ),
  plain(
    "deleting what is outside of a stream",
    [],
    ["js-api-stream-msg-delete-s"],
    ...["file", "memory"].map((storage) =>
      [
        stream("S", { storage }),
        published("a", "S.a", "x"),
        published("a", "S.a", "y"),
        published("a", "S.a", "z"),
        api("a", "STREAM.PURGE.S", { seq: 2 }),
        ...[1, 4, 9].map((seq) => api("a", "STREAM.MSG.DELETE.S", { seq })),
        ...[false, true, true].map((no_erase) =>
          api("a", "STREAM.MSG.DELETE.S", { seq: 2, no_erase })
        ),
        api("a", "STREAM.PURGE.S"),
        api("a", "STREAM.MSG.DELETE.S", { seq: 3 }),
        removed("S"),
      ].flat()
    ),
  ),
  plain(
    "times to live where nobody is interested",
    [],
    ["js-api-stream-create-s"],
    stream("S", { retention: "interest" }),
    published("a", "S.a", "x", { headers: ["Nats-TTL: x"] }),
    published("a", "S.a", "x", { headers: ["Nats-TTL: 5"] }),
    consumer("C"),
    published("a", "S.a", "x", { headers: ["Nats-TTL: x"] }),
    removed("S"),
  ),
  plain(
    "what is pending behind the last messages of subjects when nothing is purged",
    [],
    ["js-api-stream-purge-s"],
    stream("S"),
    published("a", "S.a", "1"),
    consumer("C", {
      deliver_policy: "last_per_subject",
      filter_subject: "S.>",
    }),
    published("a", "S.a", "2"),
    published("a", "S.a", "3"),
    api("a", "STREAM.PURGE.S", { filter: "S.b" }),
    api("a", "CONSUMER.INFO.S.C"),
    removed("S"),
  ),
  plain(
    "messages that lose their last consumer behind others that are needed",
    [],
    ["js-api-consumer-delete-s-c"],
    stream("S", { retention: "interest" }),
    consumer("A", { filter_subject: "S.a" }),
    consumer("B", { filter_subject: "S.b" }),
    consumer("C", { filter_subject: "S.c" }),
    ...["S.a", "S.b", "S.c", "S.a"].map((subject) =>
      published("a", subject, "x")
    ),
    api("a", "CONSUMER.DELETE.S.B"),
    sync("a"),
    api("a", "STREAM.INFO.S", { deleted_details: true }),
    consumer("C", { filter_subject: "S.d" }),
    sync("a"),
    api("a", "STREAM.INFO.S", { deleted_details: true }),
    removed("S"),
  ),
  plain(
    "a work queue keeps what a consumer has passed when its filter widens",
    [],
    ["js-api-consumer-delete-s-c"],
    stream("S", { retention: "workqueue" }),
    consumer("A", { filter_subject: "S.a" }),
    consumer("B", { filter_subject: "S.b" }),
    ...["S.c", "S.a"].map((subject) => published("a", subject, "x")),
    lines("a", "PUB $JS.API.CONSUMER.MSG.NEXT.S.A _INBOX.a.next 0", ""),
    answered("+ACK"),
    sync("a"),
    consumer("A", { filter_subjects: ["S.a", "S.c"] }),
    sync("a"),
    api("a", "CONSUMER.DELETE.S.B"),
    sync("a"),
    api("a", "STREAM.INFO.S", { deleted_details: true }),
    removed("S"),
  ),
];

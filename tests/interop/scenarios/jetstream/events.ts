/**
 * What JetStream tells of, and to whom.
 *
 * @module
 */

import {
  api,
  client,
  expect,
  lines,
  published,
  quiet,
  type Scenario,
  type Step,
  sync,
} from "../../harness/mod.ts";
import { plain, removed, stream } from "./fixtures.ts";

/** A second client that hears of some events. */
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
): Step[] {
  return api("a", `CONSUMER.CREATE.S.${name}`, {
    stream_name: "S",
    config: { durable_name: name, ack_policy: "explicit", ...config },
  });
}

const next = (name: string, body = '{"batch":1}') =>
  lines(
    "a",
    `PUB $JS.API.CONSUMER.MSG.NEXT.S.${name} _INBOX.a.next ${body.length}`,
    body,
  );

/** Answers the first message that a consumer `C` has delivered. */
const answered = (body: string, rest: string): Step[] => [
  expect("a", "S.a inbox"),
  {
    kind: "respond",
    on: "a",
    seenBy: "a",
    text: `PUB {{reply}} ${body.length}\r\n${body}\r\n`,
  },
  expect("w", rest),
];

export const EVENTS: readonly Scenario[] = [
  plain(
    "events of streams",
    ["stream-created-deleted-updated-s"],
    ["stream-created-deleted-updated-s"],
    watching("$JS.EVENT.ADVISORY.STREAM.>"),
    stream("S"),
    expect("w", "STREAM.CREATED.S"),
    stream("S"),
    api("a", "STREAM.UPDATE.S", {
      name: "S",
      subjects: ["S.>"],
      storage: "memory",
      max_msgs: 5,
    }),
    expect("w", "STREAM.UPDATED.S"),
    api("a", "STREAM.UPDATE.S", { name: "S", storage: "file" }),
    removed("S"),
    expect("w", "STREAM.DELETED.S"),
    quiet("w"),
  ),
  plain(
    "events of consumers",
    ["consumer-created-deleted-s-c", "consumer-pause-s-c"],
    ["consumer-created-deleted-s-c", "consumer-pause-s-c"],
    watching("$JS.EVENT.ADVISORY.CONSUMER.>"),
    stream("S"),
    consumer("C"),
    expect("w", "CONSUMER.CREATED.S.C"),
    consumer("C"),
    api("a", "CONSUMER.PAUSE.S.C", { pause_until: "2099-01-01T00:00:00Z" }),
    expect("w", "CONSUMER.PAUSE.S.C"),
    api("a", "CONSUMER.PAUSE.S.C"),
    expect("w", "CONSUMER.PAUSE.S.C"),
    api("a", "CONSUMER.DELETE.S.C"),
    expect("w", "CONSUMER.DELETED.S.C"),
    consumer("D", { pause_until: "2099-01-01T00:00:00Z" }),
    expect("w", "CONSUMER.PAUSE.S.D"),
    removed("S"),
    quiet("w"),
  ),
  plain(
    "messages that are refused",
    ["consumer-msg-naked-s-c"],
    [],
    watching("$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.>"),
    stream("S"),
    consumer("C"),
    published("a", "S.a", "x"),
    next("C"),
    answered("-NAK", "MSG_NAKED.S.C"),
    removed("S"),
  ),
  plain(
    "messages that are given up",
    ["consumer-msg-terminated-s-c"],
    [],
    watching("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>"),
    stream("S"),
    consumer("C"),
    published("a", "S.a", "x"),
    next("C"),
    answered("+TERM because of that", "MSG_TERMINATED.S.C"),
    removed("S"),
  ),
  plain(
    "messages that are given up without a reason",
    [],
    ["consumer-msg-terminated-s-c"],
    watching("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>"),
    stream("S"),
    consumer("C"),
    published("a", "S.a", "x"),
    next("C"),
    answered("+TERM", "MSG_TERMINATED.S.C"),
    removed("S"),
  ),
  plain(
    "messages that were delivered often enough",
    ["consumer-max-deliveries-s-c"],
    ["consumer-max-deliveries-s-c"],
    watching("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>"),
    stream("S"),
    consumer("C", { max_deliver: 1, ack_wait: 200_000_000 }),
    published("a", "S.a", "x"),
    next("C", '{"batch":1,"expires":2000000000}'),
    expect("a", "S.a inbox"),
    next("C", '{"batch":1,"expires":1000000000}'),
    expect("w", "MAX_DELIVERIES.S.C"),
    removed("S"),
  ),
  plain(
    "samples of acknowledgements",
    ["js-event-metric-consumer-ack-s-c"],
    [],
    watching("$JS.EVENT.METRIC.>"),
    stream("S"),
    consumer("C", { sample_freq: "100" }),
    published("a", "S.a", "x"),
    next("C"),
    answered("+ACK", "METRIC.CONSUMER.ACK.S.C"),
    removed("S"),
  ),
  plain(
    "acknowledgements that are not sampled",
    [],
    ["js-event-metric-consumer-ack-s-c"],
    watching("$JS.EVENT.METRIC.>"),
    stream("S"),
    consumer("C", { sample_freq: "0%" }),
    published("a", "S.a", "x"),
    next("C"),
    expect("a", "S.a inbox"),
    {
      kind: "respond",
      on: "a",
      seenBy: "a",
      text: "PUB {{reply}} 4\r\n+ACK\r\n",
    },
    quiet("w"),
    removed("S"),
  ),
  plain(
    "pins",
    ["consumer-pinned-unpinned-s-c"],
    [],
    watching("$JS.EVENT.ADVISORY.CONSUMER.*.S.C"),
    stream("S"),
    consumer("C", {
      priority_groups: ["g"],
      priority_policy: "pinned_client",
      priority_timeout: 60_000_000_000,
    }),
    expect("w", "CREATED"),
    published("a", "S.a", "x"),
    next("C", '{"batch":1,"group":"g","expires":3000000000}'),
    expect("a", "S.a inbox"),
    expect("w", "CONSUMER.PINNED"),
    api("a", "CONSUMER.UNPIN.S.C", { group: "g" }),
    expect("w", "CONSUMER.UNPINNED"),
    removed("S"),
    expect("w", "DELETED"),
  ),
  plain(
    "a record of every request",
    ["audit", "js-event-advisory-api"],
    ["audit", "js-event-advisory-api"],
    watching("$JS.EVENT.ADVISORY.API"),
    api("a", "INFO", "hello"),
    expect("w", "account_info_response"),
    stream("S"),
    expect("w", "stream_create_response"),
    published("a", "S.a", "x"),
    api("a", "STREAM.MSG.GET.S", { seq: 1 }),
    api("a", "STREAM.MSG.GET.S", { seq: 9 }),
    expect("w", "stream_msg_get_response"),
    api("a", "STREAM.NAMES", "{"),
    expect("w", "stream_names_response"),
    removed("S"),
    expect("w", "stream_delete_response"),
    lines("a", "PUB $JS.API.STREAM.NAMES 0", ""),
    expect("w", "stream_names_response"),
    quiet("w"),
  ),
  plain(
    "batches that are given up",
    ["stream-batch-abandoned-s"],
    [],
    watching("$JS.EVENT.ADVISORY.STREAM.BATCH_ABANDONED.>"),
    stream("S", { allow_atomic: true }),
    published("a", "S.a", "x", {
      headers: ["Nats-Batch-Id: b", "Nats-Batch-Sequence: 1"],
    }),
    published("a", "S.a", "x", {
      headers: [
        "Nats-Batch-Id: b",
        "Nats-Batch-Sequence: 3",
        "Nats-Batch-Commit: 1",
      ],
    }),
    expect("w", "BATCH_ABANDONED.S"),
    removed("S"),
  ),
];

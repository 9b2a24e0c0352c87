/**
 * Consumers by way of the API.
 *
 * @module
 */

import {
  api,
  expect,
  lines,
  published,
  quiet,
  type Scenario,
  type Step,
} from "../../harness/mod.ts";
import { plain, removed, stream } from "./fixtures.ts";

type Config = Readonly<Record<string, unknown>>;

function create(
  name: string,
  config: Config = {},
  more: Readonly<Record<string, unknown>> = {},
): Step[] {
  return api("a", `CONSUMER.CREATE.S.${name}`, {
    stream_name: "S",
    config: { durable_name: name, ack_policy: "explicit", ...config },
    ...more,
  });
}

/** Asks for messages without waiting for them. */
function next(name: string, body: string): Step {
  const subject = `$JS.API.CONSUMER.MSG.NEXT.S.${name}`;
  return lines("a", `PUB ${subject} _INBOX.a.next ${body.length}`, body);
}

/** Requests whose subject and body do not agree. */
const DISAGREEMENTS: Readonly<Record<string, readonly [string, unknown]>> = {
  "another stream": ["CONSUMER.CREATE.S.C", { stream_name: "T", config: {} }],
  "no stream": ["CONSUMER.CREATE.S.C", { config: {} }],
  "another durable name": [
    "CONSUMER.CREATE.S.C",
    { stream_name: "S", config: { durable_name: "D" } },
  ],
  "a durable name where none is expected": [
    "CONSUMER.CREATE.S",
    { stream_name: "S", config: { durable_name: "D" } },
  ],
  "no durable name where one is expected": [
    "CONSUMER.DURABLE.CREATE.S.C",
    { stream_name: "S", config: {} },
  ],
  "another durable name where one is expected": [
    "CONSUMER.DURABLE.CREATE.S.C",
    { stream_name: "S", config: { durable_name: "D" } },
  ],
  "separators of paths": [
    "CONSUMER.CREATE.S.a/b",
    { stream_name: "S", config: {} },
  ],
  "another filter": [
    "CONSUMER.CREATE.S.C.S.a",
    { stream_name: "S", config: { filter_subject: "S.b" } },
  ],
  "no filter": ["CONSUMER.CREATE.S.C.S.a", { stream_name: "S", config: {} }],
  "several filters": [
    "CONSUMER.CREATE.S.C.S.a",
    { stream_name: "S", config: { filter_subjects: ["S.a", "S.b"] } },
  ],
  "replicas": [
    "CONSUMER.CREATE.S.C",
    { stream_name: "S", config: { num_replicas: 3 } },
  ],
  "a stream that is not there": [
    "CONSUMER.CREATE.NONE.C",
    { stream_name: "NONE", config: {} },
  ],
};

export const CONSUMERS: readonly Scenario[] = [
  ...Object.entries(DISAGREEMENTS).map(([what, [name, body]]) =>
    plain(
      `a consumer with ${what}`,
      [],
      [
        "js-api-consumer-create-s-create-s-c",
        "js-api-consumer-durable-create-s-c",
      ],
      stream("S"),
      api("a", name, JSON.stringify(body)),
      removed("S"),
    )
  ),
  plain(
    "a consumer's life",
    [
      "js-api-consumer-create-s-create-s-c",
      "js-api-consumer-info-s-c",
      "js-api-consumer-delete-s-c",
      "asset-metadata",
    ],
    ["js-api-consumer-info-s-c", "js-api-consumer-delete-s-c"],
    stream("S"),
    published("a", "S.a", "x"),
    create("C"),
    api("a", "CONSUMER.INFO.S.C"),
    api("a", "STREAM.INFO.S"),
    api("a", "CONSUMER.DELETE.S.C"),
    api("a", "CONSUMER.DELETE.S.C"),
    api("a", "CONSUMER.INFO.S.C"),
    removed("S"),
  ),
  plain(
    "ways to name a consumer",
    [
      "js-api-consumer-create-s-create-s-c",
      "js-api-consumer-durable-create-s-c",
    ],
    [],
    stream("S"),
    api("a", "CONSUMER.DURABLE.CREATE.S.D", {
      stream_name: "S",
      config: { durable_name: "D", ack_policy: "explicit" },
    }),
    api("a", "CONSUMER.CREATE.S.E.S.a", {
      stream_name: "S",
      config: { filter_subject: "S.a", ack_policy: "explicit" },
    }),
    api("a", "CONSUMER.CREATE.S", {
      stream_name: "S",
      config: { name: "F", ack_policy: "explicit" },
    }),
    api("a", "CONSUMER.NAMES.S"),
    removed("S"),
  ),
  plain(
    "creating and updating",
    ["js-api-consumer-create-s-create-s-c"],
    ["js-api-consumer-create-s-create-s-c"],
    stream("S"),
    create("C", {}, { action: "update" }),
    create("C", {}, { action: "create" }),
    create("C", {}, { action: "create" }),
    create("C", { description: "d" }, { action: "create" }),
    create("C", { description: "d" }, { action: "update" }),
    create("C", { description: "e" }),
    create("C", { deliver_policy: "new" }),
    create("C", { ack_policy: "none" }),
    removed("S"),
  ),
  plain(
    "names and lists of consumers",
    ["js-api-consumer-names-s", "js-api-consumer-list-s"],
    ["js-api-consumer-names-s", "js-api-consumer-list-s"],
    stream("S"),
    ...["CONSUMER.NAMES.S", "CONSUMER.LIST.S"].map((name) => [
      api("a", name),
      api("a", name, { offset: 4 }),
    ]),
    ["C", "A", "B"].map((name) => create(name)),
    ...["CONSUMER.NAMES.S", "CONSUMER.LIST.S"].map((name) => [
      api("a", name),
      api("a", name, { offset: 1 }),
      api("a", name, { offset: 9 }),
      api("a", name, { offset: -1 }),
    ]),
    api("a", "CONSUMER.NAMES.NONE"),
    api("a", "CONSUMER.LIST.NONE"),
    removed("S"),
  ),
  plain(
    "pausing",
    ["js-api-consumer-pause-s-c"],
    ["js-api-consumer-pause-s-c"],
    stream("S"),
    create("C"),
    api("a", "CONSUMER.PAUSE.S.C", { pause_until: "2099-01-01T00:00:00Z" }),
    api("a", "CONSUMER.PAUSE.S.C", {
      pause_until: "2099-01-01T02:00:00.5+02:00",
    }),
    api("a", "CONSUMER.PAUSE.S.C"),
    api("a", "CONSUMER.PAUSE.S.C", { pause_until: "2020-01-01T00:00:00Z" }),
    api("a", "CONSUMER.PAUSE.S.C", { pause_until: "0001-01-01T00:00:00Z" }),
    api("a", "CONSUMER.PAUSE.S.C", "hello"),
    api("a", "CONSUMER.PAUSE.S.C", { pause_until: "soon" }),
    api("a", "CONSUMER.PAUSE.S.C", { x: 1 }),
    api("a", "CONSUMER.PAUSE.S.NONE"),
    api("a", "CONSUMER.PAUSE.NONE.C"),
    removed("S"),
  ),
  plain(
    "unpinning",
    ["js-api-consumer-unpin-s-c"],
    ["js-api-consumer-unpin-s-c"],
    stream("S"),
    create("C"),
    create("P", {
      priority_groups: ["g"],
      priority_policy: "pinned_client",
      priority_timeout: 60000000000,
    }),
    ["", "{}", "{", '{"group":"g"}', '{"group":"*"}', '{"x":1}', '{"group":5}']
      .map((body) => api("a", "CONSUMER.UNPIN.S.C", body)),
    api("a", "CONSUMER.UNPIN.S.P", { group: "g" }),
    api("a", "CONSUMER.UNPIN.S.P", { group: "h" }),
    api("a", "CONSUMER.UNPIN.S.P", { group: "g", x: 1 }),
    api("a", "CONSUMER.UNPIN.S.NONE", { group: "g" }),
    api("a", "CONSUMER.UNPIN.NONE.C", { group: "g" }),
    removed("S"),
  ),
  plain(
    "levels that consumers need",
    ["asset-metadata"],
    ["asset-metadata"],
    stream("S"),
    create("A", { metadata: { "_nats.ver": "x", a: "b" } }),
    create("B", { pause_until: "2099-01-01T00:00:00Z" }),
    create("C", { priority_groups: ["g"], priority_policy: "overflow" }),
    api("a", "CONSUMER.LIST.S"),
    removed("S"),
  ),
  plain(
    "messages for a consumer",
    ["js-api-consumer-msg-next-s-c", "service-import"],
    ["js-api-consumer-msg-next-s-c"],
    stream("S"),
    create("C"),
    published("a", "S.a", "one"),
    published("a", "S.b", "two"),
    next("C", '{"batch":1,"no_wait":true}'),
    expect("a", "S.a inbox"),
    api("a", "CONSUMER.MSG.NEXT.S.C", "", {
      headers: ["Nats-Required-Api-Level: 9"],
    }),
    next("C", '{"x":1}'),
    expect("a", "S.b inbox"),
    api("a", "CONSUMER.MSG.NEXT.S.NONE"),
    quiet("a"),
    removed("S"),
  ),
  plain(
    "messages of a stream, directly",
    ["js-api-direct-get-s-direct-get-s", "service-import"],
    ["js-api-direct-get-s-direct-get-s"],
    stream("S", { allow_direct: true }),
    published("a", "S.a", "one"),
    api("a", "DIRECT.GET.S", { seq: 9 }),
    api("a", "DIRECT.GET.S", { seq: 1 }, {
      headers: ["Nats-Required-Api-Level: 9"],
    }),
    api("a", "DIRECT.GET.NONE", { seq: 1 }),
    api("a", "DIRECT.GET.S.S.none"),
    removed("S"),
  ),
];

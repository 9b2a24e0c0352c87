/**
 * Streams that are found at the start: from newer servers, from faulty ones,
 * and damaged.
 *
 * @module
 */

import { HashKey, HighwayHash } from "../../../../src/store/format/mod.ts";
import {
  api,
  expect,
  type Fixture,
  gather,
  jetStreamClient,
  lines,
  monitor,
  published,
  quiet,
  type Scenario,
  scenario,
  send,
  type Steps,
} from "../../harness/mod.ts";
import { jetStreamServer, rows } from "./fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

const GLOBAL = "$G";

/** The directory of an account's streams. */
const directoryOf = (account: string) => `js/jetstream/${account}/streams`;
const STREAMS = directoryOf(GLOBAL);
const NEWER = { "_nats.req.level": "9" };
const hash = new HighwayHash();

/** Text of the files of a configuration. @param sum instead of the right one */
function meta(
  directory: string,
  text: string,
  key: HashKey,
  sum?: string,
): Record<string, string> {
  const right = hash.sum(key, new TextEncoder().encode(text)).toHex();
  return {
    [`${directory}/meta.inf`]: text,
    [`${directory}/meta.sum`]: sum ?? right,
  };
}

/** Files of a stream. @param sum instead of the right one */
export function storedStream(
  name: string,
  more: Fields = {},
  sum?: string,
  account = GLOBAL,
): Record<string, string> {
  const text = JSON.stringify({
    created: "2024-05-01T12:00:00.123456789Z",
    name,
    subjects: [`${name}.>`],
    retention: "limits",
    max_consumers: -1,
    max_msgs: -1,
    max_bytes: -1,
    max_age: 0,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    discard: "old",
    storage: "file",
    num_replicas: 1,
    duplicate_window: 120_000_000_000,
    ...more,
  });
  const directory = `${directoryOf(account)}/${name}`;
  return meta(directory, text, HashKey.ofStream(name), sum);
}

function storedConsumer(
  stream: string,
  name: string,
  more: Fields = {},
  sum?: string,
): Record<string, string> {
  const text = JSON.stringify({
    Created: "2024-05-01T12:00:01.5Z",
    Name: name,
    durable_name: name,
    deliver_policy: "all",
    ack_policy: "explicit",
    ack_wait: 30_000_000_000,
    max_deliver: -1,
    replay_policy: "instant",
    max_waiting: 512,
    max_ack_pending: 1000,
    num_replicas: 0,
    ...more,
  });
  const key = HashKey.ofConsumer(stream, name);
  return meta(`${STREAMS}/${stream}/obs/${name}`, text, key, sum);
}

const FILES: Readonly<Record<string, string>> = {
  ...storedStream("WELL", { metadata: { a: "b" } }),
  ...storedConsumer("WELL", "C"),
  ...storedConsumer("WELL", "SUMMED", {}, "0000000000000000"),
  ...storedStream("NEWER", { metadata: NEWER }),
  ...storedConsumer("NEWER", "C"),
  ...storedConsumer("NEWER", "D", { metadata: NEWER }),
  ...storedStream("ODD", { strange: 1 }),
  ...storedStream("NEWODD", { metadata: NEWER, strange: 1 }),
  ...storedStream("FRESH", { metadata: { "_nats.req.level": "x" } }),
  ...storedStream("LEVEL", { metadata: { "_nats.req.level": "2" } }),
  ...storedStream("WRONG", {}, "0000000000000000"),
  ...storedStream("TEXT", { max_msgs: "5" }),
  ...storedStream("TRIMMED", { subjects: [" TRIMMED.>", "T.a"] }),
  ...storedStream("BAD", { subjects: ["BAD..a"] }),
  ...storedStream("MIRRORING", {
    mirror: { name: "WELL" },
    subjects: ["MIRRORING.a"],
  }),
  ...storedStream("HALTED"),
  ...storedConsumer("HALTED", "N", { metadata: NEWER }),
  ...storedStream("STRANGER"),
  ...storedConsumer("STRANGER", "S", { strange: 1 }),
  [`${STREAMS}/SUMLESS/meta.inf`]: "{}",
  [`${STREAMS}/EMPTY/meta.sum`]: "0000000000000000",
  [`${STREAMS}/.gone/meta.inf`]: "{}",
};

/** A server that finds many streams. */
export const FOUND: Fixture = {
  ...jetStreamServer(""),
  files: FILES,
};

const OFFLINE = ["NEWER", "ODD", "NEWODD", "FRESH", "HALTED", "STRANGER"];

function found(
  name: string,
  positive: readonly string[],
  edge: readonly string[],
  ...steps: Steps[]
): Scenario {
  return scenario(
    FOUND,
    `JetStream API - ${name}`,
    { positive: rows(positive), edge: rows(edge) },
    jetStreamClient("a"),
    ...steps,
  );
}

/** Requests, one right after the other. */
function asked(...requests: (readonly [subject: string, body: string])[]) {
  return requests.map(([subject, body], index) =>
    send(
      "a",
      `PUB $JS.API.${subject} _INBOX.a.${index} ${body.length}\r\n${body}\r\n`,
    )
  );
}

export const RECOVERED: readonly Scenario[] = [
  found(
    "streams that were found",
    [
      "recovery-repairs",
      "unsupported-offline-assets",
      "meta-checksum",
      "store-dir",
    ],
    ["recovery-repairs", "meta-checksum", "boot-order"],
    api("a", "STREAM.NAMES"),
    api("a", "STREAM.LIST"),
    ["WELL", "LEVEL", "TRIMMED", "MIRRORING", "WRONG", "TEXT", "BAD", "EMPTY"]
      .map((name) => api("a", `STREAM.INFO.${name}`)),
    published("a", "TRIMMED.a", "x"),
    published("a", "WELL.a", "x"),
  ),
  found(
    "consumers that were found",
    ["boot-order"],
    ["store-dir"],
    ["WELL", "NEWER", "HALTED", "STRANGER"].map((name) => [
      api("a", `CONSUMER.NAMES.${name}`),
      api("a", `CONSUMER.LIST.${name}`),
    ]),
    api("a", "CONSUMER.INFO.WELL.C"),
    api("a", "CONSUMER.INFO.WELL.SUMMED"),
  ),
  found(
    "information on what is offline",
    ["delayed-errors", "consumers/offline"],
    ["unsupported-offline-assets", "consumers/offline"],
    asked(
      ...OFFLINE.map((name) => [`STREAM.INFO.${name}`, ""] as const),
      ["CONSUMER.INFO.HALTED.N", ""],
      ["CONSUMER.INFO.NEWER.C", ""],
      ["CONSUMER.INFO.NEWER.D", ""],
      ["CONSUMER.INFO.STRANGER.S", ""],
    ),
    gather("a", OFFLINE.length + 4),
  ),
  found(
    "changes of what is offline",
    ["delayed-errors"],
    ["unsupported-offline-assets"],
    api("a", "STREAM.UPDATE.NEWER", { name: "NEWER", subjects: ["n"] }),
    api("a", "STREAM.CREATE.NEWER", { name: "NEWER", subjects: ["n"] }),
    api("a", "STREAM.PURGE.NEWER"),
    api("a", "STREAM.MSG.DELETE.NEWER", { seq: 1 }),
    api("a", "STREAM.SNAPSHOT.NEWER", { deliver_subject: "x" }),
    api("a", "CONSUMER.CREATE.NEWER.E", {
      stream_name: "NEWER",
      config: { durable_name: "E", ack_policy: "explicit" },
    }),
    api("a", "CONSUMER.CREATE.HALTED.N", {
      stream_name: "HALTED",
      config: { durable_name: "N", ack_policy: "explicit" },
    }),
    published("a", "NEWER.a", "x", { within: 500 }),
  ),
  found(
    "questions to what is offline that nobody answers",
    [],
    ["delayed-errors"],
    asked(
      ["STREAM.MSG.GET.NEWER", '{"seq":1}'],
      ["CONSUMER.PAUSE.HALTED.N", "{}"],
      ["CONSUMER.UNPIN.HALTED.N", '{"group":"g"}'],
    ),
    quiet("a", 800),
  ),
  found(
    "errors that come late",
    ["delayed-errors"],
    ["delayed-errors"],
    lines("a", "PUB $JS.API.STREAM.INFO.NEWER _INBOX.a.late 0", ""),
    api("a", "STREAM.INFO.NONE"),
    expect("a", "_INBOX.a.late"),
  ),
  found(
    "what is found and how it is told of in monitoring",
    [],
    ["unsupported-offline-assets"],
    monitor("/healthz?js-enabled-only=true", (body) => body),
    monitor("/healthz?details=true", (body) => body),
  ),
  found(
    "what is offline can be deleted",
    ["unsupported-offline-assets"],
    [],
    OFFLINE.map((name) => api("a", `STREAM.DELETE.${name}`)),
    api("a", "STREAM.NAMES"),
  ),
];

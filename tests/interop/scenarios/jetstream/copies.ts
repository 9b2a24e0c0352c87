/**
 * Mirrors and sources in the same server.
 *
 * @module
 */

import {
  client,
  expect,
  type Fixture,
  lines,
  pause,
  type Scenario,
  scenario,
  type Steps,
} from "../../harness/mod.ts";
import {
  api,
  create,
  exchange,
  info,
  remove,
  request,
  update,
} from "./pieces.ts";

type Config = Readonly<Record<string, unknown>>;

/** Milliseconds in which a copy has caught up. */
const CAUGHT_UP = 450;

function publishAll(...subjects: string[]): Steps[] {
  return subjects.map((subject, i) =>
    request(subject, `m${i + 1}`, { K: "v" })
  );
}

/** The whole of a stream, by direct requests. */
function contents(name: string, messages: number): Steps[] {
  return Array.from(
    { length: messages },
    (_, i) => request(`$JS.API.DIRECT.GET.${name}`, { seq: i + 1 }),
  );
}

/** A stream `O` of `o.>` with some messages, and a copy `C` of it. */
function copying(
  name: string,
  rows: readonly string[],
  copy: Config,
  ...steps: Steps[]
): Scenario {
  return exchange(
    name,
    { positive: rows, edge: rows },
    create({ name: "O", subjects: ["o.>"], allow_direct: true }),
    ...publishAll("o.1", "o.2", "o.1"),
    create({ name: "C", allow_direct: true, ...copy }),
    pause(CAUGHT_UP),
    ...steps,
    remove("C"),
    remove("O"),
  );
}

const MIRRORS: readonly Scenario[] = [
  copying(
    "mirror: takes over what is there and what comes",
    [
      "mirror-source/mirror-sequence",
      "mirror-source/info",
      "streams/mirror-sources",
    ],
    { mirror: { name: "O" } },
    info("C"),
    ...publishAll("o.3"),
    pause(100),
    info("C", { subjects_filter: ">" }),
    ...contents("C", 4),
  ),
  copying(
    "mirror: what is missing in the origin is missing in it",
    ["mirror-source/gap-rule", "mirror-source/gap-dseq-known-1"],
    { mirror: { name: "O" } },
    ...publishAll("o.4", "o.5"),
    api("STREAM.MSG.DELETE.O", { seq: 5 }),
    ...publishAll("o.6"),
    pause(150),
    info("C", { deleted_details: true }),
  ),
  exchange(
    "mirror: of a stream that begins late",
    {
      positive: ["mirror-source/mirror-sequence"],
      edge: ["mirror-source/start-position"],
    },
    create({ name: "O", subjects: ["o.>"], first_seq: 100 }),
    ...publishAll("o.1", "o.2"),
    api("STREAM.MSG.DELETE.O", { seq: 100 }),
    create({ name: "C", mirror: { name: "O" } }),
    pause(CAUGHT_UP),
    info("C"),
    remove("C"),
    remove("O"),
  ),
  copying(
    "mirror: of some subjects, from a sequence on",
    ["mirror-source/start-position"],
    { mirror: { name: "O", opt_start_seq: 2, filter_subject: "o.1" } },
    info("C", { deleted_details: true }),
  ),
  copying(
    "mirror: from a sequence on, and a time: the sequence counts",
    ["mirror-source/opt-start-seq-opt-start-time"],
    {
      mirror: {
        name: "O",
        opt_start_seq: 3,
        opt_start_time: "2099-01-01T00:00:00Z",
      },
    },
    info("C"),
  ),
  copying(
    "mirror: from a time on",
    ["mirror-source/start-position"],
    { mirror: { name: "O", opt_start_time: "2099-01-01T00:00:00Z" } },
    info("C"),
  ),
  copying(
    "mirror: renames subjects",
    ["mirror-source/transforms"],
    {
      mirror: {
        name: "O",
        subject_transforms: [{ src: "o.1", dest: "p.1" }, {
          src: "o.2",
          dest: "q",
        }],
      },
    },
    info("C", { subjects_filter: ">" }),
    ...contents("C", 3),
  ),
  copying(
    "mirror: becomes a stream of its own",
    ["mirror-source/mirror-update"],
    { mirror: { name: "O" } },
    update({ name: "C", subjects: ["c"], mirror: { name: "P" } }),
    update({ name: "C", subjects: ["c"] }),
    request("c", "own"),
    ...publishAll("o.9"),
    pause(150),
    info("C"),
  ),
  exchange(
    "mirror: of a stream that is not there",
    {
      positive: ["mirror-source/other-error-malformed-reply"],
      edge: ["mirror-source/info"],
    },
    create({ name: "C", mirror: { name: "O" } }),
    pause(CAUGHT_UP),
    info("C"),
    remove("C"),
  ),
  copying(
    "mirror: strips what only the origin looks at, and keeps ids",
    ["mirror-source/header-stripping", "mirror-source/dedupe"],
    { mirror: { name: "O" } },
    request("o.7", "x", {
      "Nats-Msg-Id": "one",
      "Nats-Expected-Stream": "O",
      "Nats-Expected-Last-Sequence": "3",
    }),
    pause(150),
    ...contents("C", 4).slice(3),
    info("C"),
  ),
  copying(
    "mirror: takes nothing from publishers",
    ["mirror-source/mirror-exclusivity"],
    { mirror: { name: "O" } },
    request("C", "x"),
    api("STREAM.PURGE.C"),
    info("C"),
  ),
  exchange(
    "mirror: answers for its origin",
    {
      positive: ["mirror-source/mirror-direct"],
      edge: ["mirror-source/mirror-direct"],
    },
    create({ name: "O", subjects: ["o.>"], allow_direct: true }),
    ...publishAll("o.1", "o.2"),
    create({ name: "C", mirror: { name: "O" } }),
    pause(CAUGHT_UP),
    update({ name: "O", subjects: ["o.>"] }),
    request("$JS.API.DIRECT.GET.O", { seq: 1 }),
    remove("C"),
    request("$JS.API.DIRECT.GET.O", { seq: 1 }),
    remove("O"),
  ),
];

const SOURCES: readonly Scenario[] = [
  copying(
    "source: appends what is there and what comes",
    ["mirror-source/source-header", "mirror-source/accepted"],
    { sources: [{ name: "O" }] },
    info("C"),
    ...publishAll("o.3"),
    pause(150),
    info("C", { subjects_filter: ">" }),
    ...contents("C", 4),
  ),
  copying(
    "source: some subjects, under other names",
    ["mirror-source/transforms", "mirror-source/index-name"],
    {
      subjects: ["c.>"],
      sources: [
        { name: "O", filter_subject: "o.2" },
        {
          name: "O",
          subject_transforms: [{ src: "o.1", dest: "c.one" }],
        },
      ],
    },
    request("c.own", "x"),
    info("C", { subjects_filter: ">" }),
  ),
  copying(
    "source: from a sequence on",
    ["mirror-source/start-position"],
    { sources: [{ name: "O", opt_start_seq: 3 }] },
    info("C"),
    ...contents("C", 1),
  ),
  copying(
    "source: is added and taken away",
    ["mirror-source/sources"],
    { subjects: ["c"] },
    update({
      name: "C",
      subjects: ["c"],
      allow_direct: true,
      sources: [{ name: "O" }],
    }),
    pause(CAUGHT_UP),
    info("C"),
    update({ name: "C", subjects: ["c"], allow_direct: true }),
    ...publishAll("o.8"),
    pause(150),
    info("C"),
    update({
      name: "C",
      subjects: ["c"],
      allow_direct: true,
      sources: [{ name: "O" }],
    }),
    pause(CAUGHT_UP),
    info("C"),
    ...contents("C", 4).slice(3),
  ),
  copying(
    "source: messages that a full stream does not take",
    ["mirror-source/storage-errors"],
    { sources: [{ name: "O" }], max_msgs: 2, discard: "new" },
    info("C"),
  ),
  copying(
    "source: ids that come again are left out",
    ["mirror-source/msg-id-duplicate"],
    { sources: [{ name: "O" }], duplicate_window: 60_000_000_000 },
    request("o.7", "x", { "Nats-Msg-Id": "one" }),
    pause(150),
    api("STREAM.PURGE.O"),
    info("C"),
  ),
  copying(
    "source: header of one that is sourced again",
    ["mirror-source/source-header", "mirror-source/header-stripping"],
    { sources: [{ name: "O" }] },
    create({ name: "D", allow_direct: true, sources: [{ name: "C" }] }),
    pause(CAUGHT_UP),
    ...contents("D", 1),
    remove("D"),
  ),
  exchange(
    "source: counters add up",
    {
      positive: ["mirror-source/accepted", "streams/counters"],
      edge: ["streams/counters"],
    },
    create({ name: "O", subjects: ["o.>"], allow_msg_counter: true }),
    create({ name: "P", subjects: ["p.>"], allow_msg_counter: true }),
    ...["5", "7"].map((value) => request("o.x", "", { "Nats-Incr": value })),
    request("p.x", "", { "Nats-Incr": "100" }),
    create({
      name: "C",
      allow_msg_counter: true,
      allow_direct: true,
      sources: [
        { name: "O", subject_transforms: [{ src: "o.>", dest: "c.>" }] },
      ],
    }),
    pause(CAUGHT_UP),
    request("$JS.API.DIRECT.GET.C.c.x"),
    request("o.x", "", { "Nats-Incr": "-2" }),
    pause(150),
    request("$JS.API.DIRECT.GET.C.c.x"),
    ...["C", "O", "P"].map(remove),
  ),
  exchange(
    "source: of a stream that is not there",
    {
      positive: ["mirror-source/other-error-malformed-reply"],
      edge: ["mirror-source/info"],
    },
    create({ name: "C", sources: [{ name: "O" }] }),
    pause(CAUGHT_UP),
    info("C"),
    remove("C"),
  ),
];

const SURROUNDINGS: readonly Scenario[] = [
  copying(
    "copies: their consumers are nobody else's business",
    ["mirror-source/direct-consumers"],
    { mirror: { name: "O" } },
    info("O"),
    api("CONSUMER.NAMES.O"),
    api("CONSUMER.LIST.O"),
  ),
  exchange(
    "copies: times to live count where they are allowed",
    {
      positive: ["mirror-source/ttl-markers"],
      edge: ["mirror-source/ttl-markers"],
    },
    create({ name: "O", subjects: ["o.>"], allow_msg_ttl: true }),
    create({ name: "M", mirror: { name: "O" } }),
    create({ name: "T", sources: [{ name: "O" }], allow_msg_ttl: true }),
    pause(CAUGHT_UP),
    request("o.1", "x", { "Nats-TTL": "1s" }),
    pause(100),
    info("M"),
    info("T"),
    pause(2600),
    info("O"),
    info("M"),
    info("T"),
    ...["T", "M", "O"].map(remove),
  ),
];

/** Two accounts, of which `B` may copy streams of `A`. */
const TWO_ACCOUNTS: Fixture = {
  config: `
server_name: js
listen: 127.0.0.1:-1
jetstream: { store_dir: "{{dir}}/js", max_mem: 256MB, max_file: 1GB }
accounts: {
  A: {
    jetstream: enabled
    users: [ { user: a, password: a } ]
    exports: [
      { service: "$JS.API.>" }
      { service: "$JS.FC.>" }
      { stream: "deliver.>" }
    ]
  }
  B: {
    jetstream: enabled
    users: [ { user: b, password: b } ]
    imports: [
      { service: { account: A, subject: "$JS.API.>" }, to: "far.api.>" }
      { service: { account: A, subject: "$JS.FC.>" } }
      { stream: { account: A, subject: "deliver.>" } }
    ]
  }
}
`,
};

/** A request of the client in `A`. */
function inA(subject: string, body: string): Steps[] {
  return [
    lines("a", `PUB ${subject} _INBOX.a ${body.length}`, body),
    expect("a", "_INBOX.a"),
  ];
}

const ACROSS: readonly Scenario[] = [
  scenario(
    TWO_ACCOUNTS,
    "copies: of streams in another account",
    {
      positive: [
        "mirror-source/cross-account-domain",
        "mirror-source/external",
      ],
      edge: ["mirror-source/cross-account-domain", "mirror-source/external"],
    },
    client("a", { user: "a", pass: "a", headers: true }),
    client("c", { user: "b", pass: "b", headers: true }),
    lines("a", "SUB _INBOX.a 1"),
    lines("c", "SUB _INBOX.js 1"),
    inA(
      "$JS.API.STREAM.CREATE.O",
      '{"name":"O","subjects":["o.>"],"storage":"memory"}',
    ),
    inA("o.1", "one"),
    inA("o.2", "two"),
    create({
      name: "T",
      allow_direct: true,
      sources: [{
        name: "O",
        filter_subject: "o.1",
        external: { api: "far.api", deliver: "deliver.t" },
      }],
    }),
    create({
      name: "M",
      mirror: {
        name: "O",
        external: { api: "far.api", deliver: "deliver.m" },
      },
    }),
    pause(CAUGHT_UP),
    inA("o.1", "three"),
    pause(150),
    info("T", { subjects_filter: ">" }),
    info("M", { subjects_filter: ">" }),
    remove("T"),
    remove("M"),
  ),
];

const CYCLES: readonly Scenario[] = [
  exchange(
    "cycles: streams do not copy from themselves by way of others",
    {
      positive: ["mirror-source/cycle-detection"],
      edge: ["mirror-source/cycle-detection"],
    },
    create({ name: "A", subjects: ["a"], sources: [{ name: "B" }] }),
    create({ name: "B", subjects: ["b"], sources: [{ name: "C" }] }),
    create({ name: "C", subjects: ["c"], sources: [{ name: "A" }] }),
    create({
      name: "C",
      subjects: ["c"],
      sources: [{ name: "A", filter_subject: "other" }],
    }),
    create({ name: "M", mirror: { name: "C" } }),
    update({ name: "B", subjects: ["b"], sources: [{ name: "M" }] }),
    ...["M", "C", "B", "A"].map(remove),
  ),
  exchange(
    "mirror and source: sizes that do not fit",
    {
      positive: ["mirror-source/mirror-size"],
      edge: ["mirror-source/mirror-size"],
    },
    create({ name: "O", subjects: ["o"], max_msg_size: 100 }),
    create({ name: "C", mirror: { name: "O" }, max_msg_size: 99 }),
    create({ name: "C", sources: [{ name: "O" }], max_msg_size: 99 }),
    create({ name: "C", mirror: { name: "O" }, max_msg_size: 100 }),
    remove("C"),
    remove("O"),
  ),
];

/** Streams that are copied from others. */
export const STREAM_COPIES: readonly Scenario[] = [
  ...MIRRORS,
  ...SOURCES,
  ...SURROUNDINGS,
  ...ACROSS,
  ...CYCLES,
];

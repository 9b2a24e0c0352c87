/**
 * Reading and removing messages of streams without consumers.
 *
 * @module
 */

import {
  expect,
  gather,
  lines,
  type Scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import {
  api,
  create,
  exchange,
  info,
  publishing,
  remove,
  request,
} from "./jetstream_pieces.ts";

/** A stream with messages to `s.1`, `s.2`, `s.3`, `s.1`, `s.2`. */
function filled(config: Readonly<Record<string, unknown>>): Steps[] {
  return [
    create({ name: "S", subjects: ["s.>"], allow_direct: true, ...config }),
    ...[1, 2, 3, 1, 2].map((n) =>
      request(`s.${n}`, `m${n}`, n === 3 ? { K: "v" } : {})
    ),
  ];
}

function reading(
  name: string,
  row: string,
  ...steps: Steps[]
): Scenario {
  return exchange(
    name,
    { positive: [row], edge: [row] },
    ...filled({}),
    ...steps,
    remove("S"),
  );
}

function direct(body: unknown): Steps {
  return request("$JS.API.DIRECT.GET.S", body);
}

/** A direct request with several answers. */
function batch(body: unknown, answers: number): Steps {
  const text = JSON.stringify(body);
  return [
    lines("c", `PUB $JS.API.DIRECT.GET.S _INBOX.js ${text.length}`, text),
    expect("c", answers === 1 ? "_INBOX.js" : "204 EOB"),
  ];
}

const PAST = "2020-01-01T00:00:00Z";
const FUTURE = "2099-01-01T00:00:00Z";

const DIRECT: readonly Scenario[] = [
  reading(
    "direct get: single messages",
    "streams/allow-direct-mirror-direct",
    direct({ seq: 1 }),
    direct({ seq: 3 }),
    direct({ seq: 3, no_hdr: true }),
    direct({ seq: 9 }),
    direct({ last_by_subj: "s.1" }),
    direct({ last_by_subj: "s.*" }),
    direct({ last_by_subj: "s.none" }),
    direct({ next_by_subj: "s.2", seq: 3 }),
    direct({ next_by_subj: "s.2", seq: 6 }),
    direct({ next_by_subj: "s.2" }),
    direct({ start_time: PAST }),
    direct({ start_time: FUTURE }),
    direct({ start_time: PAST, next_by_subj: "s.3" }),
  ),
  reading(
    "direct get: by a subject in the request's",
    "streams/allow-direct-mirror-direct",
    request("$JS.API.DIRECT.GET.S.s.1"),
    request("$JS.API.DIRECT.GET.S.s.none"),
    request("$JS.API.DIRECT.GET.S.s.3", { no_hdr: true }),
    request("$JS.API.DIRECT.GET.S.s.1", { seq: 1 }),
    request("$JS.API.DIRECT.GET.S.s.1", { batch: 1 }),
    request("$JS.API.DIRECT.GET.S.s.1", { up_to_seq: 1 }),
    request("$JS.API.DIRECT.GET.S.s.1", "{"),
  ),
  reading(
    "direct get: requests that make no sense",
    "streams/allow-direct-mirror-direct",
    ...[
      "",
      "{}",
      "{",
      '{"seq":"x"}',
      '{"seq":-1}',
      { seq: 1, last_by_subj: "s.1" },
      { seq: 1, start_time: PAST },
      { start_time: PAST, last_by_subj: "s.1" },
      { last_by_subj: "s.1", next_by_subj: "s.1" },
      { last_by_subj: "s.1", batch: 2 },
      { last_by_subj: "s.1", multi_last: ["s.1"] },
      { next_by_subj: "s.1", multi_last: ["s.1"] },
      { seq: 1, up_to_seq: 1, up_to_time: PAST },
      { batch: 3 },
      { multi_last: ["s.none"] },
      { multi_last: ["s.1"], up_to_time: PAST },
      { seq: 9, batch: 2 },
    ].map((body) => direct(body)),
    request("$JS.API.DIRECT.GET.S", { seq: 1 }, {
      "Nats-Required-Api-Level": "99",
    }),
    request("$JS.API.DIRECT.GET.S", { seq: 1 }, {
      "Nats-Required-Api-Level": "1",
    }),
    request("$JS.API.DIRECT.GET.T", { seq: 1 }),
  ),
  reading(
    "direct get: batches",
    "streams/allow-direct-mirror-direct",
    api("STREAM.MSG.DELETE.S", { seq: 2 }),
    batch({ seq: 1, batch: 2 }, 3),
    batch({ seq: 2, batch: 9 }, 4),
    batch({ seq: 1, batch: 9, max_bytes: 1 }, 2),
    batch({ next_by_subj: "s.1", batch: 9 }, 3),
    batch({ next_by_subj: "s.*", seq: 3, batch: 1 }, 2),
    batch({ seq: 1, batch: 1, no_hdr: true }, 2),
    batch({ start_time: PAST, batch: 1 }, 2),
    batch({ next_by_subj: "s.none", batch: 1 }, 1),
    batch({ next_by_subj: "s.none", batch: 2 }, 1),
  ),
  reading(
    "direct get: the last of several subjects",
    "streams/allow-direct-mirror-direct",
    batch({ multi_last: ["s.1", "s.3"] }, 3),
    batch({ multi_last: ["s.>"] }, 4),
    batch({ multi_last: ["s.>"], batch: 1 }, 2),
    batch({ multi_last: ["s.>"], up_to_seq: 3 }, 4),
    batch({ multi_last: ["s.>"], seq: 4 }, 3),
    batch({ multi_last: ["s.>"], seq: 9 }, 1),
    batch({ multi_last: ["s.>"], max_bytes: 1 }, 2),
    batch({ multi_last: ["s.>"], up_to_time: FUTURE }, 4),
  ),
];

const MESSAGES: readonly Scenario[] = [
  reading(
    "get: messages by the API",
    "streams/streamstate",
    ...[
      { seq: 1 },
      { seq: 3 },
      { seq: 3, no_hdr: true },
      { seq: 9 },
      { last_by_subj: "s.1" },
      { last_by_subj: "s.none" },
      { next_by_subj: "s.2", seq: 3 },
      { next_by_subj: "s.>" },
      { start_time: PAST },
      { start_time: FUTURE },
      {},
      "",
      "{",
      { seq: 1, last_by_subj: "s.1" },
      { seq: 1, start_time: PAST },
      { last_by_subj: "s.1", next_by_subj: "s.1" },
      { seq: 1, batch: 2 },
    ].map((body) => api("STREAM.MSG.GET.S", body)),
    api("STREAM.MSG.GET.T", { seq: 1 }),
  ),
  reading(
    "delete: messages",
    "streams/delete-msg",
    api("STREAM.MSG.DELETE.S", { seq: 2 }),
    api("STREAM.MSG.DELETE.S", { seq: 2 }),
    api("STREAM.MSG.DELETE.S", { seq: 4, no_erase: true }),
    api("STREAM.MSG.DELETE.S", { seq: 99 }),
    api("STREAM.MSG.DELETE.S", ""),
    api("STREAM.MSG.DELETE.S", "{"),
    api("STREAM.MSG.DELETE.S", {}),
    api("STREAM.MSG.DELETE.T", { seq: 1 }),
    info("S", { deleted_details: true }),
    api("STREAM.MSG.DELETE.S", { seq: 1 }),
    api("STREAM.MSG.DELETE.S", { seq: 5 }),
    info("S", { deleted_details: true }),
    api("STREAM.MSG.DELETE.S", { seq: 3 }),
    info("S", { deleted_details: true }),
    request("s.1", "x"),
    info("S", { deleted_details: true }),
  ),
  reading(
    "purge: everything, subjects, up to a sequence, but the last",
    "streams/purge",
    api("STREAM.PURGE.S", { filter: "s.1", keep: 1 }),
    info("S", { subjects_filter: ">", deleted_details: true }),
    api("STREAM.PURGE.S", { seq: 3 }),
    api("STREAM.PURGE.S", { seq: 1 }),
    info("S", { subjects_filter: ">", deleted_details: true }),
    api("STREAM.PURGE.S", { keep: 2 }),
    info("S", { subjects_filter: ">", deleted_details: true }),
    api("STREAM.PURGE.S", { filter: "s.*", seq: 5 }),
    api("STREAM.PURGE.S", { filter: "none" }),
    api("STREAM.PURGE.S"),
    info("S"),
    api("STREAM.PURGE.S"),
    request("s.1", "x"),
    api("STREAM.PURGE.S", { seq: 99 }),
    info("S"),
    api("STREAM.PURGE.S", { seq: 1, keep: 1 }),
    api("STREAM.PURGE.S", "{"),
    api("STREAM.PURGE.T"),
  ),
  exchange(
    "purge and delete: where they are denied",
    { edge: ["streams/purge", "streams/delete-msg"] },
    ...filled({ deny_delete: true, deny_purge: true }),
    api("STREAM.PURGE.S"),
    api("STREAM.MSG.DELETE.S", { seq: 1 }),
    remove("S"),
  ),
  exchange(
    "info: subjects, in pages",
    {
      positive: ["streams/streaminfo", "streams/streamstate"],
      edge: ["streams/streaminfo"],
    },
    ...filled({ first_seq: 100 }),
    info("S"),
    info("S", { subjects_filter: "s.1" }),
    info("S", { subjects_filter: "s.*", offset: 1 }),
    info("S", { subjects_filter: "none" }),
    info("S", "{"),
    info("T"),
    remove("S"),
  ),
  exchange(
    "first sequence: a stream begins where it is told to",
    { positive: ["streams/first-seq"], edge: ["streams/first-seq"] },
    create({ name: "S", subjects: ["s"], first_seq: 50 }),
    info("S"),
    request("s", "x"),
    api("STREAM.PURGE.S"),
    info("S"),
    remove("S"),
  ),
  exchange(
    "retention: a stream of interest without consumers keeps nothing",
    { positive: ["streams/interest"], edge: ["streams/interest"] },
    create({ name: "S", subjects: ["s.>"], retention: "interest" }),
    request("s.1", "x", { "Nats-Msg-Id": "1" }),
    request("s.1", "x", { "Nats-Msg-Id": "1" }),
    request("s.2", "x"),
    info("S"),
    remove("S"),
  ),
];

function inBatch(
  sequence: number | string,
  more: Readonly<Record<string, string>> = {},
  subject = "s.1",
  id = "b",
): Steps {
  return request(subject, `m${sequence}`, {
    "Nats-Batch-Id": id,
    "Nats-Batch-Sequence": String(sequence),
    ...more,
  });
}

const COMMIT = { "Nats-Batch-Commit": "1" };
const END = { "Nats-Batch-Commit": "eob" };

function batches(
  name: string,
  rows: readonly string[],
  config: Readonly<Record<string, unknown>>,
  ...steps: Steps[]
): Scenario {
  return exchange(
    name,
    { positive: rows, edge: rows },
    create({ name: "S", subjects: ["s.>"], ...config }),
    ...steps,
    info("S", { subjects_filter: ">" }),
    remove("S"),
  );
}

const ATOMIC: readonly Scenario[] = [
  batches(
    "atomic batch: committed with a message, and without",
    ["streams/atomic-batch", "streams/nats-batch-id-sequence-commit"],
    { allow_atomic: true },
    inBatch(1),
    inBatch(2, {}, "s.2"),
    info("S"),
    inBatch(3, COMMIT),
    inBatch(1),
    inBatch(2, END),
    api("STREAM.MSG.GET.S", { seq: 1 }),
    api("STREAM.MSG.GET.S", { seq: 4 }),
    inBatch(1, COMMIT),
  ),
  batches(
    "atomic batch: what is refused",
    ["streams/atomic-batch", "streams/nats-batch-id-sequence-commit"],
    { allow_atomic: true },
    inBatch(2),
    inBatch(1),
    inBatch(3),
    inBatch(2),
    inBatch("x"),
    inBatch(""),
    inBatch(1, END),
    inBatch(1, { "Nats-Batch-Commit": "yes" }),
    inBatch(1, {}, "s.1", "x".repeat(64)),
    inBatch(1, {}, "s.1", "x".repeat(65)),
    inBatch(1, { "Nats-Required-Api-Level": "99" }),
    inBatch(1, { "Nats-Required-Api-Level": "1", ...COMMIT }),
    inBatch(1001),
    inBatch(1002, END),
    api("STREAM.MSG.GET.S", { seq: 1 }),
  ),
  batches(
    "atomic batch: where there are none",
    ["streams/nats-batch-id-sequence-commit"],
    {},
    inBatch(1),
    inBatch(1, COMMIT),
  ),
  batches(
    "atomic batch: conditions within it",
    ["streams/consistency-inside-batch"],
    { allow_atomic: true, allow_rollup_hdrs: true },
    request("s.1", "x"),
    ...([
      [{ "Nats-Expected-Last-Sequence": "7" }, {}],
      [{}, { "Nats-Expected-Last-Sequence": "2" }],
      [{}, { "Nats-Expected-Last-Sequence": "3" }],
      [{}, { "Nats-Expected-Last-Subject-Sequence": "1" }],
      [{ "Nats-Expected-Last-Subject-Sequence": "0" }, {}],
      [{}, { "Nats-Expected-Last-Subject-Sequence-Subject": "s.1" }],
      [{}, { "Nats-Rollup": "sub" }],
      [{}, { "Nats-Rollup": "all" }],
      [{}, { "Nats-Rollup": "x" }],
      [{ "Nats-Msg-Id": "1" }, { "Nats-Msg-Id": "1" }],
      [{ "Nats-Expected-Last-Msg-Id": "1" }, {}],
      [{ "Nats-TTL": "1" }, {}],
      [{ "Nats-Incr": "1" }, {}],
      [{ "Nats-Stream-Source": "x" }, {}],
      [{ "Nats-Expected-Stream": "T" }, {}],
    ] as const).flatMap(([first, second]): Steps[] => [
      inBatch(1, first),
      inBatch(2, { ...second, ...COMMIT }),
    ]),
    inBatch(1, {
      "Nats-Expected-Last-Sequence": "1",
      "Nats-Expected-Last-Subject-Sequence": "1",
      "Nats-Rollup": "all",
      "Nats-Msg-Id": "2",
    }),
    inBatch(
      2,
      { "Nats-Expected-Last-Subject-Sequence": "0", ...COMMIT },
      "s.2",
    ),
    inBatch(1, { "Nats-Msg-Id": "2" }),
    inBatch(2, COMMIT),
  ),
  batches(
    "atomic batch: counters",
    ["streams/consistency-inside-batch"],
    { allow_atomic: true, allow_msg_counter: true },
    ...[["1", {}], ["2", {}], ["3", COMMIT]].map(([sequence, more]) =>
      request("s.1", "", {
        "Nats-Batch-Id": "b",
        "Nats-Batch-Sequence": String(sequence),
        "Nats-Incr": "5",
        ...(more as Record<string, string>),
      })
    ),
    api("STREAM.MSG.GET.S", { seq: 3 }),
  ),
  batches(
    "atomic batch: full streams",
    ["streams/consistency-inside-batch"],
    { allow_atomic: true, discard: "new", max_msgs: 2 },
    inBatch(1),
    inBatch(2),
    inBatch(3, COMMIT),
    inBatch(1),
    inBatch(2, COMMIT),
  ),
];

/** A message of a fast batch. */
function fast(
  sequence: number,
  operation: number,
  answers: number,
  more: {
    gap?: string;
    flow?: number;
    id?: string;
    headers?: Readonly<Record<string, string>>;
  } = {},
): Steps {
  const { gap = "fail", flow = 2, id = "b", headers = {} } = more;
  const reply = `_INBOX.js.${id}.${flow}.${gap}.${sequence}.${operation}.$FI`;
  return [
    publishing("s.1", `m${sequence}`, headers, reply),
    answers > 0 ? gather("c", answers) : sync("c"),
  ];
}

/** Hears what comes to fast batches, too. */
const LISTEN = lines("c", "SUB _INBOX.js.> 3");

const FAST: readonly Scenario[] = [
  batches(
    "fast batch: paced and committed",
    ["streams/fast-batch", "streams/fast-flow"],
    { allow_batched: true },
    LISTEN,
    fast(1, 0, 1),
    fast(2, 1, 1),
    fast(3, 1, 0),
    fast(4, 2, 1),
    fast(1, 0, 1),
    fast(2, 3, 1),
    fast(1, 2, 1),
    fast(1, 0, 1, { flow: 1000 }),
    fast(1, 0, 2, { flow: 1000, id: "c" }),
    fast(2, 1, 0, { flow: 1000, id: "c" }),
    fast(3, 1, 1, { flow: 1000, id: "c" }),
  ),
  batches(
    "fast batch: gaps",
    ["streams/fast-gaps"],
    { allow_batched: true },
    LISTEN,
    fast(1, 0, 1),
    fast(3, 1, 2),
    fast(1, 0, 1, { gap: "ok" }),
    fast(3, 1, 2, { gap: "ok" }),
    fast(3, 1, 2, { gap: "ok" }),
    fast(1, 0, 1),
    fast(1, 4, 1),
    fast(5, 4, 2),
    fast(1, 0, 1, { gap: "ok" }),
    fast(5, 4, 2, { gap: "ok" }),
    fast(6, 1, 1, { gap: "ok" }),
    fast(9, 3, 2, { gap: "ok" }),
  ),
  batches(
    "fast batch: what is refused",
    ["streams/fast-batch"],
    { allow_batched: true },
    LISTEN,
    fast(2, 1, 1),
    fast(1, 1, 1),
    fast(1, 3, 1),
    fast(1, 5, 1),
    fast(1, 4, 1),
    fast(1, 0, 1, { gap: "what" }),
    fast(1, 0, 1, { id: "x".repeat(65) }),
    fast(1, 0, 1, { headers: { "Nats-Required-Api-Level": "99" } }),
    fast(1, 0, 2, { headers: { "Nats-Rollup": "all" } }),
    fast(1, 0, 1),
    fast(2, 1, 2, { headers: { "Nats-Rollup": "all" } }),
    fast(1, 0, 1, { gap: "ok" }),
    fast(2, 1, 1, { gap: "ok", headers: { "Nats-Rollup": "all" } }),
    fast(3, 2, 1, { gap: "ok" }),
  ),
  batches(
    "fast batch: ids that come again",
    ["streams/fast-batch"],
    { allow_batched: true },
    LISTEN,
    fast(1, 0, 1, { headers: { "Nats-Msg-Id": "1" } }),
    fast(2, 1, 1, { headers: { "Nats-Msg-Id": "1" } }),
    fast(3, 2, 1),
    fast(1, 2, 1, { headers: { "Nats-Msg-Id": "1" } }),
  ),
  batches(
    "fast batch: where there are none",
    ["streams/fast-batch"],
    {},
    LISTEN,
    fast(1, 0, 1),
  ),
];

/** Reading from streams, and batches. */
export const STREAM_READING: readonly Scenario[] = [...DIRECT, ...MESSAGES];
export const STREAM_BATCHES: readonly Scenario[] = [...ATOMIC, ...FAST];

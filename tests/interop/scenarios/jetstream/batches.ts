/**
 * Batches: atomic ones, and fast ones.
 *
 * @module
 */

import {
  gather,
  lines,
  type Scenario,
  type Steps,
  sync,
} from "../../harness/mod.ts";
import {
  api,
  create,
  exchange,
  info,
  publishing,
  remove,
  request,
} from "./pieces.ts";

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
    fast(1, 0, 1),
    fast(2, 1, 2, { headers: { "Nats-Rollup": "é" } }),
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
    "fast batch: the id before is not the one that is expected",
    ["streams/fast-batch"],
    { allow_batched: true },
    LISTEN,
    fast(1, 0, 1, { headers: { "Nats-Msg-Id": "1" } }),
    fast(2, 1, 1, { headers: { "Nats-Expected-Last-Msg-Id": "2" } }),
    fast(3, 1, 1, { headers: { "Nats-Expected-Last-Msg-Id": "1" } }),
    fast(4, 2, 1),
    fast(1, 2, 1, { headers: { "Nats-Expected-Last-Msg-Id": "2" } }),
  ),
  batches(
    "fast batch: where there are none",
    ["streams/fast-batch"],
    {},
    LISTEN,
    fast(1, 0, 1),
  ),
];

/** Publishing in batches. */
export const STREAM_BATCHES: readonly Scenario[] = [...ATOMIC, ...FAST];

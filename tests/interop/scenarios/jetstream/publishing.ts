/**
 * What publishers ask of streams, and what they are told.
 *
 * @module
 */

import {
  expect,
  lines,
  pause,
  type Scenario,
  type Steps,
} from "../../harness/mod.ts";
import {
  api,
  create,
  exchange,
  info,
  publishing,
  remove,
  request,
  update,
} from "./pieces.ts";

type Config = Readonly<Record<string, unknown>>;
type Headers = Readonly<Record<string, string>>;

const SECOND = 1_000_000_000;

/** A stream `S` of `s.>` for the time of some steps, whose state is told at the end. */
function within(config: Config, ...steps: Steps[]): Steps[] {
  return [
    create({ name: "S", subjects: ["s.>"], ...config }),
    ...steps,
    info("S", { subjects_filter: ">" }),
    remove("S"),
  ];
}

/** The message with a sequence. */
function get(seq: number): Steps {
  return api("STREAM.MSG.GET.S", { seq });
}

const CONDITIONS: readonly Scenario[] = [
  exchange(
    "publish: acknowledged, with and without a domain of its own",
    { positive: ["streams/puback"] },
    ...within({}, request("s.a", "1"), request("s.b", "22"), get(1), get(2)),
  ),
  exchange(
    "publish: a stream that does not acknowledge",
    { positive: ["streams/no-ack"], edge: ["streams/no-ack"] },
    ...within(
      { no_ack: true },
      publishing("s.a", "x", {}, "_INBOX.js"),
      publishing("s.a", "x", { "Nats-Expected-Stream": "T" }, "_INBOX.js"),
      pause(150),
    ),
  ),
  exchange(
    "publish: expected stream",
    {
      positive: ["streams/nats-expected-stream"],
      edge: ["streams/nats-expected-stream", "streams/puback"],
    },
    ...within(
      {},
      request("s.a", "x", { "Nats-Expected-Stream": "S" }),
      request("s.a", "x", { "Nats-Expected-Stream": "T" }),
    ),
  ),
  exchange(
    "publish: expected last sequence",
    {
      positive: ["streams/nats-expected-last-sequence"],
      edge: ["streams/nats-expected-last-sequence"],
    },
    ...within(
      {},
      ...[
        "0",
        "0",
        "1",
        "x",
        "-1",
        "99999999999999999999",
        "2",
        "18446744073709551619",
      ].map((value) =>
        request("s.a", "x", { "Nats-Expected-Last-Sequence": value })
      ),
    ),
  ),
  exchange(
    "publish: expected last sequence of a subject",
    {
      positive: ["streams/nats-expected-last-subject-sequence"],
      edge: ["streams/nats-expected-last-subject-sequence"],
    },
    ...within(
      {},
      ...([
        ["s.a", "0"],
        ["s.b", "0"],
        ["s.a", "0"],
        ["s.a", "1"],
        ["s.a", "x"],
        ["s.c", "2", "s.b"],
        ["s.c", "2", "s.>"],
        ["s.c", "4", "s.*"],
        ["s.c", "0", "s.none"],
        ["s.c", "1", "s.none"],
      ] as const).map(([subject, value, other]) =>
        request(subject, "x", {
          "Nats-Expected-Last-Subject-Sequence": value,
          ...(other === undefined ? {} : {
            "Nats-Expected-Last-Subject-Sequence-Subject": other,
          }),
        })
      ),
      request("s.c", "x", {
        "Nats-Expected-Last-Subject-Sequence-Subject": "s.a",
      }),
    ),
  ),
  exchange(
    "publish: expected last id",
    {
      positive: ["streams/nats-expected-last-msg-id"],
      edge: ["streams/nats-expected-last-msg-id"],
    },
    ...within(
      {},
      request("s.a", "x", { "Nats-Msg-Id": "one" }),
      request("s.a", "x", { "Nats-Expected-Last-Msg-Id": "one" }),
      request("s.a", "x", { "Nats-Expected-Last-Msg-Id": "one" }),
      request("s.a", "x", { "Nats-Msg-Id": "é" }),
      request("s.a", "x", { "Nats-Expected-Last-Msg-Id": "e" }),
    ),
  ),
  exchange(
    "publish: ids that come again",
    {
      positive: ["streams/nats-msg-id", "streams/dedupe"],
      edge: ["streams/nats-msg-id", "streams/dedupe"],
    },
    ...within(
      { duplicate_window: SECOND / 4 },
      request("s.a", "x", { "Nats-Msg-Id": "one" }),
      request("s.b", "y", { "Nats-Msg-Id": "one" }),
      request("s.b", "y", { "nats-msg-id": "one" }),
      pause(600),
      request("s.a", "x", { "Nats-Msg-Id": "one" }),
    ),
  ),
  exchange(
    "publish: a level of the API is asked of batches only",
    {
      positive: ["streams/nats-required-api-level"],
      edge: ["streams/nats-required-api-level"],
    },
    ...within(
      { allow_atomic: true },
      request("s.a", "x", { "Nats-Required-Api-Level": "99" }),
      ...["99", "x", "1"].map((level) =>
        request("s.a", "x", {
          "Nats-Batch-Id": level,
          "Nats-Batch-Sequence": "1",
          "Nats-Batch-Commit": "1",
          "Nats-Required-Api-Level": level,
        })
      ),
      get(1),
      get(2),
    ),
  ),
  exchange(
    "publish: to a stream that persists a little later",
    { positive: ["streams/async-persist"], edge: ["streams/async-persist"] },
    create({
      name: "L",
      subjects: ["l"],
      storage: "file",
      persist_mode: "async",
    }),
    request("l", "x"),
    request("l", "y"),
    info("L"),
    update({ name: "L", subjects: ["l"], storage: "file" }),
    remove("L"),
  ),
  exchange(
    "publish: sizes",
    { positive: ["streams/msg-size"], edge: ["streams/msg-size"] },
    ...within(
      { max_msg_size: 40 },
      request("s.a", "x".repeat(40)),
      request("s.a", "x".repeat(41)),
      request("s.a", "x".repeat(20), { A: "1" }),
      request("s.a", "x".repeat(24), { A: "1" }),
    ),
  ),
  exchange(
    "publish: headers larger than the format has room for",
    { edge: ["streams/msg-size"] },
    ...within({}, request("s.a", "", { A: "x".repeat(65_600) })),
  ),
  exchange(
    "publish: full streams that discard new messages",
    { positive: ["streams/discard-new"], edge: ["streams/discard-new"] },
    ...within(
      { discard: "new", max_msgs: 2 },
      request("s.a", "x"),
      request("s.a", "x"),
      request("s.a", "x"),
      update({
        name: "S",
        subjects: ["s.>"],
        discard: "new",
        discard_new_per_subject: true,
        max_msgs_per_subject: 2,
      }),
      request("s.a", "x"),
      request("s.b", "x"),
      update({
        name: "S",
        subjects: ["s.>"],
        discard: "new",
        max_bytes: 120,
      }),
      request("s.a", "x".repeat(100)),
    ),
  ),
  exchange(
    "publish: limits make room",
    {
      positive: ["streams/retention-limits"],
      edge: ["streams/retention-limits"],
    },
    ...within(
      { max_msgs: 3, max_msgs_per_subject: 2 },
      ...["a", "a", "a", "b", "c", "b"].map((name) =>
        request(`s.${name}`, "x")
      ),
      update({ name: "S", subjects: ["s.>"], max_msgs: 1 }),
      request("s.a", "x"),
    ),
  ),
  exchange(
    "publish: a status line is taken out",
    { positive: ["streams/status-headers"], edge: ["streams/status-headers"] },
    ...within(
      {},
      lines(
        "c",
        "HPUB s.a _INBOX.js 16 17",
        "NATS/1.0 503",
        "",
        "x",
      ),
      expect("c", "_INBOX.js"),
      lines(
        "c",
        "HPUB s.a _INBOX.js 27 27",
        "NATS/1.0 100 Idle",
        "K: v",
        "",
        "",
      ),
      expect("c", "_INBOX.js"),
      get(1),
      get(2),
    ),
  ),
  exchange(
    "publish: headers that only streams may set",
    {
      positive: ["streams/nats-stream-source"],
      edge: ["streams/nats-stream-source"],
    },
    ...within(
      {},
      request("s.a", "x", { "Nats-Stream-Source": "T 1" }),
      request("s.a", "x", { "Nats-Stream-Source": "" }),
    ),
  ),
];

const ROLLUPS: readonly Scenario[] = [
  exchange(
    "publish: rollups of a subject and of the stream",
    {
      positive: ["streams/nats-rollup-sub-all"],
      edge: ["streams/nats-rollup-sub-all"],
    },
    ...within(
      { allow_rollup_hdrs: true },
      ...["a", "b", "a"].map((name) => request(`s.${name}`, "x")),
      request("s.a", "x", { "Nats-Rollup": "sub" }),
      info("S", { subjects_filter: ">" }),
      request("s.c", "x", { "Nats-Rollup": "ALL" }),
      request("s.c", "x", { "Nats-Rollup": "what" }),
      request("s.c", "x", { "Nats-Rollup": 'É\u0002"' }),
    ),
  ),
  exchange(
    "publish: rollups where they are not allowed",
    { edge: ["streams/nats-rollup-sub-all"] },
    ...within({}, request("s.a", "x", { "Nats-Rollup": "sub" })),
  ),
  exchange(
    "publish: counters",
    {
      positive: ["streams/nats-incr", "streams/counters"],
      edge: ["streams/nats-incr", "streams/counters"],
    },
    ...within(
      { allow_msg_counter: true },
      ...["5", "-12", "+3", "x", "", "123456789012345678901234567890"].map((
        value,
      ) => request("s.a", "", { "Nats-Incr": value })),
      request("s.a", "x", { "Nats-Incr": "1" }),
      request("s.a", "x"),
      request("s.a", "", { "Nats-Incr": "1", "Nats-Rollup": "sub" }),
      request("s.a", "", { "Nats-Incr": "1", "Nats-Expected-Stream": "S" }),
      get(1),
      get(4),
    ),
  ),
  exchange(
    "publish: increments where nothing counts",
    { edge: ["streams/nats-incr"] },
    ...within({}, request("s.a", "", { "Nats-Incr": "1" })),
  ),
  exchange(
    "publish: times to live",
    { positive: ["streams/nats-ttl"], edge: ["streams/nats-ttl"] },
    ...within(
      { allow_msg_ttl: true },
      ...[
        "1",
        "1s",
        "2h",
        "never",
        "1.9s",
        "0",
        "-1",
        "0.5s",
        "x",
        "999ms",
        "9223372036854775808",
        "18446744073709551617",
      ].map((value, i) => request(`s.${i}`, "x", { "Nats-TTL": value })),
      pause(2600),
    ),
  ),
  exchange(
    "publish: times to live where they are not allowed",
    { edge: ["streams/nats-ttl", "streams/allow-msg-ttl"] },
    ...within(
      {},
      request("s.a", "x", { "Nats-TTL": "1" }),
      request("s.a", "x", { "Nats-TTL": "0" }),
      request("s.a", "x", { "Nats-TTL": "x" }),
    ),
  ),
  exchange(
    "publish: the end of a subject leaves a marker",
    {
      positive: ["streams/ttl-markers", "streams/allow-msg-ttl"],
      edge: ["streams/ttl-markers"],
    },
    ...within(
      { subject_delete_marker_ttl: 60 * SECOND, allow_msg_ttl: true },
      request("s.a", "x", { "Nats-TTL": "1h" }),
      request("s.a", "x", { "Nats-TTL": "2s" }),
      get(2),
      update({
        name: "S",
        subjects: ["s.>"],
        subject_delete_marker_ttl: 60 * SECOND,
        allow_msg_ttl: true,
        allow_rollup_hdrs: true,
        max_age: SECOND,
        duplicate_window: SECOND,
      }),
      request("s.b", "x", { "KV-Operation": "PURGE" }),
      pause(2600),
      get(3),
      get(4),
    ),
  ),
  exchange(
    "publish: the input transform decides about the subject",
    {
      positive: ["streams/input-transform"],
      edge: ["streams/input-transform"],
    },
    ...within(
      { subject_transform: { src: "s.in.*", dest: "s.out.{{wildcard(1)}}" } },
      request("s.in.1", "x"),
      request("s.other", "x"),
      request("s.in.1", "x", { "Nats-Expected-Last-Subject-Sequence": "1" }),
      get(1),
      get(2),
    ),
  ),
  exchange(
    "publish: published again once stored",
    { positive: ["streams/republish-2"], edge: ["streams/republish-2"] },
    lines("c", "SUB r.> 2"),
    ...within(
      { republish: { src: "s.*", dest: "r.{{wildcard(1)}}" } },
      publishing("s.a", "one"),
      expect("c", "one"),
      publishing("s.a", "two", { K: "v" }),
      expect("c", "two"),
      request("s.a.b", "not"),
      update({
        name: "S",
        subjects: ["s.>"],
        max_bytes: 40,
        republish: { src: "s.*", dest: "r.{{wildcard(1)}}" },
      }),
      publishing("s.a", "too large to stay".padEnd(60)),
      expect("c", "too large"),
      update({
        name: "S",
        subjects: ["s.>"],
        republish: { src: "s.>", dest: "r.>", headers_only: true },
      }),
      publishing("s.a", "three"),
      expect("c", "Nats-Msg-Size"),
    ),
  ),
  exchange(
    "publish: sealed streams",
    { positive: ["streams/sealed"], edge: ["streams/sealed"] },
    ...within(
      {},
      request("s.a", "x"),
      update({ name: "S", subjects: ["s.>"], sealed: true }),
      request("s.a", "x"),
      api("STREAM.PURGE.S"),
      api("STREAM.MSG.DELETE.S", { seq: 1 }),
    ),
  ),
];

function schedule(headers: Headers, subject = "s.plan"): Steps {
  return request(subject, "x", headers);
}

const AT = { "Nats-Schedule": "@at 2099-01-01T00:00:00Z" };
const TO = { ...AT, "Nats-Schedule-Target": "s.target" };

const SCHEDULES: readonly Scenario[] = [
  exchange(
    "schedule: what is refused",
    {
      positive: ["streams/nats-schedule-nats-scheduler"],
      edge: ["streams/nats-schedule-nats-scheduler"],
    },
    ...within(
      { allow_msg_schedules: true },
      ...[
        AT,
        TO,
        { ...AT, "Nats-Schedule-Target": "s.plan" },
        { ...AT, "Nats-Schedule-Target": "elsewhere" },
        { ...AT, "Nats-Schedule-Target": "s.*" },
        { ...TO, "Nats-Schedule-TTL": "x" },
        { ...TO, "Nats-Schedule-TTL": "1h" },
        { ...TO, "Nats-Schedule-Rollup": "all" },
        { ...TO, "Nats-Schedule-Rollup": "sub" },
        { ...TO, "Nats-Rollup": "all" },
        { ...TO, "Nats-Rollup": "sub" },
        { ...TO, "Nats-Schedule-Source": "s.target" },
        { ...TO, "Nats-Schedule-Source": "elsewhere" },
        { ...TO, "Nats-Schedule-Source": "s.source" },
        { ...TO, "Nats-Schedule-Time-Zone": "Mars/Base" },
        { ...TO, "Nats-Schedule-Time-Zone": "" },
        { ...TO, "Nats-Schedule-Time-Zone": "Europe/Berlin" },
        ...["Local", "utc", "EUROPE/Berlin", "US/Eastern", "us/eastern"].map(
          (zone) => ({ "Nats-Schedule-Time-Zone": zone }),
        ),
        { "Nats-Schedule-Next": "now", "Nats-Scheduler": "s.plan" },
        { "Nats-Schedule-Next": "purge" },
        { "Nats-Schedule-Next": "purge", "Nats-Scheduler": "s.plan" },
        { "Nats-Scheduler": "s.other" },
      ].map((headers) => schedule(headers)),
      get(1),
    ),
  ),
  exchange(
    "schedule: patterns",
    { edge: ["streams/nats-schedule-nats-scheduler"] },
    ...within(
      { allow_msg_schedules: true },
      ...[
        "@every 1s",
        "@every 999ms",
        "@every 1h30m",
        "@every x",
        "@at 2099-01-01T00:00:00+02:00",
        "@at tomorrow",
        "@at 2099-13-01T00:00:00Z",
        "@yearly",
        "@fortnightly",
        "* * * * * *",
        "* * * * *",
        "0 0 12 ? JAN-MAR mon,WED",
        "0 0 0 31 2 *",
        "60 * * * * *",
        "*/7 1-5 */2 1 * ?",
        "*/0 * * * * *",
        "0 0 0 * * 7",
        "5-1 * * * * *",
      ].map((pattern) => schedule({ ...TO, "Nats-Schedule": pattern })),
    ),
  ),
  exchange(
    "schedule: where there are none",
    { edge: ["streams/nats-schedule-nats-scheduler"] },
    ...within(
      {},
      schedule(TO),
      schedule({ "Nats-Schedule": "x" }),
      schedule({ "Nats-Schedule-Next": "purge", "Nats-Scheduler": "s.x" }),
    ),
  ),
  exchange(
    "schedule: a message is published when it is due",
    { positive: ["streams/nats-schedule-nats-scheduler"] },
    ...within(
      { allow_msg_schedules: true, allow_msg_ttl: true },
      schedule({
        "Nats-Schedule": "@at 2020-01-01T00:00:00Z",
        "Nats-Schedule-Target": "s.target",
        "Nats-Schedule-TTL": "1h",
        "Nats-Msg-Id": "one",
        K: "v",
      }),
      pause(700),
      get(2),
      request("s.source", "theirs", { L: "w" }),
      schedule({
        "Nats-Schedule": "@at 2020-01-01T00:00:00Z",
        "Nats-Schedule-Target": "s.target",
        "Nats-Schedule-Source": "s.source",
        "Nats-Schedule-Rollup": "sub",
      }),
      pause(700),
      get(5),
    ),
  ),
  exchange(
    "schedule: one that is taken back",
    { edge: ["streams/nats-schedule-nats-scheduler"] },
    ...within(
      { allow_msg_schedules: true },
      schedule({
        "Nats-Schedule": "@at 2099-01-01T00:00:00Z",
        "Nats-Schedule-Target": "s.target",
      }),
      request("s.target", "", {
        "Nats-Schedule-Next": "purge",
        "Nats-Scheduler": "s.plan",
      }),
    ),
  ),
];

/** Publishing to streams. */
export const STREAM_PUBLISHING: readonly Scenario[] = [
  ...CONDITIONS,
  ...ROLLUPS,
  ...SCHEDULES,
];

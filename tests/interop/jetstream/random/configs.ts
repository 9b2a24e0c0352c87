/**
 * Configurations of streams, sound and others.
 *
 * @module
 */

import type { Dice, Weighted } from "./dice.ts";
import type { Fields } from "./plan.ts";
import { ODD, PATTERNS, usualSubjects } from "./subjects.ts";

const MS = 1_000_000;
const SECOND = 1000 * MS;

type Make = (dice: Dice) => unknown;

const NUMBERS = [
  0,
  1,
  2,
  3,
  5,
  10,
  -1,
  -2,
  100,
  4294967296,
  "9223372036854775807",
];
const flag: Make = (dice) => dice.of(true, true, false);

/**
 * What may be set, and how often it is. First sequences stay below 2^53, and
 * other numbers, too, but for the largest.
 */
const FIELDS: readonly Weighted<readonly [string, Make]>[] = [
  [1, [
    "description",
    (d) => d.of("", "d", "<&>", "é\u2028x", "d".repeat(4097), '\u0001\u007f"'),
  ]],
  [3, [
    "retention",
    (d) => d.of("limits", "interest", "workqueue", "Limits", "", "bad"),
  ]],
  [1, ["max_consumers", (d) => d.of(...NUMBERS)]],
  [3, ["max_msgs", (d) => d.of(...NUMBERS)]],
  [2, ["max_bytes", (d) => d.of(...NUMBERS, 60, 100, 200, 500)]],
  [2, [
    "max_age",
    (d) =>
      d.of<unknown>(
        0,
        99 * MS,
        -1,
        3600 * SECOND,
        60 * SECOND,
        300 * SECOND,
        "9223372036854775807",
      ),
  ]],
  [3, ["max_msgs_per_subject", (d) => d.of(...NUMBERS)]],
  [2, [
    "max_msg_size",
    (d) => d.of(0, 1, 10, -1, -2, 20, 60, 2147483647, 2147483648),
  ]],
  [3, ["discard", (d) => d.of("old", "new", "new", "Old", "New", "bad", "")]],
  [2, [
    "storage",
    (d) => d.of("file", "memory", "any", "File", "MEMORY", ""),
  ]],
  [1, ["num_replicas", (d) => d.of(0, 1, 1, 2, 3, 5, 6, -1)]],
  [1, ["no_ack", flag]],
  [2, [
    "duplicate_window",
    (d) => d.of(0, SECOND, 99 * MS, -1, 3600 * SECOND, 121 * SECOND),
  ]],
  [1, [
    "placement",
    (d) =>
      d.of<unknown>(
        {},
        { cluster: "x" },
        { tags: ["A", "b"] },
        { preferred: "x" },
        null,
        { cluster: "" },
        "x",
      ),
  ]],
  [2, ["compression", (d) => d.of("none", "s2", "s2", "S2", "bad", "")]],
  [1, ["first_seq", (d) => d.of(0, 1, 2, 10, -1, 1000)]],
  [2, ["subject_transform", transform]],
  [2, ["republish", republish]],
  [3, ["allow_direct", flag]],
  [1, ["mirror_direct", flag]],
  [2, ["discard_new_per_subject", flag]],
  [1, ["sealed", flag]],
  [1, ["deny_delete", flag]],
  [1, ["deny_purge", flag]],
  [3, ["allow_rollup_hdrs", flag]],
  [1, [
    "consumer_limits",
    (d) =>
      d.of(
        {},
        { max_ack_pending: 5 },
        { inactive_threshold: SECOND },
        { max_ack_pending: -1, inactive_threshold: -1 },
        null,
      ),
  ]],
  [3, ["allow_msg_ttl", flag]],
  [2, [
    "subject_delete_marker_ttl",
    (d) => d.of(0, SECOND, SECOND - 1, -1, 60 * SECOND, 1500 * MS),
  ]],
  [2, ["allow_msg_counter", flag]],
  [3, ["allow_atomic", flag]],
  [2, ["allow_msg_schedules", flag]],
  [1, ["persist_mode", (d) => d.of("default", "async", "", "bad", "Async")]],
  [2, ["allow_batched", flag]],
  [2, [
    "metadata",
    (d) =>
      d.of<unknown>(
        {},
        { a: "b" },
        { "_nats.req.level": "9" },
        { "_nats.ver": "x", z: "1" },
        { "": "" },
        null,
        { b: "2", a: "1" },
        { "é<": "&" },
        { a: 1 },
        { a: null },
      ),
  ]],
  [1, ["pedantic", flag]],
  [1, ["template_owner", (d) => d.of("x", "")]],
  [0.5, ["unknown_field", (d) => d.of<unknown>(1, null, { a: [1] })]],
  [2, ["subjects", subjects]],
  [0.7, [
    "name",
    (d) => d.of("", "~B", "a.b", "a b", "a*", "n".repeat(256), "a/b", "é"),
  ]],
  [0.7, ["sources", (d) => d.times(d.below(3), () => origin(d))]],
  [0.5, ["mirror", (d) => d.of(origin(d), null)]],
];

/** A field and a value for it. */
export function randomField(dice: Dice): [string, unknown] {
  const [name, make] = dice.weighted(...FIELDS);
  return [name, make(dice)];
}

/** What may be wrong in many ways. */
export function randomConfig(dice: Dice, name: string): Fields {
  const config: Fields = {
    name,
    subjects: usualSubjects(dice, name),
    storage: dice.of("file", "memory"),
  };
  const count = dice.weighted([2, 0], [3, 1], [3, 2], [3, 3], [2, 5], [1, 8]);
  for (let i = 0; i < count; i++) {
    const [field, value] = randomField(dice);
    config[field] = value;
  }
  return config;
}

/** What is most likely right, so that there is a stream to do something to. */
export function soundConfig(dice: Dice, name: string): Fields {
  const config: Fields = {
    name,
    subjects: usualSubjects(dice, name),
    storage: dice.of("file", "memory"),
  };
  const set = (probability: number, field: string, ...values: unknown[]) => {
    if (dice.likely(probability)) config[field] = dice.of(...values);
  };
  set(0.6, "allow_direct", true);
  set(0.4, "allow_atomic", true);
  set(0.25, "allow_batched", true);
  set(0.3, "max_msgs", 1, 2, 3, 5, 10);
  set(0.15, "max_bytes", 60, 100, 150, 300);
  set(0.15, "max_msgs_per_subject", 1, 2, 3);
  set(0.1, "max_msg_size", 5, 10, 20, 60);
  set(0.1, "compression", "s2");
  set(0.1, "first_seq", 5, 100);
  set(0.15, "subject_transform", transform(dice));
  set(0.15, "republish", {
    src: dice.of("s.>", ">", "s.*"),
    dest: "r.>",
    headers_only: dice.likely(0.3),
  });
  set(0.4, "allow_rollup_hdrs", true);
  if (dice.likely(0.15)) return { ...config, allow_msg_counter: true };
  set(0.35, "allow_msg_ttl", true);
  set(0.15, "subject_delete_marker_ttl", SECOND, 60 * SECOND);
  if (dice.likely(0.25)) return { ...config, allow_msg_schedules: true };
  set(0.15, "retention", "interest", "workqueue");
  if (!dice.likely(0.3)) return config;
  return dice.likely(0.5) ? { ...config, discard: "new" } : {
    ...config,
    discard: "new",
    discard_new_per_subject: true,
    max_msgs_per_subject: dice.of(1, 2, 3),
  };
}

function transform(dice: Dice): unknown {
  return dice.weighted<unknown>(
    [3, {
      src: dice.of(...PATTERNS),
      dest: dice.of(
        "w.>",
        "w.{{wildcard(1)}}",
        "w.a",
        "x.$1",
        "x.{{partition(3,1)}}",
        "x.{{split(1,-)}}",
      ),
    }],
    [3, {
      src: dice.of("s.>", "t.>", "s.*", "t.*"),
      dest: dice.of("w.>", "q.{{wildcard(1)}}", "q.>", "s.>", "s.$1", "t.*"),
    }],
    [2, {
      src: "s.*.*",
      dest: dice.of(
        "s.{{wildcard(2)}}.{{wildcard(1)}}",
        "x.{{wildcard(3)}}",
        "x.{{partition(2,1,2)}}",
        "x.{{SliceFromLeft(1,1)}}",
        "x.{{left(1,1)}}.$2",
      ),
    }],
    [1, { src: "", dest: dice.of("x.>", "", ">", "x") }],
    [1, { src: dice.of(...ODD), dest: dice.of("w.>", "", "w..a", "w") }],
    [1, {
      src: "s.>",
      dest: dice.of("", "w", "w..>", "w.{{nothing(1)}}", ">", "$JS.>"),
    }],
    [1, dice.of<unknown>({ dest: "x.>" }, { src: ">" }, {}, null, "x", [], 3)],
  );
}

/** There is a destination: without, an update has Go publish messages without end. */
function republish(dice: Dice): unknown {
  return dice.weighted<unknown>(
    [3, {
      src: dice.of("s.>", "s.*", "t.>", ">", "", "s.a", "none"),
      dest: dice.of("r.>", "r.{{wildcard(1)}}", "r.a", "r.$1", "r.x.>"),
      headers_only: dice.likely(0.3),
    }],
    [1, { src: dice.of(...ODD), dest: dice.of("r.>", "r..a", "r") }],
    [1, { dest: dice.of("r.>", "r.*", ">", "s.>", "r..a", "r") }],
    [1, { src: ">", dest: ">" }],
  );
}

function subjects(dice: Dice): unknown {
  const some = (count: number) => dice.times(count, () => dice.of(...PATTERNS));
  return dice.weighted<unknown>(
    [4, some(1)],
    [3, some(2)],
    [2, some(3)],
    [2, [dice.of(...ODD)]],
    [1, [dice.of(...ODD), ...some(1)]],
    [1, []],
    [0.5, dice.of<unknown>(null, "s.a", [null], [1], {})],
  );
}

/** What a stream copies from: nothing that exists, so that nothing happens by chance. */
function origin(dice: Dice): Fields {
  const source: Fields = {
    name: dice.of("~N", "~M", "", "a.b", "a b", "*"),
  };
  const set = (probability: number, field: string, ...values: unknown[]) => {
    if (dice.likely(probability)) source[field] = dice.of(...values);
  };
  set(0.25, "opt_start_seq", 0, 1, 10, -1);
  set(0.1, "opt_start_time", "2020-01-01T00:00:00Z", "x", null);
  set(0.3, "filter_subject", "s.>", "s.a", "", "s..a", ">");
  set(0.25, "subject_transforms", [], [transform(dice)], null, [null], [
    transform(dice),
    transform(dice),
  ]);
  set(
    0.1,
    "external",
    { api: "x.API", deliver: "d" },
    { api: "$JS.API" },
    { api: "x.*" },
    { api: "x", deliver: "d.*" },
    {},
    null,
  );
  set(
    0.05,
    "consumer",
    { name: "c", deliver_subject: "dd" },
    { name: "a.b", deliver_subject: "dd" },
    {},
    null,
  );
  return source;
}

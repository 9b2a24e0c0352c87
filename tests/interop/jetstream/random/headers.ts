/**
 * Headers of messages, and batches of them.
 *
 * @module
 */

import type { Dice, Weighted } from "./dice.ts";
import type { Step } from "./plan.ts";
import { literal, SMALL } from "./subjects.ts";

type Value = (dice: Dice, subject: string) => string;

const number: Value = (d) =>
  d.weighted(
    [6, String(d.of(...SMALL))],
    [
      2,
      d.of(
        "x",
        "",
        "-1",
        "+1",
        "01",
        "1.0",
        " 1",
        "1 ",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775808",
        "0x1",
        "1e1",
        "१",
      ),
    ],
  );

/** Times to live are long: what expires does so at another moment each time. */
const ttl: Value = (d) =>
  d.weighted(
    [4, d.of("1h", "3600", "never", "100h")],
    [
      2,
      d.of(
        "0",
        "-1",
        "x",
        "",
        "999ms",
        "-1s",
        "0s",
        "Never",
        " 1h",
        "1h ",
        "1d",
        "2562048h",
        "9223372036854775808",
        "1h1",
        "1µs",
        ".5h",
        "+5h",
        "+5",
        "1e3s",
      ),
    ],
  );

const HEADERS: readonly Weighted<readonly [string, Value]>[] = [
  [4, ["Nats-Msg-Id", (d) => d.of("1", "2", "3", "", "a b", "é")]],
  [2, ["Nats-Expected-Stream", (d) => d.of("~A", "~A", "~B", "", "x")]],
  [3, ["Nats-Expected-Last-Sequence", number]],
  [4, ["Nats-Expected-Last-Subject-Sequence", number]],
  [2, [
    "Nats-Expected-Last-Subject-Sequence-Subject",
    (d, subject) =>
      d.of(subject, "s.a", "s.*", "s.>", "none", "", "s..a", "s.a b", "*.a"),
  ]],
  [1, ["Nats-Expected-Last-Msg-Id", (d) => d.of("1", "2", "", "x")]],
  [3, [
    "Nats-Rollup",
    (d) => d.of("sub", "all", "SUB", "All", "", "x", "sub ", 'é\u0002É"'),
  ]],
  [4, ["Nats-TTL", ttl]],
  [3, [
    "Nats-Incr",
    (d) =>
      d.of(
        "1",
        "+1",
        "-1",
        "-0",
        "+0",
        "5",
        "007",
        "x",
        "",
        "1 ",
        "1.0",
        "99999999999999999999999999",
        "+",
        "1_000",
        "0x10",
        "++1",
      ),
  ]],
  [1.5, [
    "Nats-Schedule",
    (d) =>
      d.of(
        "@at 2099-01-01T00:00:00Z",
        "@at 2098-01-01T00:00:00+02:00",
        "@every 1h",
        "@every 999ms",
        "0 0 5 1 1 *",
        "@yearly",
        "bad",
        "",
        "@at",
        "@at x",
        "@every",
        "* * * * *",
        "0 0 0 30 2 *",
        "@every -1s",
      ),
  ]],
  [2, [
    "Nats-Schedule-Target",
    (d, subject) => d.of("s.b", "s.c", "t", "", "s.*", "s..b", "x.y", subject),
  ]],
  [1, ["Nats-Schedule-TTL", ttl]],
  [1, [
    "Nats-Schedule-Source",
    (d, subject) => d.of("s.b", "s.c", "s.*", "", "x.y", subject),
  ]],
  [1, ["Nats-Schedule-Rollup", (d) => d.of("sub", "all", "x", "")]],
  [1, [
    "Nats-Schedule-Time-Zone",
    (d) =>
      d.of("UTC", "Europe/Berlin", "Mars/X", "", "Local", "utc", "EST", "../x"),
  ]],
  [0.5, ["Nats-Scheduler", (d) => d.of("s.a", "s.b", "x", "", "s.*")]],
  [0.5, ["Nats-Schedule-Next", (d) => d.of("purge", "x", "")]],
  [0.5, ["Nats-Batch-Id", (d) => d.of("b1", "", "x".repeat(65))]],
  [0.5, ["Nats-Batch-Sequence", number]],
  [0.5, ["Nats-Batch-Commit", (d) => d.of("1", "eob", "0", "", "x", "EOB")]],
  [0.5, ["Nats-Required-Api-Level", (d) => d.of("0", "2", "99", "x", "")]],
  [0.5, ["Nats-Stream-Source", (d) => d.of("x 1", "", "~A 1 > > s.a")]],
  [0.5, [
    "Nats-Counter-Sources",
    (d) => d.of('{"x":{"s.a":"5"}}', "", "x"),
  ]],
  [0.5, ["Nats-Marker-Reason", (d) => d.of("MaxAge", "Purge", "x", "")]],
  [0.5, ["KV-Operation", (d) => d.of("DEL", "PURGE", "x")]],
  [0.5, ["Nats-Sequence", () => "5"]],
  [0.5, ["Status", () => "503"]],
  [1, ["X", (d) => d.of("y", "", "é", "a:b", "  z")]],
];

function header(dice: Dice, subject: string): string {
  const [name, value] = dice.weighted(...HEADERS);
  const shown = dice.weighted(
    [20, name],
    [1, name.toLowerCase()],
    [1, name.toUpperCase()],
  );
  const colon = dice.weighted([20, ": "], [1, ":"], [0.5, " : "], [0.5, ":\t"]);
  return `${shown}${colon}${value(dice, subject)}`;
}

/** A message with some headers. */
export function publication(dice: Dice): Step {
  const subject = literal(dice);
  const count = dice.weighted([4, 0], [4, 1], [3, 2], [2, 3], [1, 5]);
  return {
    subject,
    body: dice.weighted(
      [6, dice.of("", "x", "yy", "hello")],
      [1, "b".repeat(dice.of(10, 40, 60, 100, 300))],
      [0.3, '{"val":"5"}'],
    ),
    headers: dice.times(count, () => header(dice, subject)),
    answers: "one",
  };
}

/** An atomic batch; something may be missing. */
export function atomicBatch(dice: Dice): Step[] {
  const id = dice.of("b1", "b1", "b2");
  const size = 1 + dice.below(4);
  const skips = dice.likely(0.1);
  return dice.times(size, () => dice.of("s.a", "s.b", "s.a", "s.c", "t")).map(
    (subject, i) => {
      const sequence = i + 1 + (skips && i > 0 ? 1 : 0);
      const headers = [
        `Nats-Batch-Id: ${id}`,
        `Nats-Batch-Sequence: ${sequence}`,
      ];
      if (i === size - 1 && dice.likely(0.9)) {
        const commit = dice.weighted([5, "1"], [2, "eob"], [0.5, "x"]);
        headers.push(`Nats-Batch-Commit: ${commit}`);
      }
      const more = dice.weighted([3, 0], [3, 1], [1, 2]);
      headers.push(...dice.times(more, () => header(dice, subject)));
      const body = dice.of("", "x", "b".repeat(30));
      return { subject, body, headers, answers: "one" };
    },
  );
}

/** Operations of fast batches. */
const BEGIN = 0;
const APPEND = 1;
const COMMIT = 2;
const END = 3;
const OPERATIONS = 6;

/** A fast batch of which a message is refused for this, Go may not end. */
const EXPECTED_ID = /^Nats-Expected-Last-Msg-Id/i;

/**
 * A fast batch. Where gaps are allowed, none goes back, as when one begins
 * again: Go may forget to answer.
 */
export function fastBatch(dice: Dice): Step[] {
  const gap = dice.of("ok", "fail");
  const id = gap === "ok" ? `f${dice.below(1e6)}` : dice.of("f1", "f1", "f2");
  const flow = dice.of(1, 2, 10, 10);
  const size = 1 + dice.below(4);
  let sequence = 0;
  return dice.times(size, () => dice.of("s.a", "s.b", "s.c")).map(
    (subject, i) => {
      const usual = i === 0
        ? BEGIN
        : i === size - 1
        ? dice.of(COMMIT, END)
        : APPEND;
      const operation = dice.weighted([8, usual], [1, dice.below(OPERATIONS)]);
      const count = dice.weighted([3, 0], [2, 1]);
      const headers = dice.times(count, () => header(dice, subject))
        .filter((line) => !EXPECTED_ID.test(line));
      if (gap === "ok" || dice.likely(0.9)) sequence++;
      if (dice.likely(0.06)) sequence++;
      return {
        subject,
        body: dice.of("", "x", "fff"),
        headers,
        answers: "any",
        reply: `_FB.${id}.${flow}.${gap}.${sequence}.${operation}.$FI`,
      };
    },
  );
}

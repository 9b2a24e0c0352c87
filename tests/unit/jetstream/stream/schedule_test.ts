import { assertEquals } from "@std/assert";
import { CronPattern } from "../../../../src/jetstream/stream/cron.ts";
import { parseMessageTtl } from "../../../../src/jetstream/stream/message_ttl.ts";
import { nextDue } from "../../../../src/jetstream/stream/schedule.ts";
import { TimeZone } from "../../../../src/jetstream/stream/time_zone.ts";

const at = (text: string) => Date.parse(text);
const nanos = (text: string) => BigInt(at(text)) * 1_000_000n;

/** When a pattern is due after a time. */
function next(pattern: string, after: string, zone = "UTC"): string | null {
  const found = CronPattern.parse(pattern)?.next(
    at(after),
    TimeZone.find(zone) ?? TimeZone.UTC,
  );
  return found === null || found === undefined
    ? null
    : new Date(found).toISOString();
}

Deno.test("cron - fields, ranges, steps, lists and names", () => {
  const after = "2026-03-10T10:20:30.500Z";
  const cases: [string, string][] = [
    ["* * * * * *", "2026-03-10T10:20:31.000Z"],
    ["0 * * * * *", "2026-03-10T10:21:00.000Z"],
    ["*/15 * * * * *", "2026-03-10T10:20:45.000Z"],
    ["5/20 * * * * *", "2026-03-10T10:20:45.000Z"],
    ["0 30-40/5 10 * * ?", "2026-03-10T10:30:00.000Z"],
    ["0 0 0 1 JAN *", "2027-01-01T00:00:00.000Z"],
    ["0 0 12 * * mon-fri", "2026-03-10T12:00:00.000Z"],
    ["0 0 0 29 2 *", "2028-02-29T00:00:00.000Z"],
    ["0,59 59 23 31 12 *", "2026-12-31T23:59:00.000Z"],
    // Either day is enough when none is a star.
    ["0 0 0 15 * sat", "2026-03-14T00:00:00.000Z"],
    // A star makes the other decide.
    ["0 0 0 15 * *", "2026-03-15T00:00:00.000Z"],
    // A star with a step is none.
    ["0 0 0 */10 * wed", "2026-03-11T00:00:00.000Z"],
  ];
  for (const [pattern, expected] of cases) {
    assertEquals(next(pattern, after), expected, pattern);
  }
});

Deno.test("cron - what is no pattern, or never comes", () => {
  const bad = [
    "",
    "* * * * *",
    "* * * * * * *",
    "60 * * * * *",
    "* 60 * * * *",
    "* * 24 * * *",
    "* * * 0 * *",
    "* * * 32 * *",
    "* * * * 13 *",
    "* * * * * 7",
    "5-1 * * * * *",
    "1-2-3 * * * * *",
    "1/2/3 * * * * *",
    "*/0 * * * * *",
    "a * * * * *",
    "-1 * * * * *",
    ", * * * * *",
  ];
  for (const pattern of bad) assertEquals(CronPattern.parse(pattern), null);
  assertEquals(next("0 0 0 31 2 *", "2026-01-01T00:00:00Z"), null);
});

Deno.test("cron - local time and its changes", () => {
  assertEquals(
    next("0 0 9 * * *", "2026-01-10T00:00:00Z", "America/New_York"),
    "2026-01-10T14:00:00.000Z",
  );
  assertEquals(
    next("0 30 0 * * *", "2026-01-10T00:00:00Z", "Asia/Kolkata"),
    "2026-01-10T19:00:00.000Z",
  );
  // The day on which clocks go forward has no 2:30.
  assertEquals(
    next("0 30 2 * * *", "2026-03-29T00:00:00Z", "Europe/Berlin"),
    "2026-03-30T00:30:00.000Z",
  );
  assertEquals(TimeZone.find("Nowhere/City"), null);
  assertEquals(TimeZone.find("+01:00"), null);
});

Deno.test("schedule - at a time, once", () => {
  const now = nanos("2026-01-01T00:00:00Z");
  assertEquals(nextDue("@at 2026-05-06T07:08:09.5Z", null, now, now), {
    at: nanos("2026-05-06T07:08:09.5Z"),
    repeats: false,
  });
  for (const bad of ["@at", "@at ", "@at now", "@at 2026-13-01T00:00:00Z"]) {
    assertEquals(nextDue(bad, null, now, now), null);
  }
  const zoned = nextDue("@at 2026-05-06T07:08:09Z", TimeZone.UTC, now, now);
  assertEquals(zoned, null);
});

Deno.test("schedule - at intervals of a second or more, overdue ones once", () => {
  const from = nanos("2026-01-01T00:00:00.600Z");
  assertEquals(nextDue("@every 90s", null, from, from), {
    at: nanos("2026-01-01T00:01:31Z"),
    repeats: true,
  });
  const now = nanos("2026-01-02T00:00:00.200Z");
  assertEquals(
    nextDue("@every 90s", null, from, now)?.at,
    nanos("2026-01-02T00:01:30Z"),
  );
  for (const bad of ["@every 999ms", "@every -1s", "@every x", "@every "]) {
    assertEquals(nextDue(bad, null, from, from), null);
  }
});

Deno.test("schedule - names for patterns", () => {
  const now = nanos("2026-03-10T10:20:30Z");
  const cases: [string, string][] = [
    ["@yearly", "2027-01-01T00:00:00Z"],
    ["@annually", "2027-01-01T00:00:00Z"],
    ["@monthly", "2026-04-01T00:00:00Z"],
    ["@weekly", "2026-03-15T00:00:00Z"],
    ["@daily", "2026-03-11T00:00:00Z"],
    ["@midnight", "2026-03-11T00:00:00Z"],
    ["@hourly", "2026-03-10T11:00:00Z"],
  ];
  for (const [name, expected] of cases) {
    assertEquals(nextDue(name, null, now, now)?.at, nanos(expected), name);
  }
  assertEquals(nextDue("@fortnightly", null, now, now), null);
});

Deno.test("message ttl - durations, seconds and never", () => {
  const cases: [string, number | undefined][] = [
    ["", 0],
    ["1s", 1],
    ["1.9s", 1],
    ["1h1m", 3660],
    ["999ms", undefined],
    ["-1s", undefined],
    ["10", 10],
    // A duration of nothing is too short, while no text is no limit.
    ["0", undefined],
    ["-1", undefined],
    ["never", -1],
    ["NEVER", -1],
    ["soon", undefined],
  ];
  for (const [text, expected] of cases) {
    assertEquals(parseMessageTtl(text), expected, text);
  }
});

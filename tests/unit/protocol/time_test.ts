/** Times as JSON shows them. */

import { assertEquals } from "@std/assert";
import {
  formatLocalTime,
  formatNanos,
  formatTime,
} from "../../../src/protocol/mod.ts";

Deno.test("times have no zeros at the end of their fraction", () => {
  assertEquals(formatNanos(0n), "1970-01-01T00:00:00Z");
  assertEquals(formatNanos(1_500_000_000n), "1970-01-01T00:00:01.5Z");
  assertEquals(formatNanos(1n), "1970-01-01T00:00:00.000000001Z");
  assertEquals(formatNanos(-1n), "1969-12-31T23:59:59.999999999Z");
  assertEquals(formatTime(1_234.5), "1970-01-01T00:00:01.2345Z");
});

Deno.test("local times tell how far they are from UTC", () => {
  assertEquals(formatNanos(0n, 330), "1970-01-01T05:30:00+05:30");
  assertEquals(formatNanos(1n, -210), "1969-12-31T20:30:00.000000001-03:30");
  const summer = { utcOffset: (at: number) => at < 1000 ? 0 : 60 };
  assertEquals(formatLocalTime(999, summer), "1970-01-01T00:00:00.999Z");
  assertEquals(formatLocalTime(1000, summer), "1970-01-01T01:00:01+01:00");
});

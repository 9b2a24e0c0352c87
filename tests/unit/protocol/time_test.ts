/** Times as JSON shows them. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatLocalTime,
  formatNanos,
  formatTime,
  TIME_SIZE,
  writeTime,
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

Deno.test("times are written as bytes as they are as text", () => {
  const written = (nanos: bigint) => {
    const bytes = new Uint8Array(TIME_SIZE + 1);
    const high = Number(nanos >> 32n);
    const low = Number(nanos & 0xffff_ffffn);
    const end = writeTime(bytes, 1, high, low);
    return new TextDecoder().decode(bytes.subarray(1, end));
  };
  const second = 1_000_000_000n;
  const times = [0n, 1n, second - 1n, second, 1_500_000_000n, -1n, -second];
  for (const time of [...times, 2n ** 62n, -(2n ** 62n)]) {
    assertEquals(written(time), formatNanos(time));
  }
  // Most are close to a full second, where what is rounded could tell.
  const near = fc.tuple(
    fc.bigInt({ min: -3_000_000_000n, max: 9_000_000_000n }),
    fc.bigInt({ min: -300n, max: 300n }),
  ).map(([seconds, nanos]) => seconds * second + nanos);
  const any = fc.bigInt({ min: -(2n ** 61n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(fc.oneof(near, any), (time) => {
      assertEquals(written(time), formatNanos(time));
    }),
    { numRuns: 2000 },
  );
});

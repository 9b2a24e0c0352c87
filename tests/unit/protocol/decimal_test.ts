import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodeByteString,
  writeDecimal,
  writeDigits,
} from "../../../src/protocol/mod.ts";

function written(value: number): string {
  const target = new Uint8Array(24);
  const end = writeDecimal(target, 3, value);
  assertEquals(target.subarray(0, 3), new Uint8Array(3));
  assertEquals(target.subarray(end).every((byte) => byte === 0), true);
  return decodeByteString(target, 3, end);
}

Deno.test("integers are written as they print", () => {
  for (let digits = 0; digits <= 15; digits++) {
    for (const value of [10 ** digits - 1, 10 ** digits, 10 ** digits + 1]) {
      assertEquals(written(value), String(value));
    }
  }
  for (const bits of [31, 32, 53]) {
    assertEquals(written(2 ** bits - 1), String(2 ** bits - 1));
  }
  fc.assert(fc.property(
    fc.oneof(fc.maxSafeNat(), fc.nat(), fc.nat(100_000)),
    (value) => assertEquals(written(value), String(value)),
  ));
});

Deno.test("so many digits are written, with zeros in front", () => {
  const target = new Uint8Array(12);
  assertEquals(writeDigits(target, 1, 1_234, 9), 10);
  assertEquals(decodeByteString(target, 1, 10), "000001234");
  assertEquals([target[0], target[10]], [0, 0]);
  writeDigits(target, 0, 999_999_999, 9);
  assertEquals(decodeByteString(target, 0, 9), "999999999");
});

import { assertEquals } from "@std/assert";
import { gunzipSync } from "node:zlib";
import {
  encodeMessage,
  encodeProfile,
  type Profile,
} from "../../../src/monitor/profiling/pprof.ts";

const MAIN = { name: "main", file: "/a.ts", line: 3 };
const WORK = { name: "work", file: "/a.ts", line: 200 };

const PROFILE: Profile = {
  types: [{ type: "cpu", unit: "nanoseconds" }],
  samples: [
    { stack: [WORK, MAIN], values: [300] },
    { stack: [MAIN], values: [0] },
  ],
  time: 1n << 60n,
  duration: 2 ** 40,
  period: { type: "cpu", unit: "nanoseconds", value: 1_000_000 },
  comments: ["why"],
};

/** Fields of a message: varints as numbers or big integers, the rest as bytes. */
function decode(bytes: Uint8Array): [number, bigint | Uint8Array][] {
  const fields: [number, bigint | Uint8Array][] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    if ((key & 7) === 0) {
      fields.push([key >> 3, varint()]);
      continue;
    }
    assertEquals(key & 7, 2, "an unexpected wire type");
    const length = Number(varint());
    fields.push([key >> 3, bytes.slice(at, at += length)]);
  }
  return fields;
}

function all(bytes: Uint8Array, field: number): Uint8Array[] {
  return decode(bytes).filter(([number]) => number === field).map(([, value]) =>
    value instanceof Uint8Array ? value : new Uint8Array()
  );
}

function numbers(bytes: Uint8Array): [number, bigint][] {
  return decode(bytes).flatMap(([field, value]) =>
    typeof value === "bigint" ? [[field, value] as [number, bigint]] : []
  );
}

Deno.test("pprof - texts stand once, the empty one first", () => {
  const texts = all(encodeMessage(PROFILE), 6).map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  assertEquals(texts, [
    "",
    "cpu",
    "nanoseconds",
    "work",
    "/a.ts",
    "main",
    "why",
  ]);
});

Deno.test("pprof - samples name locations, locations functions", () => {
  const message = encodeMessage(PROFILE);
  const [first, second] = all(message, 2).map(decode);
  assertEquals(first, [
    [1, Uint8Array.of(1, 2)],
    [2, Uint8Array.of(0xac, 0x02)],
  ]);
  assertEquals(second, [[1, Uint8Array.of(2)], [2, Uint8Array.of(0)]]);
  const [location] = all(message, 4);
  assertEquals(numbers(location ?? new Uint8Array()), [[1, 1n]]);
  const [line] = all(location ?? new Uint8Array(), 4);
  assertEquals(numbers(line ?? new Uint8Array()), [[1, 1n], [2, 200n]]);
  const functions = all(message, 5).map(numbers);
  assertEquals(functions, [
    [[1, 1n], [2, 3n], [3, 3n], [4, 4n], [5, 200n]],
    [[1, 2n], [2, 5n], [3, 5n], [4, 4n], [5, 3n]],
  ]);
});

Deno.test("pprof - times keep all their digits, and the period is told", () => {
  const message = encodeMessage(PROFILE);
  assertEquals(numbers(message), [
    [9, 1n << 60n],
    [10, 1n << 40n],
    [12, 1_000_000n],
    [14, 1n],
  ]);
  assertEquals(all(message, 13), [Uint8Array.of(6)]);
  const unnamed = encodeMessage({ ...PROFILE, types: [], samples: [] });
  assertEquals([all(unnamed, 2), all(unnamed, 4)], [[], []]);
});

Deno.test("pprof - a file is the message, packed", () => {
  assertEquals(
    new Uint8Array(gunzipSync(encodeProfile(PROFILE))),
    encodeMessage(PROFILE),
  );
});

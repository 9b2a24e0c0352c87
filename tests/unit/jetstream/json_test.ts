import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  readLeniently,
  readStrictly,
} from "../../../src/jetstream/json/read.ts";
import { JsonError } from "../../../src/jetstream/json/reading.ts";
import { STREAM_CONFIG_REQUEST } from "../../../src/jetstream/types/stream_config.ts";
import { CREATE_CONSUMER_REQUEST } from "../../../src/jetstream/types/consumer_config.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const stream = (text: string) =>
  readStrictly(STREAM_CONFIG_REQUEST, bytes(text));

/** Texts that Go 1.26 was asked for. */
const FAULTS: readonly (readonly [string, string])[] = [
  ['{"x":1}', 'json: unknown field "x"'],
  [
    '{"max_msgs":"a"}',
    "json: cannot unmarshal string into Go struct field " +
    "StreamConfigRequest.StreamConfig.max_msgs of type int64",
  ],
  [
    '{"max_msgs":1.5}',
    "json: cannot unmarshal number 1.5 into Go struct field " +
    "StreamConfigRequest.StreamConfig.max_msgs of type int64",
  ],
  [
    '{"subjects":"a"}',
    "json: cannot unmarshal string into Go struct field " +
    "StreamConfigRequest.StreamConfig.subjects of type []string",
  ],
  [
    '{"placement":{"tags":[1]}}',
    "json: cannot unmarshal number into Go struct field " +
    "Placement.StreamConfig.placement.tags of type string",
  ],
  ['{"retention":"x"}', 'can not unmarshal "\\"x\\""'],
  ['{"compression":"x"}', "unknown compression algorithm"],
  [
    "[]",
    "json: cannot unmarshal array into Go value of type server.StreamConfigRequest",
  ],
  ["{", "unexpected EOF"],
  [
    "{x",
    "invalid character 'x' looking for beginning of object key string at offset 2",
  ],
  ['{"a" 1}', "invalid character '1' after object key at offset 6"],
  [
    "[1 2]",
    "invalid character '2' after array element at offset 4",
  ],
  [
    '{"a":1 2}',
    "invalid character '2' after object key:value pair at offset 8",
  ],
  [
    '{"a":1,}',
    "invalid character '}' looking for beginning of object key string at offset 8",
  ],
  ["[1,]", "invalid character ']' looking for beginning of value at offset 4"],
  ["nul!", "invalid character '!' in literal null (expecting 'l') at offset 4"],
];

for (const [text, fault] of FAULTS) {
  Deno.test(`the fault of ${text} is told as Go does`, () => {
    assertEquals(assertThrows(() => stream(text), JsonError).message, fault);
  });
}

const nested = (depth: number, inside = "") =>
  "[".repeat(depth) + inside + "]".repeat(depth);

Deno.test("values may be nested as deep as Go allows", () => {
  const fault = (text: string) =>
    assertThrows(() => stream(text), JsonError).message;
  assertEquals(fault(`{"x":${nested(9_999)}}`), 'json: unknown field "x"');
  assertEquals(
    fault(nested(10_001)),
    "invalid character '[' exceeded max depth at offset 10001",
  );
  assertEquals(fault("[".repeat(10_000)), "unexpected EOF");
});

Deno.test("much inside of many lists is read once", () => {
  const text = `{"x":${nested(9_000, `"${"x".repeat(1_000_000)}"`)}}`;
  const start = performance.now();
  assertThrows(() => stream(text), JsonError, "unknown field");
  assert(performance.now() - start < 1_000);
});

Deno.test("a number of very many digits is refused at once", () => {
  const digits = "1".repeat(1_000_000);
  const start = performance.now();
  assertThrows(
    () => stream(`{"max_msgs":${digits}}`),
    JsonError,
    "json: cannot unmarshal number 111",
  );
  assert(performance.now() - start < 200);
});

Deno.test("what is right is read", () => {
  const { name, max_age, mirror, metadata, retention } = stream(
    '{"NAME":"A","max_age":5,"mirror":{"name":"B"},"metadata":{"a":"\\u00e9"},"retention":"interest"}',
  );
  assertEquals(
    { name, max_age, retention, of: mirror?.name, a: metadata.get("a") },
    { name: "A", max_age: 5, retention: "interest", of: "B", a: "é" },
  );
});

Deno.test("nothing at all is the zero value", () => {
  assertEquals(stream(""), STREAM_CONFIG_REQUEST.zero());
});

Deno.test("values that follow each other add up", () => {
  const { name, max_msgs } = stream('{"name":"A"} {"max_msgs":2}');
  assertEquals({ name, max_msgs }, { name: "A", max_msgs: 2 });
});

const startTime = (time: string) =>
  readStrictly(
    CREATE_CONSUMER_REQUEST,
    bytes(`{"config":{"opt_start_time":${JSON.stringify(time)}}}`),
  ).config.opt_start_time;

Deno.test("times keep their zone and lose their zeros", () => {
  assertEquals(
    startTime("2026-01-02T03:04:05.500+02:00"),
    "2026-01-02T03:04:05.5+02:00",
  );
});

const LAYOUT = '"2006-01-02T15:04:05Z07:00"';

for (
  const [time, fault] of [
    ["abc", `as ${LAYOUT}: cannot parse "abc" as "2006"`],
    ["2026-13-01T00:00:00Z", ": month out of range"],
    ["2026-02-30T00:00:00Z", ": day out of range"],
    ["2026-01-01T25:00:00Z", ": hour out of range"],
    ["2026-01-01T00:00:00", `as ${LAYOUT}: cannot parse "" as "Z07:00"`],
    ["2026-01-01", `as ${LAYOUT}: cannot parse "" as "T"`],
    ["2026-01-01T00:00:00Zx", `: extra text: "x"`],
    ["2026-01-01T00:00:00+25:00", ": time zone offset hour out of range"],
    ["", `as ${LAYOUT}: cannot parse "" as "2006"`],
  ] as const
) {
  Deno.test(`the fault of the time ${time} is told as Go does`, () => {
    const error = assertThrows(() => startTime(time), JsonError);
    const blank = fault.startsWith(":") ? "" : " ";
    assertEquals(
      error.message,
      `parsing time ${JSON.stringify(time)}${blank}${fault}`,
    );
  });
}

Deno.test("lenient reading passes over unknown fields", () => {
  const config = readLeniently(
    STREAM_CONFIG_REQUEST,
    bytes('{"x":1,"name":"A"}'),
  );
  assertEquals(config.name, "A");
  assertThrows(
    () => readLeniently(STREAM_CONFIG_REQUEST, bytes("{} x")),
    JsonError,
    "invalid character 'x' after top-level value",
  );
});

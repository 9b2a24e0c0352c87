import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  parsePullRequest,
  PullRequestError,
} from "../../../../src/jetstream/consumer/pull_request.ts";

function parse(text: string) {
  return parsePullRequest(new TextEncoder().encode(text));
}

Deno.test("requests by number, by text and without a word", () => {
  for (
    const [text, batch] of [
      ["", 1],
      ["  ", 1],
      ["5", 5],
      [" 7 ", 7],
      ["-1", -1],
      ["x", 1],
      ['"3"', 1],
      ["[3]", 1],
      ["1e3", 1],
    ] as const
  ) {
    const { body, formal } = parse(text);
    assertEquals([body.batch, formal], [batch, false], text);
  }
});

Deno.test("objects say more", () => {
  const { body, formal } = parse(
    '{"batch":3,"expires":1000,"no_wait":true,"group":"g","priority":2}',
  );
  assertEquals(formal, true);
  assertEquals(
    [body.batch, body.expires, body.no_wait, body.group, body.priority],
    [3, 1000, true, "g", 2],
  );
});

Deno.test("what can't be read is refused with Go's words", () => {
  assertThrows(() => parse("{"), PullRequestError, "unexpected end of JSON");
  assertThrows(
    () => parse('{"batch":"1"}'),
    PullRequestError,
    "cannot unmarshal string",
  );
  assertThrows(
    () => parse('{"idle_heartbeat":6,"expires":10}'),
    PullRequestError,
    "heartbeat value too large",
  );
});

Deno.test("the quick way and the careful way read the same", () => {
  const fields = fc.record({
    batch: fc.integer(),
    expires: fc.nat(),
    max_bytes: fc.integer(),
    no_wait: fc.boolean(),
    group: fc.string({ unit: "grapheme-ascii" }),
    id: fc.string(),
    other: fc.anything(),
  }, { requiredKeys: [] });
  fc.assert(fc.property(fields, (given) => {
    const quick = JSON.stringify(given);
    // A blank line makes no difference but that it takes the careful way.
    const careful = quick.replace("{", "{\n");
    let expected: unknown;
    let actual: unknown;
    try {
      expected = parse(careful);
    } catch (error) {
      expected = String(error);
    }
    try {
      actual = parse(quick);
    } catch (error) {
      actual = String(error);
    }
    assertEquals(actual, expected);
  }));
});

Deno.test("any bytes are a request or are refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    try {
      const { body } = parsePullRequest(bytes);
      assertEquals(typeof body.batch, "number");
    } catch (error) {
      assertEquals(error instanceof PullRequestError, true);
    }
  }));
});

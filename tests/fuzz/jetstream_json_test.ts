/**
 * The readers of JetStream's JSON, fed with arbitrary text: they accept nothing
 * that is no JSON, and what they have read they write and read again.
 *
 * Replay a failure with the seed it prints: `FUZZ_SEED=<seed> deno task test`.
 */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { readLeniently, readStrictly } from "../../src/jetstream/json/read.ts";
import { JsonError } from "../../src/jetstream/json/reading.ts";
import { CONSUMER_CONFIG } from "../../src/jetstream/types/consumer_config.ts";
import { STREAM_CONFIG } from "../../src/jetstream/types/stream_config.ts";

const seed = Number(Deno.env.get("FUZZ_SEED") ?? 20_260_731);
const parameters = { seed, numRuns: 3_000 };
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Text that is nearly a document: pieces of it are put in, out and twice. */
const damaged = fc.tuple(
  fc.json({ maxDepth: 4 }),
  fc.nat(),
  fc.nat(8),
  fc.constantFrom(
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "0",
    "-",
    "e",
    " ",
    "nul",
    "\u0000",
    "é",
  ),
).map(([text, at, cut, piece]) => {
  const from = at % (text.length + 1);
  return text.slice(0, from) + piece + text.slice(from + cut);
});

/** Configurations with fields of all types, some of them of a wrong one. */
const configuration = fc.record(
  Object.fromEntries(
    [
      "name",
      "subjects",
      "max_msgs",
      "max_age",
      "storage",
      "retention",
      "num_replicas",
      "sealed",
      "mirror",
      "sources",
      "metadata",
      "placement",
      "republish",
      "durable_name",
      "ack_policy",
      "backoff",
      "opt_start_time",
      "priority_groups",
    ].map((name) => [
      name,
      fc.oneof(
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(fc.string(), { maxLength: 3 }),
        fc.constantFrom("file", "limits", "explicit", "2024-01-01T00:00:00Z"),
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      ),
    ]),
  ),
  { requiredKeys: [] },
);

function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    assert(error instanceof JsonError, String(error));
    assert(error.message !== "");
    return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

Deno.test("fuzz: what is no JSON is refused, and nothing else breaks", () => {
  fc.assert(
    fc.property(damaged, (text) => {
      for (const kind of [STREAM_CONFIG, CONSUMER_CONFIG]) {
        const bytes = bytesOf(text);
        // The strict reader takes any number of documents, as Go's does.
        const isTaken = accepts(() => readStrictly<unknown>(kind, bytes));
        if (accepts(() => readLeniently<unknown>(kind, bytes))) {
          assert(isJson(text), text);
        } else if (isJson(text)) assert(!isTaken, text);
      }
    }),
    parameters,
  );
});

Deno.test("fuzz: bytes of any kind don't break the readers", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      accepts(() => readStrictly(STREAM_CONFIG, bytes));
      accepts(() => readLeniently(CONSUMER_CONFIG, bytes));
    }),
    parameters,
  );
});

Deno.test("fuzz: what was read is written and read again", () => {
  fc.assert(
    fc.property(configuration, (config) => {
      const bytes = bytesOf(JSON.stringify(config));
      for (const kind of [STREAM_CONFIG, CONSUMER_CONFIG]) {
        let text: string;
        try {
          text = (kind as typeof STREAM_CONFIG).write(
            readLeniently(kind as typeof STREAM_CONFIG, bytes),
          );
        } catch (error) {
          assert(error instanceof JsonError, String(error));
          continue;
        }
        assert(isJson(text), text);
        const again = readStrictly(kind as typeof STREAM_CONFIG, bytesOf(text));
        assertEquals((kind as typeof STREAM_CONFIG).write(again), text);
      }
    }),
    parameters,
  );
});

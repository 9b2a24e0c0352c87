/**
 * The configuration parser against damaged and random input: it answers with a
 * configuration or a {@linkcode ConfigSyntaxError}, and it answers soon.
 *
 * Replay a failure with the seed it prints: `FUZZ_SEED=<seed> deno task test`.
 *
 * @module
 */

import { assertEquals, assertInstanceOf, assertLess } from "@std/assert";
import fc from "fast-check";
import { ConfigSyntaxError } from "../../src/config/parsed_config.ts";
import { parseConfigFile } from "../../src/config/parser.ts";
import { print } from "../tools/print.ts";
import { memorySources } from "../unit/config/memory_sources.ts";
import golden from "../unit/config/conf_golden.json" with { type: "json" };

const seed = Number(Deno.env.get("FUZZ_SEED") ?? 20_260_731);
const RUNS = 3_000;

/** Milliseconds for one small input; ample, because machines may be busy. */
const PATIENCE = 2_000;

/** Fragments in which the language decides something. */
const FRAGMENTS = [
  ..."{}[]()\"'\\$#/;,:=-.\n\r\t \0",
  "\n)\n",
  "//",
  "\\x41",
  "\\xff",
  "$a",
  "$MAPV",
  "$SELF",
  "include ",
  "include inc.conf",
  "include main.conf",
  "a: 1",
  "m { x: y }",
  "[ 1, 2 ]",
  "5k",
  "1kbi",
  "1.5",
  "1.2.3.4",
  "2020-01-02T03:04:05Z",
  "99999999999999999999",
  "\u00a0",
  "\u2028",
  "٣",
  "😀",
];

const inputs: readonly string[] = golden.cases.map(({ input }) => input);

/** One change: what is cut at a fraction of the text, and what is put there. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat({ max: 4 }),
  put: fc.oneof(
    fc.constantFrom("", ...FRAGMENTS),
    fc.constantFrom(...inputs),
  ),
});

const damaged = fc
  .tuple(fc.constantFrom(...inputs), fc.array(change, { maxLength: 6 }))
  .map(([input, changes]) =>
    changes.reduce((text, { at, cut, put }) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + put + text.slice(start + cut);
    }, input)
  );

const fragments = fc
  .array(fc.constantFrom(...FRAGMENTS), { maxLength: 40 })
  .map((parts) => parts.join(""));

/** The digest, or the error; anything else fails the run. */
function outcome(input: string | Uint8Array): string {
  const sources = memorySources(
    { ...golden.files, "main.conf": input },
    golden.env,
  );
  const start = performance.now();
  try {
    return parseConfigFile("main.conf", sources).digest;
  } catch (error) {
    assertInstanceOf(error, ConfigSyntaxError);
    return error.message;
  } finally {
    assertLess(performance.now() - start, PATIENCE);
  }
}

function check(arbitrary: fc.Arbitrary<string | Uint8Array>): void {
  print(`seed ${seed}`);
  const property = fc.property(arbitrary, (input) => {
    assertEquals(outcome(input), outcome(input));
  });
  fc.assert(property, { seed, numRuns: RUNS });
}

Deno.test("damaged configurations are parsed or refused", () => {
  check(damaged);
});

Deno.test("fragments in any order are parsed or refused", () => {
  check(fragments);
});

Deno.test("any bytes are parsed or refused", () => {
  check(fc.uint8Array({ maxLength: 200 }));
});

Deno.test("every beginning of a configuration is parsed or refused", () => {
  for (const input of inputs) {
    for (let end = 0; end < input.length; end++) outcome(input.slice(0, end));
  }
});

Deno.test("inputs that repeat are parsed or refused in bounded time", () => {
  for (const fragment of FRAGMENTS) {
    outcome(fragment.repeat(20_000));
    outcome("a: " + fragment.repeat(20_000));
    outcome("a { b [ " + fragment.repeat(20_000));
  }
});

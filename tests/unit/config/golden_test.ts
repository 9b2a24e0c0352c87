/**
 * The configuration language against answers recorded from Go's parser.
 *
 * `conf_golden.json` holds inputs with Go's values, places and digest or its
 * error, and the environment and files that they draw on. `<file>` stands for
 * the input's own file and `$DIR` for its folder.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { parseConfigFile } from "../../../src/config/parser.ts";
import { ConfigSyntaxError } from "../../../src/config/parsed_config.ts";
import type { ConfigNode, ConfigValue } from "../../../src/config/value.ts";
import { capability } from "../../tools/capability.ts";
import { memorySources } from "./memory_sources.ts";
import golden from "./conf_golden.json" with { type: "json" };

interface GoldenCase {
  readonly input: string;
  readonly value?: unknown;
  readonly digest?: string;
  readonly error?: string;
}

const cases: readonly GoldenCase[] = golden.cases;

const FOLDER = "/etc/nats";
const FILE = `${FOLDER}/main.conf`;

function parse(input: string) {
  const files = Object.entries(golden.files)
    .map(([name, text]) => [`${FOLDER}/${name}`, text]);
  return parseConfigFile(
    FILE,
    memorySources({ ...Object.fromEntries(files), [FILE]: input }, golden.env),
  );
}

/** The recorded form of a value: Go's places and types, whatever JSON lacks. */
function recordValue(value: ConfigValue): unknown {
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") return { float: value };
  if (typeof value === "string") return value.toWellFormed();
  if (value instanceof Date) {
    return { time: value.toISOString().replace(".000Z", "Z") };
  }
  if (value instanceof Map) {
    return Object.fromEntries(
      [...value].map(([key, node]) => [key, recordNode(node)]),
    );
  }
  return Array.isArray(value) ? value.map(recordNode) : value;
}

function recordNode({ value, line, pos }: ConfigNode): unknown {
  return { line, pos, v: recordValue(value) };
}

/**
 * Drops the places of `actual` that Go does not record: values inside of an
 * environment variable have none there.
 */
function alignPlaces(actual: unknown, expected: unknown): unknown {
  if (!isRecord(actual)) return actual;
  if ("v" in actual && (!isRecord(expected) || !("v" in expected))) {
    return alignPlaces(actual.v, expected);
  }
  const aligned = Object.entries(actual).map(([key, value]) => [
    key,
    alignPlaces(value, isRecord(expected) ? expected[key] : undefined),
  ]);
  return Array.isArray(actual)
    ? aligned.map(([, value]) => value)
    : Object.fromEntries(aligned);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

const accepted = cases.filter((one) => one.error === undefined);
const refused = cases.filter((one) => one.error !== undefined);

Deno.test("the recorded answers are all there", () => {
  assertEquals(cases.length, 180);
  assertEquals(accepted.filter(({ digest }) => digest === undefined), []);
});

capability("recorded inputs that Go accepts have Go's values and places", {
  positive: [
    "config/statements",
    "config/arrays",
    "config/integers",
    "config/size-suffixes",
    "config/source-positions",
  ],
}, async (t) => {
  for (const { input, value } of accepted) {
    await t.step(JSON.stringify(input), () => {
      const actual = recordValue(parse(input).root);
      assertEquals(alignPlaces(actual, value), value);
    });
  }
});

capability("recorded inputs that Go accepts have Go's digest", {
  positive: ["config/digest"],
}, async (t) => {
  for (const { input, digest } of accepted) {
    await t.step(JSON.stringify(input), () => {
      assertEquals(parse(input).digest, digest);
    });
  }
});

capability("recorded inputs that Go refuses are refused in Go's words", {
  positive: ["config/lexer-errors"],
  edge: ["config/statements", "config/arrays", "config/integer-glued-to"],
}, async (t) => {
  for (const { input, error } of refused) {
    await t.step(JSON.stringify(input), () => {
      const thrown = assertThrows(() => parse(input), ConfigSyntaxError);
      const expected = error?.replace("<file>", FILE).replace("$DIR", FOLDER);
      assertEquals(thrown.message, expected);
    });
  }
});

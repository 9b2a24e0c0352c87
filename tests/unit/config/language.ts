/**
 * Helpers for tests of the configuration language.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { parseConfigFile } from "../../../src/config/parser.ts";
import { ConfigSyntaxError } from "../../../src/config/parsed_config.ts";
import type {
  ConfigMap,
  ConfigNode,
  ConfigValue,
} from "../../../src/config/value.ts";
import { memorySources } from "./memory_sources.ts";

/** What surrounds an input. */
export interface Surroundings {
  /** Further files by path; the input is `main.conf`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A value without places: maps are plain objects. */
export type Plain = unknown;

/** Parses `input` as the file `main.conf`. */
export function parseMain(
  input: string | Uint8Array,
  { files = {}, env = {} }: Surroundings = {},
): ConfigMap {
  const sources = memorySources({ ...files, "main.conf": input }, env);
  return parseConfigFile("main.conf", sources).root;
}

/** The values of a configuration, without places. */
export function plain(value: ConfigValue): Plain {
  if (value instanceof Map) {
    return Object.fromEntries(
      [...value].map(([key, node]) => [key, plain(node.value)]),
    );
  }
  return isList(value) ? value.map((node) => plain(node.value)) : value;
}

function isList(value: ConfigValue): value is readonly ConfigNode[] {
  return Array.isArray(value);
}

/** Expects `input` to mean `expected`. */
export function assertMeans(
  input: string | Uint8Array,
  expected: Readonly<Record<string, Plain>>,
  surroundings?: Surroundings,
): void {
  assertEquals(plain(parseMain(input, surroundings)), expected, String(input));
}

/** Expects every input to mean the same. */
export function assertAllMean(
  inputs: readonly string[],
  expected: Readonly<Record<string, Plain>>,
): void {
  for (const input of inputs) assertMeans(input, expected);
}

/** Expects `input` to be refused with exactly this message. */
export function assertRefused(
  input: string | Uint8Array,
  message: string,
  surroundings?: Surroundings,
): void {
  const error = assertThrows(
    () => parseMain(input, surroundings),
    ConfigSyntaxError,
  );
  assertEquals(error.message, message, String(input));
}

/** Expects `input` to be refused by the lexer, at `line`. */
export function assertLexerError(
  input: string | Uint8Array,
  line: number,
  message: string,
): void {
  assertRefused(input, `Parse error on line ${line}: '${message}'`);
}

/** The node at a path of keys. */
export function nodeAt(root: ConfigMap, ...path: string[]): ConfigNode {
  let node: ConfigNode | undefined;
  let map: ConfigValue = root;
  for (const key of path) {
    node = map instanceof Map ? map.get(key) : undefined;
    if (node === undefined) throw new Error(`no ${path.join(".")}`);
    map = node.value;
  }
  if (node === undefined) throw new Error("empty path");
  return node;
}

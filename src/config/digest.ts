/**
 * The digest of a configuration: SHA-256 over the JSON that Go's encoder makes
 * of it, so that both servers name equal configurations equally.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { isEscapedByte, toByteText } from "./byte_text.ts";
import { ConfigSyntaxError } from "./parsed_config.ts";
import type { ConfigMap, ConfigNode, ConfigValue } from "./value.ts";

/** How deep Go's encoder lets values nest. */
const MAX_DEPTH = 10_000;

/** What is still to be written: text as it is, or a value at a depth. */
type Work = string | { readonly value: ConfigValue; readonly depth: number };

/**
 * `sha256:<hex>` of a configuration.
 * @throws ConfigSyntaxError when it nests too deep for Go
 */
export function digest(root: ConfigMap): string {
  return "sha256:" + bytesToHex(sha256(utf8ToBytes(goJson(root) + "\n")));
}

/** The JSON of a configuration as Go writes it: keys sorted, HTML escaped. */
export function goJson(root: ConfigMap): string {
  const written: string[] = [];
  // A list of work rather than recursion: the nesting is the operator's choice.
  const work: Work[] = [{ value: root, depth: 0 }];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (typeof next === "string") written.push(next);
    else for (const piece of encode(next).reverse()) work.push(piece);
  }
  return written.join("");
}

/** The pieces of a value's JSON, in order. */
function encode({ value, depth }: Exclude<Work, string>): Work[] {
  if (value instanceof Map) return encodeMap(value, depth);
  if (Array.isArray(value)) return encodeArray(value, depth);
  return [encodeScalar(value)];
}

function encodeMap(map: ConfigMap, depth: number): Work[] {
  checkDepth(depth, "{");
  const keys = [...map.keys()].map((key) => ({ key, bytes: toByteText(key) }));
  keys.sort((a, b) => a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0);
  const pieces: Work[] = [];
  for (const { key } of keys) {
    const value = map.get(key)?.value;
    if (value === undefined) continue;
    pieces.push(`${pieces.length === 0 ? "{" : ","}${encodeString(key)}:`);
    pieces.push({ value, depth: depth + 1 });
  }
  return pieces.length === 0 ? ["{}"] : [...pieces, "}"];
}

function encodeArray(array: readonly ConfigNode[], depth: number): Work[] {
  checkDepth(depth, "[");
  const pieces = array.flatMap(({ value }, index): Work[] => [
    index === 0 ? "[" : ",",
    { value, depth: depth + 1 },
  ]);
  return pieces.length === 0 ? ["[]"] : [...pieces, "]"];
}

function encodeScalar(value: ConfigValue): string {
  if (typeof value === "string") return encodeString(value);
  if (value instanceof Date) {
    return `"${value.toISOString().replace(".000Z", "Z")}"`;
  }
  // Numbers look alike in both languages, but for this one.
  if (Object.is(value, -0)) return "-0";
  return String(value);
}

/** Escapes that have names; the rest are written as `\uXXXX`. */
const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

function encodeString(text: string): string {
  // deno-lint-ignore no-control-regex
  const special = /[\x00-\x1f"\\<>&\u2028\u2029]|\p{Surrogate}/gu;
  return `"${text.replace(special, escape)}"`;
}

function escape(char: string): string {
  const code = char.charCodeAt(0);
  const hex = isEscapedByte(code) ? "fffd" : code.toString(16);
  return NAMED_ESCAPES.get(char) ?? "\\u" + hex.padStart(4, "0");
}

function checkDepth(depth: number, bracket: string): void {
  if (depth <= MAX_DEPTH) return;
  throw new ConfigSyntaxError(
    "json: error calling MarshalJSON for type *conf.token: " +
      `invalid character '${bracket}' exceeded max depth`,
  );
}

/**
 * The functions of a transform's destination: `$1` and `{{name(arguments)}}`.
 *
 * @module
 */

import { MappingDestinationError } from "./errors.ts";

/**
 * What one token of a destination stands for. `wildcard` counts the `*` tokens
 * of the source from 1.
 */
export type TransformFunction =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "wildcard"; readonly wildcard: number }
  | {
    readonly kind: "partition";
    readonly buckets: number;
    /** Tokens to hash; none means the whole subject. */
    readonly wildcards: readonly number[];
  }
  | { readonly kind: "random"; readonly bound: number }
  | {
    readonly kind: "split";
    readonly wildcard: number;
    readonly delimiter: string;
  }
  | {
    readonly kind: CutKind;
    readonly wildcard: number;
    /** Bytes. */
    readonly size: number;
  };

/** Functions that cut a token by a number of bytes. */
export type CutKind =
  | "splitFromLeft"
  | "splitFromRight"
  | "sliceFromLeft"
  | "sliceFromRight"
  | "left"
  | "right";

type Kind = Exclude<TransformFunction["kind"], "literal">;

// White space as the Go server's regular expressions have it: JavaScript's
// own class would also take bytes of multi-byte characters for white space.
const SPACE = "[\\t\\n\\f\\r ]*";
const ARGUMENT_SEPARATOR = new RegExp(`,${SPACE}`);

/** In the order in which they are tried. */
const CALLS: readonly (readonly [Kind, RegExp])[] = [
  ["wildcard", call("[wW]ildcard")],
  ["partition", call("[pP]artition")],
  ["splitFromLeft", call("[sS]plit[fF]rom[lL]eft")],
  ["splitFromRight", call("[sS]plit[fF]rom[rR]ight")],
  ["sliceFromLeft", call("[sS]lice[fF]rom[lL]eft")],
  ["sliceFromRight", call("[sS]lice[fF]rom[rR]ight")],
  ["right", call("[rR]ight")],
  ["left", call("[lL]eft")],
  ["split", call("[sS]plit")],
  ["random", call("[rR]andom")],
];

function call(name: string): RegExp {
  return new RegExp(
    `\\{\\{${SPACE}${name}${SPACE}\\(([^\\n]*)\\)${SPACE}\\}\\}`,
  );
}

/** Whether a token looks like a function call, known or not. */
export function looksLikeCall(token: string): boolean {
  return token.length > 4 && token.startsWith("{{") && token.endsWith("}}");
}

/** Whether a token is a call of a known function, whatever its arguments. */
export function isKnownCall(token: string): boolean {
  return CALLS.some(([, pattern]) => pattern.test(token));
}

/**
 * Parses one token of a destination.
 * @throws MappingDestinationError
 */
export function parseFunction(token: string): TransformFunction {
  if (token.length > 1 && token.startsWith("$")) {
    const wildcard = parseInteger(token.slice(1));
    // Subjects that begin with $ are common, so this is no error.
    return wildcard === null
      ? { kind: "literal", text: token }
      : { kind: "wildcard", wildcard };
  }
  if (!looksLikeCall(token)) return { kind: "literal", text: token };
  for (const [kind, pattern] of CALLS) {
    const found = pattern.exec(token)?.[1];
    if (found !== undefined) {
      return parseCall(token, kind, found.split(ARGUMENT_SEPARATOR));
    }
  }
  throw new MappingDestinationError("unknown function", token);
}

function parseCall(
  token: string,
  kind: Kind,
  args: readonly string[],
): TransformFunction {
  const [first = "", second = ""] = args;
  switch (kind) {
    case "wildcard":
      if (first === "" && args.length === 1) throw tooFew(token);
      if (args.length > 1) throw tooMany(token);
      return { kind, wildcard: integerArgument(token, first) };
    case "partition":
      return {
        kind,
        buckets: countArgument(token, first),
        wildcards: args.slice(1).map((arg) => integerArgument(token, arg)),
      };
    case "random":
      // The same words as the Go server for too many arguments.
      if (args.length !== 1) throw tooFew(token);
      return { kind, bound: countArgument(token, first) };
    case "split": {
      requireTwo(token, args);
      const wildcard = integerArgument(token, first);
      if (/[ .]/.test(second)) throw invalid(token);
      return { kind, wildcard, delimiter: second };
    }
    default: {
      requireTwo(token, args);
      const wildcard = integerArgument(token, first);
      const size = integerArgument(token, second);
      if (size !== (size | 0)) throw invalid(token);
      return { kind, wildcard, size };
    }
  }
}

function requireTwo(token: string, args: readonly string[]): void {
  if (args.length < 2) throw tooFew(token);
  if (args.length > 2) throw tooMany(token);
}

/** A number of buckets: limited above, and wrapped to 32 bits below, as in Go. */
function countArgument(token: string, text: string): number {
  const count = integerArgument(token, text);
  if (count > 0x7fffffff) throw invalid(token);
  return count | 0;
}

function integerArgument(token: string, text: string): number {
  const value = parseInteger(text.replace(/^ +| +$/g, ""));
  if (value === null) throw invalid(token);
  return value;
}

/** A decimal integer of at most 64 bits, or `null`. */
function parseInteger(text: string): number | null {
  if (!/^[+-]?[0-9]+$/.test(text)) return null;
  const value = Number(text);
  return Math.abs(value) <= 2 ** 63 ? value : null;
}

function tooFew(token: string): MappingDestinationError {
  return new MappingDestinationError(
    "not enough arguments passed to the function",
    token,
  );
}

function tooMany(token: string): MappingDestinationError {
  return new MappingDestinationError(
    "too many arguments passed to the function",
    token,
  );
}

function invalid(token: string): MappingDestinationError {
  return new MappingDestinationError(
    "function argument is invalid or in the wrong format",
    token,
  );
}

/** The characters of UTF-8, and single bytes where it is malformed. */
const CHARACTER =
  /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[^]/g;

/** `token` split at `delimiter`, without the empty parts. */
export function splitToken(token: string, delimiter: string): string {
  const parts = delimiter === ""
    ? token.match(CHARACTER) ?? []
    : token.split(delimiter);
  return parts.filter((part) => part !== "").join(".");
}

/** `token` cut as `kind` says; unchanged when it is not longer than `size`. */
export function cutToken(kind: CutKind, token: string, size: number): string {
  if (size <= 0 || size >= token.length) return token;
  switch (kind) {
    case "left":
      return token.slice(0, size);
    case "right":
      return token.slice(-size);
    case "splitFromLeft":
      return `${token.slice(0, size)}.${token.slice(size)}`;
    case "splitFromRight":
      return `${token.slice(0, -size)}.${token.slice(-size)}`;
    case "sliceFromLeft":
      return chunks(token, 0, size);
    case "sliceFromRight":
      return chunks(token, token.length % size, size);
  }
}

/** `token` in pieces: the first `first` bytes, then `size` bytes each. */
function chunks(token: string, first: number, size: number): string {
  const pieces = first > 0 ? [token.slice(0, first)] : [];
  for (let at = first; at < token.length; at += size) {
    pieces.push(token.slice(at, at + size));
  }
  return pieces.join(".");
}

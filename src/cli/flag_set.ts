/**
 * Command line flags by the rules of Go's `flag` package: `-x` and `--x` are
 * the same, a value follows after `=` or as the next argument, a boolean takes
 * its value after `=` only, and flags end at `--` or at the first argument
 * that is none. Short flags can't be bundled: `-DV` is a flag of its own.
 *
 * @module
 */

import { quoteText } from "../log/mod.ts";

/** How a flag's value is written. */
export type FlagKind = "bool" | "int" | "string";

/** A flag: `target` is the setting that all its spellings share. */
export interface Flag {
  readonly target: string;
  readonly kind: FlagKind;
}

/** What a flag can be set to. */
export type FlagValue = boolean | number | string;

/** What a command line says. */
export interface ParsedFlags {
  /** Target → value; of several the last. */
  readonly values: ReadonlyMap<string, FlagValue>;
  /** Flags as they were spelled, without dashes. */
  readonly given: ReadonlySet<string>;
  /** Arguments after the flags. */
  readonly rest: readonly string[];
}

/** A command line that can't be understood; the message is Go's. */
export class FlagError extends Error {
  override readonly name = "FlagError";
}

const INT64_MAX = 2n ** 63n - 1n;
const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE = new Set(["0", "f", "F", "false", "FALSE", "False"]);
/** Go's integer literals; the first group is the sign. */
const INTEGER =
  /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;

/** Parses `args` by the flags in `known`. @throws FlagError at the first mistake */
export function parseFlags(
  known: ReadonlyMap<string, Flag>,
  args: readonly string[],
): ParsedFlags {
  const values = new Map<string, FlagValue>();
  const given = new Set<string>();
  let next = 0;
  while (next < args.length) {
    const argument = args[next] ?? "";
    if (argument.length < 2 || !argument.startsWith("-")) break;
    next++;
    if (argument === "--") break;
    const { name, value } = splitFlag(argument);
    const flag = known.get(name);
    if (flag === undefined) {
      throw new FlagError(`flag provided but not defined: -${name}`);
    }
    if (flag.kind === "bool") {
      values.set(flag.target, value === undefined || parseBool(name, value));
    } else {
      const text = value ?? args[next++];
      if (text === undefined) {
        throw new FlagError(`flag needs an argument: -${name}`);
      }
      values.set(
        flag.target,
        flag.kind === "int" ? parseInteger(name, text) : text,
      );
    }
    given.add(name);
  }
  return { values, given, rest: args.slice(next) };
}

function splitFlag(
  argument: string,
): { name: string; value: string | undefined } {
  const body = argument.slice(argument.startsWith("--") ? 2 : 1);
  if (body.startsWith("-") || body.startsWith("=")) {
    throw new FlagError(`bad flag syntax: ${argument}`);
  }
  const equals = body.indexOf("=");
  if (equals < 0) return { name: body, value: undefined };
  return { name: body.slice(0, equals), value: body.slice(equals + 1) };
}

function parseBool(name: string, text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new FlagError(
    `invalid boolean value ${quoteText(text)} for -${name}: parse error`,
  );
}

function parseInteger(name: string, text: string): number {
  const literal = INTEGER.exec(text);
  const reason = (words: string) =>
    new FlagError(
      `invalid value ${quoteText(text)} for flag -${name}: ${words}`,
    );
  if (literal === null) throw reason("parse error");
  const [, sign, digits = "0"] = literal;
  const plain = digits.replaceAll("_", "");
  // A leading zero alone means octal, as in Go and C.
  const magnitude = BigInt(
    /^0[0-7]/.test(plain) ? `0o${plain.slice(1)}` : plain,
  );
  const value = sign === "-" ? -magnitude : magnitude;
  if (value > INT64_MAX || value < -INT64_MAX - 1n) {
    throw reason("value out of range");
  }
  return Number(value);
}

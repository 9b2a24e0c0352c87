/**
 * Reads keys, and the paths that follow the keyword `include`.
 *
 * @module
 */

import { END, type Scanner } from "./scanner.ts";
import { take, takeQuoted } from "./scalar_lexer.ts";
import {
  isBlank,
  isDigit,
  isKeySeparator,
  isNewline,
  isSpace,
  rune,
  type Token,
} from "./token.ts";

const QUOTE = rune("'");
const DOUBLE_QUOTE = rune('"');
const SEMICOLON = rune(";");
const MAP_END = rune("}");

/**
 * Reads to the end of a key without quotes, whose first rune may be anything.
 * @returns the rune behind the key, not yet read
 */
export function readBareKey(scanner: Scanner): number {
  scanner.mark();
  scanner.next();
  while (true) {
    const code = scanner.peek();
    if (isSpace(code) || isKeySeparator(code) || code === END) return code;
    scanner.next();
  }
}

/**
 * Reads a key in quotes, the closing quote included.
 * @returns false when the text ends before
 */
export function readToQuote(scanner: Scanner, quote: number): boolean {
  scanner.mark();
  while (true) {
    const code = scanner.next();
    if (code === quote) return true;
    if (code !== END) continue;
    scanner.back();
    return false;
  }
}

/** Whether the key in progress is the keyword. */
export function isInclude(scanner: Scanner): boolean {
  return scanner.text().toLowerCase() === "include";
}

/** Reads the path of an include; the keyword has been read. */
export function includePath(scanner: Scanner): Token {
  scanner.mark();
  let code = scanner.next();
  while (isBlank(code)) {
    scanner.mark();
    code = scanner.next();
  }
  if (code === QUOTE || code === DOUBLE_QUOTE) return quotedPath(scanner, code);
  const unexpected = notAPath(code);
  if (unexpected !== undefined) {
    throw scanner.error(`Expected include value but found ${unexpected}`);
  }
  scanner.back();
  return barePath(scanner);
}

/** Why a rune can't begin a path. */
function notAPath(code: number): string | undefined {
  if (isDigit(code)) return "start of a number";
  switch (String.fromCodePoint(code)) {
    case "-":
      return "start of a number";
    case "[":
      return "start of an array";
    case "{":
      return "start of a map";
    case "(":
      return "start of a block";
    case "\\":
      return "escape sequence";
    case "\n":
    case "\r":
      return "new line";
    default:
      return undefined;
  }
}

function quotedPath(scanner: Scanner, quote: number): Token {
  if (readToQuote(scanner, quote)) return takeQuoted(scanner, "include");
  const kind = quote === QUOTE ? "quoted" : "double quoted";
  throw scanner.error(`Unexpected EOF in ${kind} include`);
}

/** A path without quotes; an apostrophe ends it and is dropped. */
function barePath(scanner: Scanner): Token {
  while (true) {
    const code = scanner.next();
    if (code === QUOTE) return takeQuoted(scanner, "include");
    if (
      isNewline(code) || isBlank(code) || code === END ||
      code === SEMICOLON || code === MAP_END
    ) {
      scanner.back();
      return take(scanner, "include");
    }
  }
}

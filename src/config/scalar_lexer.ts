/**
 * Reads the scalars of the configuration language: strings in their four
 * forms, numbers, dates and addresses. How a value is written decides what it
 * is; a scanner stands at (or just behind) its first rune.
 *
 * @module
 */

import {
  isBlank,
  isDigit,
  isNewline,
  rune,
  type Token,
  type TokenKind,
} from "./token.ts";
import { END, type Scanner, show } from "./scanner.ts";

const BACKSLASH = rune("\\");
const QUOTE = rune("'");
const DOUBLE_QUOTE = rune('"');
const COMMA = rune(",");
const SEMICOLON = rune(";");
const ARRAY_END = rune("]");
const MAP_END = rune("}");
const DASH = rune("-");
const DOT = rune(".");
const COLON = rune(":");
const BLOCK_END = rune(")");
const NEWLINE = rune("\n");

const BOOLEANS: ReadonlySet<string> = new Set(
  ["true", "false", "on", "off", "yes", "no"],
);

/** Ends the token in progress; `head` goes before what is left of the input. */
export function take(scanner: Scanner, kind: TokenKind, head = ""): Token {
  const text = head + scanner.text();
  const token = { kind, text, ...scanner.place(text.length) };
  scanner.mark();
  return token;
}

/** Ends the token in progress before its closing quote, which is dropped. */
export function takeQuoted(
  scanner: Scanner,
  kind: TokenKind,
  head = "",
): Token {
  scanner.back();
  const token = take(scanner, kind, head);
  scanner.next();
  scanner.mark();
  return token;
}

/** Whether a bare number ends here. `]` is no such end: `[1,2]` does not parse. */
function endsNumber(code: number): boolean {
  return isNewline(code) || isBlank(code) || code === END ||
    code === MAP_END || code === SEMICOLON || code === COMMA;
}

/**
 * A string without quotes, which may turn out to be a boolean or a variable.
 * An apostrophe ends it and is dropped. The scanner may stand inside it.
 */
export function bareString(scanner: Scanner): Token {
  let head = "";
  let escaped = false;
  while (true) {
    const code = scanner.next();
    if (code === BACKSLASH) {
      head += scanner.input.slice(scanner.start, scanner.end - 1);
      head += escapeSequence(scanner);
      escaped = true;
    } else if (code === QUOTE) {
      return takeQuoted(scanner, "string", head);
    } else if (endsNumber(code) || code === ARRAY_END) {
      scanner.back();
      return escaped ? take(scanner, "string", head) : bareWord(scanner);
    }
  }
}

function bareWord(scanner: Scanner): Token {
  if (BOOLEANS.has(scanner.text().toLowerCase())) {
    return take(scanner, "boolean");
  }
  if (!scanner.text().startsWith("$")) return take(scanner, "string");
  scanner.start++;
  return take(scanner, "variable");
}

/** A string in apostrophes, taken literally; the first one has been read. */
export function quotedString(scanner: Scanner): Token {
  scanner.mark();
  while (true) {
    const code = scanner.next();
    if (code === QUOTE) return takeQuoted(scanner, "string");
    if (code === END) return unterminated(scanner);
  }
}

/** A string in double quotes, with escapes; the first quote has been read. */
export function doubleQuotedString(scanner: Scanner): Token {
  scanner.mark();
  let head = "";
  while (true) {
    const code = scanner.next();
    if (code === BACKSLASH) {
      head += scanner.input.slice(scanner.start, scanner.end - 1);
      head += escapeSequence(scanner);
    } else if (code === DOUBLE_QUOTE) {
      return takeQuoted(scanner, "string", head);
    } else if (code === END) {
      return unterminated(scanner, head);
    }
  }
}

/** A quote that ends the text begins nothing; with anything behind it, it must end. */
export function unterminated(scanner: Scanner, head = ""): Token {
  if (scanner.end > scanner.start) throw scanner.error("Unexpected EOF.");
  return take(scanner, "end", head);
}

/** What the escape after a backslash stands for, as a byte string. */
function escapeSequence(scanner: Scanner): string {
  const code = scanner.next();
  const text = code === rune("x") ? hexByte(scanner) : simpleEscape(code);
  if (text === undefined) {
    throw scanner.error(
      `Invalid escape character '${show(code)}'. Only the following ` +
        'escape characters are allowed: \\xXX, \\t, \\n, \\r, \\", \\\\.',
    );
  }
  scanner.start = scanner.end;
  return text;
}

function simpleEscape(code: number): string | undefined {
  switch (String.fromCodePoint(code)) {
    case "t":
      return "\t";
    case "n":
      return "\n";
    case "r":
      return "\r";
    case '"':
      return '"';
    case "\\":
      return "\\";
    default:
      return undefined;
  }
}

function hexByte(scanner: Scanner): string {
  const expected = "Expected two hexadecimal digits after '\\x', but";
  for (let digit = 0; digit < 2; digit++) {
    if (isNewline(scanner.next())) {
      throw scanner.error(`${expected} hit end of line`);
    }
  }
  const digits = scanner.excerpt(scanner.end - 2, scanner.end);
  if (!/^[0-9a-f]{2}$/i.test(digits)) {
    throw scanner.error(`${expected} got '${digits}'`);
  }
  return String.fromCharCode(parseInt(digits, 16));
}

/**
 * A block string: everything up to a line that is just `)`. The opening
 * parenthesis has been read. A block that ends the text keeps its `)`.
 */
export function blockString(scanner: Scanner): Token {
  scanner.mark();
  while (true) {
    const code = scanner.next();
    if (code === END) throw scanner.error("Unexpected EOF processing block.");
    if (code !== BLOCK_END || !followsNewline(scanner)) continue;
    const after = scanner.next();
    scanner.back();
    if (after !== NEWLINE && after !== END) continue;
    // At the end of the text there is no rune to step back over.
    scanner.back();
    const token = take(scanner, "string");
    scanner.next();
    scanner.mark();
    return token;
  }
}

/** Whether the rune read last begins a line; reads it again. */
function followsNewline(scanner: Scanner): boolean {
  scanner.back();
  scanner.back();
  const before = scanner.next();
  scanner.next();
  return before === NEWLINE;
}

/** Anything that begins with a digit, which is next. */
export function number(scanner: Scanner): Token {
  scanner.next();
  while (true) {
    const code = scanner.next();
    if (isDigit(code)) continue;
    if (code === DASH) return date(scanner);
    if (code === DOT) return fraction(scanner);
    if (isSizeSuffix(code)) return sizedNumber(scanner);
    if (!endsNumber(code)) return bareString(scanner);
    scanner.back();
    return take(scanner, "integer");
  }
}

/** Anything that begins with a minus, which has been read. */
export function negativeNumber(scanner: Scanner): Token {
  const first = scanner.next();
  if (first === DOT) {
    throw scanner.error("Floats must start with a digit, not '.'.");
  }
  if (!isDigit(first)) {
    throw scanner.error(`Expected a digit but got '${show(first)}'.`);
  }
  while (true) {
    const code = scanner.next();
    if (isDigit(code)) continue;
    if (code === DOT) return fraction(scanner);
    if (isSizeSuffix(code)) return sizedNumber(scanner);
    scanner.back();
    return take(scanner, "integer");
  }
}

/** The rest of a number behind the first letter of its size suffix. */
function sizedNumber(scanner: Scanner): Token {
  let code = scanner.next();
  while (/^[bi]$/i.test(String.fromCodePoint(code))) code = scanner.next();
  scanner.back();
  return endsNumber(code) ? take(scanner, "integer") : bareString(scanner);
}

function isSizeSuffix(code: number): boolean {
  return /^[kmgtpe]$/i.test(String.fromCodePoint(code));
}

/** The rest of a number behind its point; a second point makes it an address. */
function fraction(scanner: Scanner): Token {
  let code = scanner.next();
  if (!isDigit(code)) {
    throw scanner.error(
      `Floats must have a digit after the '.', but got '${
        show(code)
      }' instead.`,
    );
  }
  while (isDigit(code)) code = scanner.next();
  if (code === DOT) return address(scanner);
  scanner.back();
  return take(scanner, "float");
}

function address(scanner: Scanner): Token {
  let code = scanner.next();
  while (
    isDigit(code) || code === DOT || code === COLON || code === DASH
  ) code = scanner.next();
  scanner.back();
  return take(scanner, "string");
}

/** The rest of a date behind the dash after its year. */
function date(scanner: Scanner): Token {
  if (scanner.end - scanner.start !== "2006-".length) {
    throw scanner.error("All ISO8601 dates must be in full Zulu form.");
  }
  for (const expected of "00-00T00:00:00Z") {
    const code = scanner.next();
    if (expected === "0") {
      if (!isDigit(code)) {
        throw scanner.error(
          `Expected digit in ISO8601 datetime, but found '${
            show(code)
          }' instead.`,
        );
      }
    } else if (code !== rune(expected)) {
      throw scanner.error(
        `Expected '${expected}' in ISO8601 datetime, but found '${
          show(code)
        }' instead.`,
      );
    }
  }
  return take(scanner, "date");
}

/**
 * The tokens of the configuration language and the runes that make them up.
 *
 * @module
 */

import type { Place } from "./scanner.ts";

/** What a token is; a value's kind is decided by how it is written. */
export type TokenKind =
  | "key"
  | "string"
  | "boolean"
  | "integer"
  | "float"
  | "date"
  | "variable" // without the `$`
  | "include" // the path
  | "map start"
  | "map end"
  | "array start"
  | "array end"
  | "end";

/** A token; `text` is a byte string with escapes resolved. */
export interface Token extends Place {
  readonly kind: TokenKind;
  readonly text: string;
}

/** The code of an ASCII character. */
export function rune(char: string): number {
  return char.charCodeAt(0);
}

/** Unicode white space: separates keys, and values inside maps and arrays. */
export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  // U+FEFF is white space to JavaScript, but not to Unicode.
  return code === 0x85 ||
    (code >= 0xa0 && code !== 0xfeff &&
      /^\s$/.test(String.fromCodePoint(code)));
}

/** White space that may stand before a value on its line. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Newline or carriage return. */
export function isNewline(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

/** A decimal digit of any script; only ASCII ones make a valid number in the end. */
export function isDigit(code: number): boolean {
  if (code < 0x80) return code >= 0x30 && code <= 0x39;
  return /^\p{Nd}$/u.test(String.fromCodePoint(code));
}

/** `=` or `:`. */
export function isKeySeparator(code: number): boolean {
  return code === 0x3d || code === 0x3a;
}

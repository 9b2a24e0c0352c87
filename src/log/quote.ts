/**
 * Go's `%q`: a double-quoted string literal of arbitrary bytes. Log lines,
 * error texts and payload traces use it, and tools read it back.
 *
 * @module
 */

import { isPrintable } from "./unicode15.ts";

const INVALID = -1;
const NAMED_ESCAPES: Readonly<Record<number, string>> = {
  0x07: "\\a",
  0x08: "\\b",
  0x09: "\\t",
  0x0a: "\\n",
  0x0b: "\\v",
  0x0c: "\\f",
  0x0d: "\\r",
  0x22: '\\"',
  0x5c: "\\\\",
};
const ASCII = Array.from({ length: 0x80 }, (_, byte) => asciiLiteral(byte));
const encoder = new TextEncoder();

/** Quotes bytes that are text only by intention: what is not UTF-8 becomes `\xNN`. */
export function quoteBytes(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): string {
  let quoted = '"';
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) {
      quoted += ASCII[byte];
      at++;
      continue;
    }
    const codePoint = decodeCodePoint(bytes, at, end);
    if (codePoint === INVALID) {
      quoted += `\\x${hex(byte, 2)}`;
      at++;
    } else {
      quoted += codePointLiteral(codePoint);
      at += codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }
  }
  return quoted + '"';
}

/** Quotes a string as its UTF-8 bytes; lone surrogates count as U+FFFD. */
export function quoteText(text: string): string {
  return quoteBytes(encoder.encode(text));
}

/**
 * The code point of the multi-byte sequence at `at`, or `INVALID` when the
 * sequence is truncated, overlong, a surrogate or beyond U+10FFFF.
 */
function decodeCodePoint(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0xc2 || lead > 0xf4) return INVALID;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > end) return INVALID;
  let codePoint = lead & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    if ((byte & 0xc0) !== 0x80) return INVALID;
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  const overlong = (length === 3 && codePoint < 0x800) ||
    (length === 4 && codePoint < 0x10000);
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return overlong || surrogate || codePoint > 0x10ffff ? INVALID : codePoint;
}

function asciiLiteral(byte: number): string {
  const named = NAMED_ESCAPES[byte];
  if (named !== undefined) return named;
  return byte < 0x20 || byte === 0x7f
    ? `\\x${hex(byte, 2)}`
    : String.fromCharCode(byte);
}

function codePointLiteral(codePoint: number): string {
  if (isPrintable(codePoint)) return String.fromCodePoint(codePoint);
  return codePoint < 0x10000
    ? `\\u${hex(codePoint, 4)}`
    : `\\U${hex(codePoint, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

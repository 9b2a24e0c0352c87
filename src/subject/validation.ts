/**
 * Which bytes make a subject.
 *
 * A subject is a sequence of non-empty tokens separated by dots. A token that
 * is exactly `*` matches any one token; a last token that is exactly `>`
 * matches one or more tokens. Anywhere else these bytes are ordinary.
 * A subject that a client may use also has no white space.
 *
 * @module
 */

import { subjectToBytes } from "./bytes.ts";

const TAB = 0x09;
const LF = 0x0a;
const FF = 0x0c;
const CR = 0x0d;
const SPACE = 0x20;
const STAR = 0x2a;
const DOT = 0x2e;
const REST = 0x3e;

/** What `classifySubject` found. */
export const SubjectClass = {
  /** An empty token, or a token behind `>`. */
  malformed: 0,
  /** Well-formed, without wildcards. */
  literal: 1,
  /** Well-formed, with at least one wildcard token. */
  pattern: 2,
} as const;

/** A value of `SubjectClass`. */
export type SubjectClass = typeof SubjectClass[keyof typeof SubjectClass];

/** Judges the token structure alone; white space is not looked at. */
export function classifySubject(
  view: DataView,
  start: number,
  end: number,
): SubjectClass {
  let kind: SubjectClass = SubjectClass.literal;
  let tokenStart = start;
  for (let i = start; i <= end; i++) {
    if (i < end && view.getUint8(i) !== DOT) continue;
    if (i === tokenStart) return SubjectClass.malformed;
    if (i === tokenStart + 1) {
      const only = view.getUint8(tokenStart);
      if (only === REST && i < end) return SubjectClass.malformed;
      if (only === REST || only === STAR) kind = SubjectClass.pattern;
    }
    tokenStart = i + 1;
  }
  return kind;
}

/** Whether a client may subscribe to `buffer[start, end)`. */
export function isValid(
  buffer: Uint8Array,
  start: number,
  end: number,
): boolean {
  return isWellFormed(buffer, start, end, true, true);
}

/**
 * Whether `buffer[start, end)` has neither empty nor wildcard tokens; what
 * pedantic connections are held to when they publish.
 */
export function isValidLiteral(
  buffer: Uint8Array,
  start: number,
  end: number,
): boolean {
  return isWellFormed(buffer, start, end, false, false);
}

function isWellFormed(
  buffer: Uint8Array,
  start: number,
  end: number,
  wildcards: boolean,
  refuseSpace: boolean,
): boolean {
  let tokenStart = start;
  for (let i = start; i <= end; i++) {
    const byte = i < end ? buffer[i] : DOT;
    if (byte === DOT) {
      if (i === tokenStart) return false;
      if (i === tokenStart + 1) {
        const only = buffer[tokenStart];
        if (only === REST && (!wildcards || i < end)) return false;
        if (only === STAR && !wildcards) return false;
      }
      tokenStart = i + 1;
    } else if (refuseSpace && isSpace(byte)) return false;
  }
  return true;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === LF || byte === CR ||
    byte === FF;
}

// The same rules for byte strings. The lookahead refuses what is special about
// one-byte tokens; a char beyond 0xFF is no byte and makes no subject.
const VALID =
  /^(?:(?!>\.)[^.\t\n\f\r \u0100-\uffff]+\.)*[^.\t\n\f\r \u0100-\uffff]+$/;
const VALID_LITERAL =
  /^(?:(?![*>]\.)[^.\u0100-\uffff]+\.)*(?![*>]$)[^.\u0100-\uffff]+$/;
const NOT_ASCII = /[\x80-\xff]/;
const WILDCARD_TOKEN = /(?:^|\.)[*>](?:\.|$)/;

/** Whether a client may subscribe to `subject`. */
export function isValidSubject(subject: string): boolean {
  return VALID.test(subject);
}

/** Whether `subject` has neither empty nor wildcard tokens. */
export function isValidLiteralSubject(subject: string): boolean {
  return VALID_LITERAL.test(subject);
}

/** Whether `subject` is valid and has no wildcards. */
export function isValidPublishSubject(subject: string): boolean {
  return isValidSubject(subject) && isLiteral(subject);
}

/** Whether a token of `subject`, which need not be valid, is a wildcard. */
export function hasWildcard(subject: string): boolean {
  return WILDCARD_TOKEN.test(subject);
}

/** Whether no token of `subject`, which need not be valid, is a wildcard. */
export function isLiteral(subject: string): boolean {
  return !hasWildcard(subject);
}

/**
 * The stricter check where a subject ends up as a key or in JSON: valid, no
 * NUL, well-formed UTF-8 and no U+FFFD, which tells of an earlier bad decoding.
 */
export function isValidTextSubject(subject: string): boolean {
  if (!isValidSubject(subject) || subject.includes("\0")) return false;
  if (!NOT_ASCII.test(subject)) return true;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(subjectToBytes(subject));
    return !text.includes("\ufffd");
  } catch {
    return false;
  }
}

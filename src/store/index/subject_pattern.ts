/**
 * Patterns compared with subjects that are bytes in an arena.
 *
 * @module
 */

import { BITS, firstDifference } from "./name_bits.ts";

const DOT = 0x2e;

/** What {@linkcode SubjectPattern.ruledOut} answers for subjects that match. */
export const MATCHES = -1;

/** What all subjects that `pattern` matches start with; all of a literal. */
export function prefixOf(pattern: string): string {
  let start = 0;
  for (;;) {
    const dot = pattern.indexOf(".", start);
    const end = dot < 0 ? pattern.length : dot;
    const wild = end - start === 1 &&
      (pattern[start] === "*" || (pattern[start] === ">" && dot < 0));
    if (wild) return pattern.slice(0, start);
    if (dot < 0) return pattern;
    start = dot + 1;
  }
}

/** One pattern, taken apart. */
export class SubjectPattern {
  /** Null for a wildcard. */
  readonly #tokens: readonly (Uint8Array | null)[];
  readonly #open: boolean;
  /** Whether it matches whatever starts as it does. */
  readonly isPrefix: boolean;

  constructor(pattern: string) {
    const tokens = pattern.split(".");
    this.#open = tokens.at(-1) === ">";
    if (this.#open) tokens.pop();
    this.isPrefix = this.#open && !tokens.includes("*");
    this.#tokens = tokens.map((token) =>
      token === "*"
        ? null
        : Uint8Array.from(token, (char) => char.charCodeAt(0))
    );
  }

  /**
   * How many of a subject's first bits tell already that it does not match, so
   * that none does that comes behind it, in the order of their bytes, and
   * begins with the same; {@linkcode MATCHES} if it does.
   * @param start of a valid literal subject in `bytes`
   */
  ruledOut(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    /** Where what is literal begins, behind the last wildcard. */
    let run = start;
    for (let i = 0; i < this.#tokens.length; i++) {
      const token = this.#tokens[i];
      if (i > 0) {
        if (at >= end || bytes[at] !== DOT) {
          return decided(bytes, start, run, at, end, DOT);
        }
        at++;
      }
      if (token === null || token === undefined) {
        while (at < end && bytes[at] !== DOT) at++;
        run = at + 1;
        continue;
      }
      for (let j = 0; j < token.length; j++, at++) {
        if (at < end && bytes[at] === token[j]) continue;
        return decided(bytes, start, run, at, end, token[j] ?? 0);
      }
    }
    if (this.#open) {
      const more = at < end && (bytes[at] === DOT || at === start);
      return more ? MATCHES : decided(bytes, start, run, at, end, DOT);
    }
    if (at === end) return MATCHES;
    // It goes on: what ends here would have come before.
    return (run - start) * BITS;
  }
}

/** At `at` should be `wanted`, and is something else, or nothing. */
function decided(
  bytes: Uint8Array,
  start: number,
  run: number,
  at: number,
  end: number,
  wanted: number,
): number {
  const before = (at - start) * BITS;
  if (at >= end) return before + 1;
  const byte = bytes[at] ?? 0;
  // What follows is larger than anything that matches.
  if (byte > wanted) return (run - start) * BITS;
  return before + 1 + firstDifference(byte, wanted);
}

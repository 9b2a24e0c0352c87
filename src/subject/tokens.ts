/**
 * Tokens of subjects given as byte strings, and relations between patterns.
 *
 * @module
 */

import { hasWildcard } from "./validation.ts";

/** The tokens of a subject, which need not be valid. */
export function tokenize(subject: string): string[] {
  return subject.split(".");
}

/** How many tokens a subject has; 0 for the empty one. */
export function numTokens(subject: string): number {
  if (subject === "") return 0;
  let count = 1;
  for (let i = 0; i < subject.length; i++) {
    if (subject.charCodeAt(i) === 0x2e) count++;
  }
  return count;
}

/** The token at a position counted from 1; empty beyond the last. */
export function tokenAt(subject: string, position: number): string {
  let start = 0;
  for (let i = 1; i < position; i++) {
    const dot = subject.indexOf(".", start);
    if (dot < 0) return "";
    start = dot + 1;
  }
  if (position < 1) return "";
  const dot = subject.indexOf(".", start);
  return dot < 0 ? subject.slice(start) : subject.slice(start, dot);
}

/** Whether every subject that `subject` matches is matched by `pattern`. */
export function isSubsetMatch(subject: string, pattern: string): boolean {
  return isSubsetMatchTokenized(tokenize(subject), tokenize(pattern));
}

/** The same for subjects split into tokens. */
export function isSubsetMatchTokenized(
  tokens: readonly string[],
  pattern: readonly string[],
): boolean {
  for (const [i, wanted] of pattern.entries()) {
    const token = tokens[i];
    if (token === undefined || wanted === "") return false;
    if (wanted === ">") return true;
    if (token === "" || token === ">") return false;
    if (wanted !== "*" && wanted !== token) return false;
  }
  return tokens.length === pattern.length;
}

/**
 * Whether the literal subject `literal` is matched by `pattern`. In the former,
 * `*` and `>` are nothing special.
 */
export function matchesPattern(literal: string, pattern: string): boolean {
  if (!hasWildcard(pattern)) return literal === pattern;
  const tokens = tokenize(literal);
  const wanted = tokenize(pattern);
  if (tokens.includes("")) return false;
  for (const [i, want] of wanted.entries()) {
    if (want === ">" && i === wanted.length - 1) return tokens.length > i;
    if (want !== "*" && want !== tokens[i]) return false;
  }
  return tokens.length === wanted.length;
}

/** Whether some literal subject is matched by both. */
export function subjectsCollide(a: string, b: string): boolean {
  if (a === b) return true;
  const one = tokenize(a);
  const other = tokenize(b);
  const shared = Math.min(one.length, other.length);
  for (let i = 0; i < shared; i++) {
    const left = one[i];
    const right = other[i];
    const isGap = left === "" || right === "";
    if (left === ">" || right === ">") {
      // Only of literals nobody looks at what `>` takes.
      return !isGap || !hasWildcard(a) || !hasWildcard(b);
    }
    if (isGap) return false;
    if (left !== "*" && right !== "*" && left !== right) return false;
  }
  return one.length === other.length;
}

/**
 * Which of many subjects somebody is interested in.
 *
 * @module
 */

import { matchesPattern } from "./tokens.ts";
import { hasWildcard } from "./validation.ts";

/** Filters of one literal do without a set. */
const NO_LITERALS: ReadonlySet<string> = new Set();

/** A set of patterns as one. No patterns, or `>` among them: everything. */
export class SubjectFilter {
  /** Lets everything through. */
  static readonly ALL: SubjectFilter = new SubjectFilter([]);

  readonly isAll: boolean;
  /** The only pattern, when it is a literal; else null. */
  readonly literal: string | null;
  readonly #literals: ReadonlySet<string>;
  readonly #patterns: readonly string[];

  private constructor(
    /** Byte strings; empty for everything. */
    readonly subjects: readonly string[],
  ) {
    this.isAll = subjects.length === 0;
    const [only] = subjects;
    const isLiteral = subjects.length === 1 && only !== undefined &&
      !hasWildcard(only);
    this.literal = isLiteral ? only : null;
    this.#literals = isLiteral
      ? NO_LITERALS
      : new Set(subjects.filter((each) => !hasWildcard(each)));
    this.#patterns = isLiteral ? [] : subjects.filter(hasWildcard);
  }

  /** @param subjects byte strings; empty ones count as `>` */
  static of(...subjects: readonly string[]): SubjectFilter {
    const all = subjects.some((each) => each === "" || each === ">");
    return all || subjects.length === 0
      ? SubjectFilter.ALL
      : new SubjectFilter(subjects);
  }

  /** @param subject a literal, byte string */
  matches(subject: string): boolean {
    if (this.isAll) return true;
    if (this.literal !== null) return subject === this.literal;
    if (this.#literals.size > 0 && this.#literals.has(subject)) return true;
    for (const pattern of this.#patterns) {
      if (matchesPattern(subject, pattern)) return true;
    }
    return false;
  }
}

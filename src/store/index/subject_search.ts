/**
 * Finds the subjects that a filter lets through, with rests in between.
 *
 * @module
 */

import {
  hasWildcard,
  matchesPattern,
  type SubjectFilter,
} from "../../subject/mod.ts";
import { MATCHES, prefixOf, SubjectPattern } from "./subject_pattern.ts";
import type { SubjectTable } from "./subject_table.ts";
import { END, type TreeWalk } from "./tree_walk.ts";

/** A filter taken apart. */
export class Sieve {
  readonly wild: readonly string[];
  readonly patterns: readonly SubjectPattern[];
  readonly literals: readonly string[];
  readonly #filter: SubjectFilter;

  constructor(filter: SubjectFilter) {
    this.#filter = filter;
    const patterns = filter.isAll ? [">"] : [...new Set(filter.subjects)];
    this.wild = patterns.filter(hasWildcard);
    this.patterns = this.wild.map((each) => new SubjectPattern(each));
    this.literals = patterns.filter((each) => !hasWildcard(each));
  }

  /** Whether it lets a subject of `table` through. */
  lets(table: SubjectTable, id: number): boolean {
    const { patterns } = this;
    for (let i = 0; i < patterns.length; i++) {
      const bits = table.ruledOut(id, patterns[i] as SubjectPattern);
      if (bits === MATCHES) return true;
    }
    return this.literals.length > 0 && this.#filter.matches(table.name(id));
  }
}

/**
 * One search. First come those that match a pattern with wildcards, pattern by
 * pattern and in the order of their bytes, then literals. Subjects may come and
 * go while it rests: each that is there all the time is found once.
 */
export class SubjectSearch {
  readonly #table: SubjectTable;
  readonly #wild: readonly string[];
  readonly #patterns: readonly SubjectPattern[];
  readonly #literals: readonly string[];
  /** The pattern of which the walk is; behind them, the next literal. */
  #at = 0;
  #walk: TreeWalk | null = null;

  constructor(table: SubjectTable, { wild, patterns, literals }: Sieve) {
    this.#table = table;
    this.#wild = wild;
    this.#patterns = patterns;
    this.#literals = literals;
  }

  /**
   * Looks at up to `most` subjects.
   * @param visit called with those that are let through; must not change any
   * @returns whether there is more to look at
   */
  step(most: number, visit: (id: number) => void): boolean {
    for (let i = 0; i < most; i++) {
      if (this.#at >= this.#wild.length) {
        if (!this.#literal(visit)) return false;
      } else this.#look(visit);
    }
    this.#walk?.rest();
    return true;
  }

  /** Looks at all that are left. */
  run(visit: (id: number) => void): void {
    while (this.step(Infinity, visit));
  }

  /** Whether a subject that the filter lets through was found, or would have been. */
  hasFound(subject: string): boolean {
    const literal = this.#literals.indexOf(subject);
    return literal >= 0 && literal < this.#at - this.#wild.length ||
      this.#wild.some((pattern, i) =>
        matchesPattern(subject, pattern) && this.#isDone(i, subject)
      );
  }

  #isDone(pattern: number, subject: string): boolean {
    if (pattern !== this.#at) return pattern < this.#at;
    return this.#walk !== null && this.#walk.hasPassed(subject);
  }

  /** Looks at one subject. */
  #look(visit: (id: number) => void): void {
    const table = this.#table;
    const pattern = this.#patterns[this.#at] as SubjectPattern;
    const walk = this.#walk ??= table.walk(
      prefixOf(this.#wild[this.#at] ?? ""),
    );
    const id = walk.next();
    if (id === END) {
      this.#walk = null;
      this.#at++;
      return;
    }
    if (!pattern.isPrefix) {
      const bits = table.ruledOut(id, pattern);
      if (bits !== MATCHES) return walk.skip(bits);
    }
    if (!this.#isKnown(id, this.#at)) visit(id);
  }

  /** Looks at one literal. @returns false: there is none */
  #literal(visit: (id: number) => void): boolean {
    const literal = this.#literals[this.#at - this.#wild.length];
    if (literal === undefined) return false;
    this.#at++;
    const id = this.#table.find(literal);
    const isThere = id >= 0;
    if (isThere && !this.#isKnown(id, this.#wild.length)) visit(id);
    return true;
  }

  /** Whether one of the first `count` patterns matches a subject. */
  #isKnown(id: number, count: number): boolean {
    for (let i = 0; i < count; i++) {
      const pattern = this.#patterns[i] as SubjectPattern;
      if (this.#table.ruledOut(id, pattern) === MATCHES) return true;
    }
    return false;
  }
}

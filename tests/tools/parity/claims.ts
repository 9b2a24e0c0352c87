/**
 * Reads from a test's name which rows it proves: the inverse of
 * `claimedName` in `tests/tools/capability.ts`.
 *
 * @module
 */

/** Rows that a test names. */
export interface RowClaims {
  readonly positive: readonly string[];
  readonly edge: readonly string[];
}

/** Every `[+area/row !area/other-row]` of a title. */
export function claimsOf(title: string): RowClaims {
  const groups = title.matchAll(
    /\[([+!][^\s\]]+\/[^\s\]]+(?: [+!][^\s\]]+)*)\]/g,
  );
  const marks = [...groups].flatMap(([, group = ""]) => group.split(" "));
  return { positive: marked(marks, "+"), edge: marked(marks, "!") };
}

function marked(marks: readonly string[], sign: string): string[] {
  const ids = marks.filter((mark) => mark.startsWith(sign)).map((mark) =>
    mark.slice(1)
  );
  return [...new Set(ids)];
}

/** The name without its claims, for readers. */
export function withoutClaims(testName: string): string {
  return testName.replace(
    / \[([+!][^\s\]]+\/[^\s\]]+(?: [+!][^\s\]]+)*)\]/g,
    "",
  );
}

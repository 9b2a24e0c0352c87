/**
 * Names and subjects that streams of random plans share.
 *
 * @module
 */

import type { Dice } from "./dice.ts";

/** Streams. */
export const NAMES = ["~A", "~B", "~C"] as const;

export const PATTERNS = [
  "s.>",
  "s.*",
  "s.a",
  "s.b",
  "t.>",
  "t",
  "t.*",
  "u.*.b",
  "u.>",
  "*.x",
  "w.>",
  "w.a",
  "w",
] as const;

/**
 * Some are no subjects. What Go finds with `>` in between depends on how it
 * searches.
 */
export const FILTERS = [
  "s.>",
  "s.*",
  "s.a",
  "*.a",
  ">",
  "*",
  "*.*",
  "t.>",
  "t",
  "none",
  "s.*.b",
  "",
  "u.a.b",
  "s..a",
  "s.a b",
  "*.*.>",
  " ",
  "S.a",
] as const;

/** What a stream can't capture, or not so easily. */
export const ODD = [
  "",
  "a..b",
  ".a",
  "a.",
  "a b",
  "v.>.x",
  ">",
  "$JS.API.x",
  "$JS.>",
  "$SYS.x",
  "$NRG.a",
  "$JSC.x",
  "*.*",
  "*",
  "a.\tb",
  "s.a*",
  "s.>a",
  "sé",
  "a\u0000b",
] as const;

export const PAST = "2020-01-01T00:00:00Z";
export const FUTURE = "2099-01-01T00:00:00Z";

/** Sequences and counts that matter in short streams. */
export const SMALL = [0, 1, 2, 3, 4, 5, 10, 100] as const;

/** A subject to publish to. */
export function literal(dice: Dice): string {
  return dice.weighted(
    [6, dice.of("s.a", "s.b", "s.a", "s.c")],
    [3, dice.of("s.a.b", "s.b.c", "t", "t.a", "t.b", "u.a.b", "u.x", "w.a")],
    [0.3, dice.of("w", "x.y", "q.x")],
  );
}

/** The subjects that a stream captures when nothing is odd. */
export function usualSubjects(dice: Dice, name: string): string[] {
  switch (name) {
    case "~A":
      return dice.of(["s.>"], ["s.>"], ["s.*"], ["s.a", "s.b"], ["s.>", "t"], [
        "s.*",
        "s.*.*",
      ]);
    case "~B":
      return dice.of(["t.>"], ["t.>", "t"], ["t"], ["t.*", "u.>"], ["s.>"]);
    default:
      return dice.of(["w.>"], ["u.>", "w"], ["s.c"]);
  }
}

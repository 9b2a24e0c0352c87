/**
 * Sorting that leaves others their turns.
 *
 * @module
 */

import type { Work } from "./work.ts";

/** Entries that are sorted, or merged, between two rests. */
const RUN = 512;

/** Sorts step by step: short runs, which are merged by twos. */
export function* sorting<T>(
  entries: readonly T[],
  compare: (a: T, b: T) => number,
): Work<readonly T[]> {
  let runs: T[][] = [];
  for (let i = 0; i < entries.length; i += RUN) {
    runs.push(entries.slice(i, i + RUN).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(yield* merging(runs[i] ?? [], runs[i + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merging<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
): Work<T[]> {
  const merged: T[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [a, b] = [left[i], right[j]];
    if (a === undefined || b === undefined) break;
    const isLeft = compare(a, b) <= 0;
    merged.push(isLeft ? a : b);
    if (isLeft) i++;
    else j++;
    if (merged.length % RUN === 0) yield;
  }
  return merged.concat(left.slice(i), right.slice(j));
}

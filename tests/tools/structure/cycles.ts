/**
 * Circles of imports between files.
 *
 * @module
 */

import type { SourceFile } from "./source_file.ts";

/**
 * Finds files that import each other, directly or not: they are one idea cut
 * in pieces, and which of them runs first is anybody's guess. Imports of types
 * don't count, because the compiler erases them.
 * @returns one line per circle, naming a shortest way around it
 */
export function checkCycles(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map(({ path, imports }) =>
      [
        path,
        imports.filter((each) => !each.typeOnly).map(({ target }) => target),
      ] as const
    ),
  );
  const found: string[] = [];
  const reported = new Set<string>();
  for (const start of edges.keys()) {
    if (reported.has(start)) continue;
    const circle = shortestCircle(edges, start);
    if (circle === null) continue;
    for (const path of circle) reported.add(path);
    found.push(`circle: ${[...circle, start].join(" → ")}`);
  }
  return found;
}

/** Breadth first from `start` until an edge leads back to it. */
function shortestCircle(
  edges: ReadonlyMap<string, readonly string[]>,
  start: string,
): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const target of edges.get(path) ?? []) {
      if (target === start) return wayTo(cameFrom, path, start);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      queue.push(target);
    }
  }
  return null;
}

function wayTo(
  cameFrom: ReadonlyMap<string, string>,
  end: string,
  start: string,
): string[] {
  const way = [end];
  for (let path = end; path !== start;) {
    path = cameFrom.get(path) ?? start;
    way.unshift(path);
  }
  return way;
}

/**
 * Whether an import would lead back to where it comes from.
 *
 * @module
 */

import { isSubsetMatch, subjectsCollide } from "../subject/mod.ts";

/** How many accounts a chain of imports may pass. */
const MAX_CHAIN = 1024;

/** An import that was accepted. Subjects are byte strings. */
export interface ImportLink {
  /** Account that exports. */
  readonly origin: string;
  /** Subject in the account that exports. */
  readonly exported: string;
  /** Subject in the account that imports. */
  readonly local: string;
}

/** Imports and stream exports of accounts by their names. */
export interface ImportGraph {
  imports(account: string, kind: ImportKind): Iterable<ImportLink>;
  exportsStream(account: string, subject: string): boolean;
}

/** What is imported. */
export type ImportKind = "stream" | "service";

/**
 * Looks for a way from `exporter` back to `importer`.
 * @param subject in the exporter's account; byte string
 * @returns what is wrong, or undefined
 */
export function importCycle(
  graph: ImportGraph,
  kind: ImportKind,
  { exporter, importer, subject }: {
    readonly exporter: string;
    readonly importer: string;
    readonly subject: string;
  },
): string | undefined {
  return search(graph, kind, exporter, subject, new Set([importer]));
}

function search(
  graph: ImportGraph,
  kind: ImportKind,
  account: string,
  subject: string,
  visited: Set<string>,
): string | undefined {
  if (visited.size >= MAX_CHAIN) return "search cycle depth exhausted";
  if (kind === "stream" && !graph.exportsStream(account, subject)) {
    return undefined;
  }
  for (const { origin, exported, local } of graph.imports(account, kind)) {
    const met = kind === "stream" ? local : exported;
    if (!subjectsCollide(subject, met)) continue;
    if (visited.has(origin)) return "import forms a cycle";
    visited.add(account);
    const next = isSubsetMatch(subject, local) ? local : subject;
    const problem = search(graph, kind, origin, next, visited);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

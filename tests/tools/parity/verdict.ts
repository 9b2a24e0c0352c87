/**
 * Joins registry and test results: which rows are proven, and what is wrong.
 *
 * @module
 */

import { claimsOf } from "./claims.ts";
import type { TestResult } from "./junit.ts";
import type { Area, Capability } from "./registry.ts";

/** Passing tests that prove a row, in order of run and name. */
export interface Proof {
  readonly positive: readonly TestResult[];
  readonly edge: readonly TestResult[];
}

/** What registry and results say together. */
export interface Verdict {
  /** By id, for every row of the registry. */
  readonly proofs: ReadonlyMap<string, Proof>;
  /** Why the gate fails; empty when it does not. */
  readonly problems: readonly string[];
}

/** Judges all areas by all results. */
export function judge(
  areas: readonly Area[],
  results: readonly TestResult[],
): Verdict {
  const capabilities = areas.flatMap((area) => area.capabilities);
  const proofs = new Map(
    capabilities.map((
      { id },
    ) => [id, { positive: [], edge: [] } as MutableProof]),
  );
  const unknown = results.toSorted(byRunAndName).flatMap((result) =>
    enter(proofs, result)
  );
  const problems = [
    ...unknown,
    ...capabilities.flatMap((capability) =>
      shortcomings(capability, proofs.get(capability.id))
    ),
  ];
  return { proofs, problems };
}

/** Whether a row has a passing test of both kinds. */
export function isProven(proof: Proof | undefined): boolean {
  return proof !== undefined && proof.positive.length > 0 &&
    proof.edge.length > 0;
}

interface MutableProof {
  positive: TestResult[];
  edge: TestResult[];
}

/** Enters a result under the rows that it names; returns complaints about unknown rows. */
function enter(
  proofs: ReadonlyMap<string, MutableProof>,
  result: TestResult,
): string[] {
  const claims = claimsOf(result.title);
  const complaints: string[] = [];
  for (const kind of ["positive", "edge"] as const) {
    for (const id of claims[kind]) {
      const proof = proofs.get(id);
      if (proof === undefined) {
        complaints.push(
          `test "${result.name}" of the ${result.run} run names the unknown row ${id}`,
        );
      } else if (result.outcome === "passed") {
        proof[kind].push(result);
      }
    }
  }
  return complaints;
}

function shortcomings(
  capability: Capability,
  proof: Proof | undefined,
): string[] {
  const { id, status } = capability;
  switch (status) {
    case "open":
      return [];
    case "closed":
      return (["positive", "edge"] as const)
        .filter((kind) => proof === undefined || proof[kind].length === 0)
        .map((kind) => `${id} is closed but has no passing ${kind} test`);
    case "partial":
    case "deferred":
      return (["blocker", "evidence"] as const)
        .filter((field) => capability[field] === undefined)
        .map((field) => `${id} is ${status} but names no ${field}`);
  }
}

function byRunAndName(a: TestResult, b: TestResult): number {
  return compare(a.run, b.run) || compare(a.name, b.name);
}

/** Code-unit order, the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

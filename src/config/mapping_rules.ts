/**
 * Which weighted mappings of a subject make sense.
 *
 * @module
 */

import {
  subjectFromText,
  SubjectTransformError,
  validateMapping,
} from "../subject/mod.ts";
import { quote } from "./go_text.ts";
import type { MappingDestination } from "./options_accounts.ts";

/** Checking a mapping draws nothing. */
const NO_CHANCE = { fill: () => {}, below: () => 0 };

/** What is wrong with the destinations of a mapping, or undefined. */
export function mappingProblem(
  source: string,
  destinations: readonly MappingDestination[],
): string | undefined {
  const seen = new Set<string>();
  const totals = new Map<string, number>();
  for (const { subject, weight, cluster } of destinations) {
    if (seen.has(subject)) return `duplicate entry for ${quote(subject)}`;
    seen.add(subject);
    const total = (totals.get(cluster) ?? 0) + weight;
    if (total > 100) return "total weight needs to be <= 100";
    totals.set(cluster, total);
    const problem = transformProblem(source, subject);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is wrong with a subject transform, or undefined. */
function transformProblem(
  source: string,
  destination: string,
): string | undefined {
  try {
    validateMapping(
      subjectFromText(source),
      subjectFromText(destination),
      NO_CHANCE,
    );
    return undefined;
  } catch (error) {
    if (error instanceof SubjectTransformError) return error.message;
    throw error;
  }
}

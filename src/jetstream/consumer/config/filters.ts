/**
 * Which subjects a consumer wants.
 *
 * @module
 */

import {
  isSubsetMatch,
  isValidSubject,
  subjectFromText,
} from "../../../subject/mod.ts";
import { ApiError } from "../../errors.ts";
import type { ConsumerConfig } from "../../types/consumer_config.ts";

/** Filters of a consumer; byte strings, empty: everything. */
export function filtersOf(config: ConsumerConfig): readonly string[] {
  const { filter_subject: one, filter_subjects: many } = config;
  const filters = one === "" ? many : [...many, one];
  return filters.map(subjectFromText);
}

/** @throws ApiError for filters that are malformed or overlap */
export function checkFilters(config: ConsumerConfig): void {
  const { filter_subject: one, filter_subjects: many } = config;
  if (one !== "" && many.length > 0) {
    throw new ApiError("consumerDuplicateFilterSubjects");
  }
  if (many.includes("")) throw new ApiError("consumerEmptyFilter");
  const filters = filtersOf(config);
  for (const [i, filter] of filters.entries()) {
    if (!isValidSubject(filter)) {
      throw new ApiError("streamInvalidConfig", { err: "invalid subject" });
    }
    const overlaps = filters.some((other, j) =>
      i !== j && isSubsetMatch(filter, other)
    );
    if (overlaps) throw new ApiError("consumerOverlappingSubjectFilters");
  }
}

/** Whether both are the same, in whatever order. */
export function areSameFilters(
  filters: readonly string[],
  others: readonly string[],
): boolean {
  const known = new Set(others);
  return filters.length === others.length &&
    filters.every((filter) => known.has(filter));
}

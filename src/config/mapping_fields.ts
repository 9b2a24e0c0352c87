/**
 * Reading subject mappings.
 *
 * @module
 */

import {
  type Field,
  isList,
  isMap,
  mismatchHere,
  readBlock,
  schema,
  string,
} from "./field.ts";
import { formatValue, quote } from "./go_text.ts";
import type { MappingDestination, SubjectMapping } from "./options_accounts.ts";
import { FieldError } from "./report.ts";
import { mappingProblem } from "./mapping_rules.ts";
import { isValidSubject } from "./subjects.ts";

interface DestinationDraft {
  subject: string;
  weight: number | undefined;
  cluster: string;
}

const DESTINATION = schema<DestinationDraft>({
  "dest destination": (field, draft) => {
    draft.subject = string(field);
  },
  weight: (field, draft) => {
    draft.weight = weight(field);
  },
  cluster: (field, draft) => {
    draft.cluster = string(field);
  },
});

/** Reads a weight in percent: `50` or `"50%"`. */
function weight(field: Field): number {
  const { value } = field;
  let percent: number;
  if (typeof value === "bigint") percent = Number(value);
  else if (typeof value === "string") {
    const digits = value.replace(/%$/, "");
    if (!/^[-+]?\d+$/.test(digits)) {
      return field.fail(
        `Invalid weight ${quote(digits)} for mapping destination`,
      );
    }
    percent = Number(digits);
  } else {return field.fail(
      `Unknown entry type for weight of ${formatValue(value)}\n`,
    );}
  if (percent < 0 || percent > 100) {
    return field.fail(`Invalid weight ${percent} for mapping destination`);
  }
  return percent;
}

/** Reads one weighted destination. */
function destination(field: Field): MappingDestination {
  if (!isMap(field.value)) {
    return field.fail("Expected an entry for the mapping destination");
  }
  const draft: DestinationDraft = {
    subject: "",
    weight: undefined,
    cluster: "",
  };
  readBlock(field, DESTINATION, draft, {
    stopAtError: true,
    strict: true,
    mismatchAtHolder: true,
    unknown: (key) => `Unknown field ${quote(key)} for mapping destination`,
  });
  if (draft.weight === undefined) {
    return field.fail(
      `Missing weight for mapping destination ${quote(draft.subject)}`,
    );
  }
  return {
    subject: draft.subject,
    weight: draft.weight,
    cluster: draft.cluster,
  };
}

/** Reads a destination; a type mismatch is reported where it stands and ends the block. */
const placedDestination = mismatchHere(destination);

/** Reads one destination or a list; bad ones of a list are reported and left out. */
function destinations(field: Field): MappingDestination[] {
  if (!isList(field.value)) return [placedDestination(field)];
  const found: MappingDestination[] = [];
  for (const node of field.value) {
    try {
      found.push(placedDestination(field.at(node)));
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      field.scope.report.error(error.node, error.message);
    }
  }
  return found;
}

/** Reads a block of mappings; bad ones are reported and left out. */
export function mappings(field: Field): SubjectMapping[] {
  const found: SubjectMapping[] = [];
  for (const [source, node] of field.map()) {
    // Go reports a bad source at the block.
    if (!isValidSubject(source)) {
      field.error(`Subject ${quote(source)} is not a valid subject`);
      continue;
    }
    const entry = field.at(node, source);
    try {
      found.push(mapping(source, entry));
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      field.scope.report.error(error.node, error.message);
    }
  }
  return found;
}

function mapping(source: string, field: Field): SubjectMapping {
  const simple = typeof field.value === "string" ? field.value : undefined;
  const targets = simple === undefined
    ? destinations(field)
    : [{ subject: simple, weight: 100, cluster: "" }];
  const problem = mappingProblem(source, targets);
  if (problem !== undefined) {
    const to = simple === undefined ? "" : ` to ${quote(simple)}`;
    field.fail(`Error adding mapping for ${quote(source)}${to} : ${problem}`);
  }
  return { source, destinations: targets };
}

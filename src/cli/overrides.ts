/**
 * From flags to what they override in the configuration.
 *
 * @module
 */

import { OVERRIDES, type Overrides } from "../config/mod.ts";
import type { ParsedFlags } from "./flag_set.ts";

/** Set by flags of which one may concern several. */
const LEVELS = { debug: true, trace: true, traceVerbose: true };

type Draft = { -readonly [Name in keyof Overrides]: Overrides[Name] };

/** The overrides of a command line; a flag that was not given overrides nothing. */
export function overridesOf(flags: Pick<ParsedFlags, "values">): Overrides {
  const { values } = flags;
  const overrides: Draft = levels(values);
  for (const [name, type] of Object.entries(OVERRIDES)) {
    const value = values.get(name);
    // Debug levels come from several flags.
    if (typeof value !== type || name in LEVELS) continue;
    Object.assign(overrides, { [name]: value });
  }
  return overrides;
}

/**
 * `-D` and `-V` first, then `-DV`, `-DVV` and `-VV` in this order, whatever
 * their order on the command line; each may switch off (`-DV=false`).
 */
function levels(values: ParsedFlags["values"]): Draft {
  const draft: Draft = {};
  const set = (
    target: string,
    ...names: ("debug" | "trace" | "traceVerbose")[]
  ) => {
    const on = values.get(target);
    if (typeof on === "boolean") { for (const name of names) draft[name] = on; }
  };
  set("debug", "debug");
  set("trace", "trace");
  set("debugAndTrace", "debug", "trace");
  set("debugAndVerboseTrace", "debug", "trace", "traceVerbose");
  set("verboseTrace", "trace", "traceVerbose");
  return draft;
}

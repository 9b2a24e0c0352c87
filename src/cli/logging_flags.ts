/**
 * What the bundled logging flags come to.
 *
 * @module
 */

import type { ParsedFlags } from "./flag_set.ts";

/** Log levels that the command line sets; absent where the configuration decides. */
export interface LevelOverrides {
  readonly debug?: boolean;
  readonly trace?: boolean;
  readonly traceVerbose?: boolean;
}

/**
 * `-D` and `-V` first, then `-DV`, `-DVV` and `-VV` in this order, whatever
 * their order on the command line; each may switch off (`-DV=false`).
 */
export function levelOverrides(
  { values }: Pick<ParsedFlags, "values">,
): LevelOverrides {
  const levels: { debug?: boolean; trace?: boolean; traceVerbose?: boolean } =
    {};
  const flag = (target: string): boolean | undefined => {
    const value = values.get(target);
    return typeof value === "boolean" ? value : undefined;
  };
  const set = (on: boolean | undefined, ...names: (keyof typeof levels)[]) => {
    if (on !== undefined) { for (const name of names) levels[name] = on; }
  };
  set(flag("debug"), "debug");
  set(flag("trace"), "trace");
  set(flag("debugAndTrace"), "debug", "trace");
  set(flag("debugAndVerboseTrace"), "debug", "trace", "traceVerbose");
  set(flag("verboseTrace"), "trace", "traceVerbose");
  return levels;
}

/**
 * Options that a server can run with.
 *
 * @module
 */

import {
  isPublicKey,
  type Options,
  unsupportedOptions,
  validateOptions,
} from "../config/mod.ts";
import { stampedKeys } from "./build.ts";
import { StartError } from "./start_error.ts";

/**
 * Validates, and refuses what would otherwise be silently ignored.
 * @param stamped keys of trusted operators that the build brings
 * @throws OptionsError or StartError
 */
export function checkedOptions(
  options: Options,
  stamped = stampedKeys(),
): Options {
  const valid = withStamped(validateOptions(options), stamped);
  const unsupported = unsupportedOptions(valid);
  if (unsupported.length > 0) throw new StartError(unsupported.join("\n"));
  return valid;
}

/** Who is trusted by build can't be replaced. @throws StartError */
function withStamped(options: Options, stamped: string): Options {
  if (stamped === "") return options;
  const keys = stamped.split(/\s+/).filter((key) => key !== "");
  const sound = keys.length > 0 &&
    keys.every((key) => isPublicKey(key, "operator"));
  if (!sound || options.trustedKeys.length > 0) {
    throw new StartError("Error processing trusted operator keys");
  }
  return { ...options, trustedKeys: keys };
}

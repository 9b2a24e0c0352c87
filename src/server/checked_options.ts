/**
 * Options that a server can run with.
 *
 * @module
 */

import {
  type Options,
  unsupportedOptions,
  validateOptions,
} from "../config/mod.ts";
import { StartError } from "./start_error.ts";

/**
 * Validates, and refuses what would otherwise be silently ignored.
 * @throws OptionsError or StartError
 */
export function checkedOptions(options: Options): Options {
  const valid = validateOptions(options);
  const unsupported = unsupportedOptions(valid);
  if (unsupported.length > 0) throw new StartError(unsupported.join("\n"));
  return valid;
}

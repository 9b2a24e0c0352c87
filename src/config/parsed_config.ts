/**
 * What goes into and comes out of `parseConfigFile` and `parseConfigText`
 * (`parser.ts`):
 *
 * ```ts
 * parseConfigFile(path: string, sources: ConfigSources): ParsedConfig
 * parseConfigText(text: string, sources: ConfigSources & { directory?: string }): ParsedConfig
 * ```
 *
 * @module
 */

import type { Disk } from "../runtime/ports.ts";
import type { ConfigMap } from "./value.ts";

/** Where a configuration may draw on: included files and the environment. */
export interface ConfigSources {
  readonly disk: Pick<Disk, "readFile">;
  /** Value of an environment variable. */
  readonly env: (name: string) => string | undefined;
}

/** A configuration with includes and variables resolved. */
export interface ParsedConfig {
  readonly root: ConfigMap;
  /** `sha256:<hex>`; independent of formatting, comments and the order of keys. */
  readonly digest: string;
}

/**
 * A configuration that can't be read or parsed. The message is the text that
 * the operator sees, without the program's name in front.
 */
export class ConfigSyntaxError extends Error {
  override readonly name = "ConfigSyntaxError";
}

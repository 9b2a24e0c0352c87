/**
 * Files and an environment that live in memory.
 *
 * @module
 */

import type { ConfigSources } from "../../../src/config/parsed_config.ts";
import { DiskError } from "../../../src/runtime/ports.ts";

/** Sources that hold exactly these files (by path) and variables. */
export function memorySources(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  variables: Readonly<Record<string, string>> = {},
): ConfigSources {
  const contents = new Map(Object.entries(files));
  const environment = new Map(Object.entries(variables));
  return {
    disk: {
      readFile(path: string): Uint8Array {
        const content = contents.get(path);
        if (content === undefined) {
          throw new DiskError("no such file", "ENOENT", path);
        }
        return typeof content === "string"
          ? new TextEncoder().encode(content)
          : content;
      },
    },
    env: (name) => environment.get(name),
  };
}

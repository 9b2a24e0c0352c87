/**
 * The text of `--version`.
 *
 * @module
 */

import { gitCommit, VERSION } from "../server/mod.ts";

/**
 * The first line is Go's, for the programs that read it; the second says which
 * build this is.
 */
export function versionText(): string {
  return `nats-server: v${VERSION}\ngit: [${gitCommit() || "not set"}]\n`;
}

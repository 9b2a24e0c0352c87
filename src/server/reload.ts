/**
 * Takes over a changed configuration while running.
 *
 * @module
 */

import type { Options } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { ServerState } from "./state.ts";

/** Placeholder until the next commit. */
export async function reloadOptions(
  state: ServerState,
  next: Options,
  logger: Logger,
): Promise<void> {
  await Promise.resolve();
  state.options = next;
  logger.notice("Reloaded server configuration");
}

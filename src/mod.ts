/**
 * The server as a library: start one inside any Deno program or test.
 *
 * ```ts
 * const server = await startServer({ port: -1 });
 * // … connect to server.clientUrl …
 * await server.shutdown();
 * ```
 *
 * Contract: no global state, no signal handlers, no process exit.
 *
 * @module
 */

import type { CustomAuthentication } from "./auth/mod.ts";
import { applyDefaults, emptyOptions, type Options } from "./config/mod.ts";
import type { Logger } from "./log/mod.ts";
import { denoRuntime, type Runtime } from "./runtime/mod.ts";
import { Server } from "./server/mod.ts";

export type { CustomAuthentication, CustomUser } from "./auth/mod.ts";
export type { Options } from "./config/mod.ts";
export type { Logger } from "./log/mod.ts";
export { Server, StartError } from "./server/mod.ts";

/** Discards everything. */
const SILENT: Logger = {
  debugging: false,
  tracing: false,
  notice: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
  debug: () => {},
  trace: () => {},
};

/** What an embedder may bring along. */
export interface EmbedOptions {
  /** Default: nothing is logged. */
  readonly logger?: Logger;
  /** Default: the ports over Deno. */
  readonly runtime?: Runtime;
  /** Decides about clients in place of users, tokens and JWTs in the options. */
  readonly authentication?: CustomAuthentication;
}

/**
 * Starts a server. Options left out have their defaults, but it listens on
 * the loopback interface unless `host` says otherwise; port -1 lets the
 * system choose one.
 * @throws StartError
 */
export async function startServer(
  options: Partial<Options> = {},
  { logger = SILENT, runtime = denoRuntime(), ...hooks }: EmbedOptions = {},
): Promise<Server> {
  const host = "127.0.0.1";
  const complete = applyDefaults({ ...emptyOptions(), host, ...options });
  const server = new Server(complete, runtime, logger, hooks);
  await server.start();
  return server;
}

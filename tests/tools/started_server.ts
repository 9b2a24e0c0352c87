/**
 * Servers in process, started from the text of a configuration.
 *
 * @module
 */

import { type Server, startServer } from "../../src/mod.ts";
import type { Runtime } from "../../src/runtime/mod.ts";
import { options } from "../unit/config/options_harness.ts";
import { LogRecorder } from "./log_recorder.ts";

/** What surrounds a server. */
export interface Setting {
  /** Text of the files that the configuration names. */
  readonly files?: Readonly<Record<string, string>>;
  readonly log?: LogRecorder;
  readonly runtime?: Runtime;
}

/** Runs `use` with a server on a random port of the loopback interface. */
export async function withServer(
  config: string,
  use: (server: Server, log: LogRecorder) => Promise<void>,
  { files = {}, log = new LogRecorder(), runtime }: Setting = {},
): Promise<void> {
  const text = `listen: "127.0.0.1:-1"\n${config}`;
  const server = await startServer(options(text, { files }), {
    logger: log,
    ...(runtime === undefined ? {} : { runtime }),
  });
  try {
    await use(server, log);
  } finally {
    await server.shutdown();
  }
}

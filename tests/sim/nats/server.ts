/**
 * The real server on a simulated host.
 *
 * @module
 */

import {
  applyDefaults,
  emptyOptions,
  type Options,
} from "../../../src/config/mod.ts";
import { Server } from "../../../src/server/mod.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import type { SimHost } from "../host.ts";

/** A running server. */
export interface RunningServer {
  readonly server: Server;
  readonly log: LogRecorder;
}

/** Starts a server on `host`, port 4222. */
export async function startServer(
  host: SimHost,
  options: Partial<Options> = {},
): Promise<RunningServer> {
  const log = new LogRecorder();
  const server = new Server(
    applyDefaults({ ...emptyOptions(), ...options }),
    host.runtime,
    log,
  );
  await server.start();
  return { server, log };
}

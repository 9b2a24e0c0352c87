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
import type { Logger } from "../../../src/log/mod.ts";
import { Server } from "../../../src/server/mod.ts";
import type { SimHost } from "../host.ts";

/** Keeps what the server logs, by level. */
export class LogRecorder implements Logger {
  readonly debugging = true;
  readonly tracing = false;
  readonly lines: string[] = [];

  notice(text: string): void {
    this.lines.push(`notice ${text}`);
  }
  warn(text: string): void {
    this.lines.push(`warn ${text}`);
  }
  error(text: string): void {
    this.lines.push(`error ${text}`);
  }
  fatal(text: string): void {
    this.lines.push(`fatal ${text}`);
  }
  debug(text: string): void {
    this.lines.push(`debug ${text}`);
  }
  trace(text: string): void {
    this.lines.push(`trace ${text}`);
  }

  /** Lines that no fault excuses. */
  get unexpected(): string[] {
    return this.lines.filter((line) =>
      line.startsWith("fatal") || line.includes("unexpected failure")
    );
  }
}

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

/**
 * Server configurations that several scenario files share.
 *
 * @module
 */

import type { Fixture } from "../harness/mod.ts";

/** A server for clients on a random local port, with further settings. */
export function server(...settings: string[]): Fixture {
  return {
    config: ["host: 127.0.0.1", "port: -1", ...settings, ""].join("\n"),
  };
}

/** Nothing configured. */
export const PLAIN = server();

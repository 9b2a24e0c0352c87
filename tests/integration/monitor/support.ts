/**
 * Monitored servers in process, asked over real sockets.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";
import type { LogRecorder } from "../../tools/log_recorder.ts";

export const MONITORED = 'http: "127.0.0.1:-1"\n';

/** Runs `use` with a server that is monitored by HTTP. */
export function monitored(
  config: string,
  use: (server: Server, log: LogRecorder) => Promise<void>,
): Promise<void> {
  return withServer(MONITORED + config, use);
}

/** The URL of an endpoint. */
export function urlOf(server: Server, path: string, scheme = "http"): string {
  const address = server.monitorAddress;
  assert(address !== null, "the server is not monitored");
  return `${scheme}://${address.host}:${address.port}${path}`;
}

/** The document of an endpoint. */
// deno-lint-ignore no-explicit-any
export async function fetchJson(server: Server, path: string): Promise<any> {
  const response = await fetch(urlOf(server, path));
  const text = await response.text();
  assert(response.status === 200, `${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** Status and text of an endpoint. */
export async function fetchText(
  server: Server,
  path: string,
): Promise<readonly [number, string]> {
  const response = await fetch(urlOf(server, path), { redirect: "manual" });
  return [response.status, await response.text()];
}

/** A client that has said who it is. */
export async function login(
  server: Server,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<RawClient> {
  const client = await RawClient.connect(server);
  const connect = { verbose: false, lang: "test", version: "1", ...fields };
  await client.send(`CONNECT ${JSON.stringify(connect)}\r\n`);
  await client.flush();
  return client;
}

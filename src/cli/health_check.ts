/**
 * The health check of container images, a program of its own: ends with code 0
 * if the server greets a client, with 1 otherwise.
 *
 * `NATS_HEALTH_ADDRESS` (`host:port`, by default `127.0.0.1:4222`) says where.
 * A server with `handshake_first` says nothing before TLS: check it otherwise.
 *
 * @module
 */

import { denoRuntime, type Runtime } from "../runtime/mod.ts";

/** How long the greeting may take, milliseconds. */
const PATIENCE = 2000;

/** Whether a server greets who connects to `host:port` within `patience` milliseconds. */
export async function isHealthy(
  address: string,
  { network, timers }: Pick<Runtime, "network" | "timers">,
  patience = PATIENCE,
): Promise<boolean> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const port = Number(address.slice(colon + 1));
  const given = new AbortController();
  const timer = timers.after(patience, () => given.abort());
  try {
    const transport = await network.connect({ host, port }, given.signal);
    given.signal.addEventListener("abort", () => transport.close());
    const greeting = new Uint8Array("INFO {".length);
    const count = await transport.read(greeting);
    transport.close();
    return count === greeting.length &&
      new TextDecoder().decode(greeting) === "INFO {";
  } catch {
    return false;
  } finally {
    timer.cancel();
  }
}

if (import.meta.main) {
  const runtime = denoRuntime();
  const { process } = runtime;
  const address = process.env("NATS_HEALTH_ADDRESS") ?? "127.0.0.1:4222";
  process.exit(await isHealthy(address, runtime) ? 0 : 1);
}

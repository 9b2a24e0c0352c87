/**
 * Under which addresses clients reach this server.
 *
 * @module
 */

import { formatEndpoint } from "../client/mod.ts";
import type { Endpoint, Network } from "../runtime/mod.ts";

/** An advertise option that is no `host[:port]`. */
export class AdvertiseError extends Error {
  override readonly name = "AdvertiseError";
}

/**
 * Reads `host[:port]`, with an IPv6 address in brackets.
 * @throws AdvertiseError
 */
export function parseAdvertise(text: string, defaultPort: number): Endpoint {
  const match = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(text.trim());
  if (match === null) {
    throw new AdvertiseError(`address ${text}: too many colons in address`);
  }
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  const digits = (match[2] ?? "").trim();
  if (digits === "") return { host, port: defaultPort };
  if (!/^[+-]?\d+$/.test(digits)) {
    throw new AdvertiseError(
      `strconv.Atoi: parsing "${digits}": invalid syntax`,
    );
  }
  const port = Number(digits);
  return { host, port: port <= 0 ? defaultPort : port };
}

/** `host:port` of every address that a listener is reached at from elsewhere. */
export function connectUrls(
  advertise: string,
  listening: Endpoint,
  network: Pick<Network, "interfaces">,
): string[] {
  if (advertise !== "") {
    return [formatEndpoint(parseAdvertise(advertise, listening.port))];
  }
  const { host, port } = listening;
  if (host !== "0.0.0.0" && host !== "::") return [formatEndpoint(listening)];
  return network.interfaces().filter(isGlobalUnicast).map((address) =>
    formatEndpoint({ host: address, port })
  );
}

/** Neither loopback nor link-local nor multicast. */
function isGlobalUnicast(address: string): boolean {
  return !/^(127\.|169\.254\.|22[4-9]\.|23\d\.|0\.0\.0\.0$)/.test(address) &&
    !/^(::1?$|fe[89ab]|ff)/i.test(address);
}

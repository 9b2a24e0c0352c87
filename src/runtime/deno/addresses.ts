import type { Endpoint } from "../ports.ts";

/**
 * Names a platform address; IPv4 in IPv6 notation becomes plain IPv4, and an
 * unnamed unix socket has an empty host.
 */
export function endpointOf(address: Deno.Addr): Endpoint {
  switch (address.transport) {
    case "tcp":
    case "udp":
      return { host: unmapped(address.hostname), port: address.port };
    case "unix":
    case "unixpacket":
      return { host: address.path ?? "", port: 0 };
    default:
      return { host: "", port: 0 };
  }
}

/** `host:port`, with the brackets that an IPv6 address needs. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function unmapped(host: string): string {
  return host.startsWith("::ffff:") && host.includes(".")
    ? host.slice(7)
    : host;
}

import type { Address, Endpoint, Listener, Transport } from "../ports.ts";
import { endpointOf, joinHostPort } from "./addresses.ts";
import { tcpTransport } from "./socket.ts";
import { transportError } from "./socket_errors.ts";

/** Connections that may wait to be accepted; the system caps it (`somaxconn`). */
const BACKLOG = 4096;

/** Listens on a TCP port. @throws TransportError */
export function listenTcp(address: Address): Listener {
  const { host, port } = address;
  try {
    return new TcpListener(bind(host, port));
  } catch (error) {
    throw transportError(
      error,
      `listen tcp ${joinHostPort(host, port)}`,
      "bind",
    );
  }
}

/**
 * Binds; `0.0.0.0` means every address of both families, as the Go server has
 * it, so the IPv6 wildcard is tried first: it takes IPv4 connections as well.
 */
function bind(hostname: string, port: number): Deno.TcpListener {
  if (hostname === "0.0.0.0" && Deno.build.os !== "windows") {
    try {
      return Deno.listen({ hostname: "::", port, tcpBacklog: BACKLOG });
    } catch (error) {
      // No IPv6 here, or no permission for `::`: IPv4 alone is what was named.
      if (error instanceof Deno.errors.AddrInUse) throw error;
    }
  }
  return Deno.listen({ hostname, port, tcpBacklog: BACKLOG });
}

class TcpListener implements Listener {
  readonly address: Endpoint;
  readonly #listener: Deno.TcpListener;
  #closed = false;

  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.address = endpointOf(listener.addr);
  }

  async accept(): Promise<Transport> {
    try {
      return tcpTransport(await this.#listener.accept());
    } catch (error) {
      throw transportError(error, "accept tcp");
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
  }
}

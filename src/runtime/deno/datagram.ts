import { createSocket } from "node:dgram";
import { type Address, TransportError } from "../ports.ts";
import { joinHostPort } from "./addresses.ts";
import { transportError } from "./socket_errors.ts";

/** Sends one UDP datagram from a port of the system's choice. @throws TransportError */
export function sendUdp(target: Address, data: Uint8Array): Promise<void> {
  const operation = `dial udp ${joinHostPort(target.host, target.port)}`;
  const family = target.host.includes(":") ? "udp6" : "udp4";
  const wildcard = family === "udp6" ? "::" : "0.0.0.0";
  // The socket binds to the wildcard later, where a refusal can't be caught.
  requireNet(joinHostPort(wildcard, 0), operation);
  const socket = createSocket(family);
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null) => {
      socket.close();
      if (error) reject(transportError(error, operation));
      else resolve();
    };
    socket.once("error", settle);
    socket.send(data, target.port, target.host, settle);
  });
}

/**
 * Sends one datagram to a unix socket. The platform offers these under
 * `--unstable-net` only. @throws TransportError
 */
export async function sendUnixDatagram(
  path: string,
  data: Uint8Array,
): Promise<void> {
  const operation = `dial unixgram ${path}`;
  if (typeof Deno.listenDatagram !== "function") {
    throw new TransportError(
      `${operation}: unix datagrams need the --unstable-net flag`,
      "DENIED",
    );
  }
  try {
    // An empty path lets the system choose an abstract name for this end.
    const socket = Deno.listenDatagram({ transport: "unixpacket", path: "" });
    try {
      await socket.send(data, { transport: "unixpacket", path });
    } finally {
      socket.close();
    }
  } catch (error) {
    throw transportError(error, operation);
  }
}

function requireNet(host: string, operation: string): void {
  if (Deno.permissions.querySync({ name: "net", host }).state === "granted") {
    return;
  }
  throw new TransportError(
    `${operation}: Requires net access to "${host}", run again with the --allow-net flag`,
    "DENIED",
  );
}

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import {
  type Address,
  type Listener,
  type Network,
  type Transport,
  TransportError,
} from "../ports.ts";
import { joinHostPort } from "./addresses.ts";
import { sendUdp, sendUnixDatagram } from "./datagram.ts";
import { listenTcp } from "./listener.ts";
import { loopback } from "./loopback.ts";
import { pipe } from "./pipe.ts";
import { SocketTransport, tcpTransport } from "./socket.ts";
import { transportError } from "./socket_errors.ts";

/** The machine's network; error texts are worded as the Go server's are. */
export class DenoNetwork implements Network {
  listen(address: Address): Listener {
    return listenTcp(address);
  }

  async connect(address: Address, signal?: AbortSignal): Promise<Transport> {
    const { host: hostname, port } = address;
    try {
      const conn = await Deno.connect({
        hostname,
        port,
        ...(signal === undefined ? {} : { signal }),
      });
      return tcpTransport(conn);
    } catch (error) {
      const failure = transportError(
        error,
        `dial tcp ${joinHostPort(hostname, port)}`,
        "connect",
      );
      if (failure.code !== "NOT_FOUND") throw failure;
      throw new TransportError(
        `dial tcp: lookup ${hostname}: no such host`,
        "NOT_FOUND",
        { cause: error },
      );
    }
  }

  async connectUnix(path: string): Promise<Transport> {
    try {
      return new SocketTransport(
        await Deno.connect({ transport: "unix", path }),
      );
    } catch (error) {
      throw transportError(error, `dial unix ${path}`, "connect");
    }
  }

  sendDatagram(target: Address | string, data: Uint8Array): Promise<void> {
    return typeof target === "string"
      ? sendUnixDatagram(target, data)
      : this.#sendUdp(target, data);
  }

  async resolve(host: string): Promise<string[]> {
    if (isIP(host) !== 0) return [host];
    let failure: unknown;
    try {
      const found = await lookup(host, { all: true });
      if (found.length > 0) return found.map((entry) => entry.address);
    } catch (error) {
      failure = error;
    }
    if (failure instanceof Error && Reflect.get(failure, "code") === "EPERM") {
      throw new TransportError(
        `lookup ${host}: Requires net access to "${host}", run again with the --allow-net flag`,
        "DENIED",
        { cause: failure },
      );
    }
    throw new TransportError(`lookup ${host}: no such host`, "NOT_FOUND", {
      cause: failure,
    });
  }

  interfaces(): string[] {
    try {
      return Deno.networkInterfaces().map((one) => one.address);
    } catch (error) {
      throw transportError(error, "network interfaces");
    }
  }

  pipe(): [Transport, Transport] {
    return pipe();
  }

  loopback(): Promise<[Transport, Transport]> {
    return loopback();
  }

  async #sendUdp(target: Address, data: Uint8Array): Promise<void> {
    const [host = target.host] = await this.resolve(target.host);
    await sendUdp({ host, port: target.port }, data);
  }
}

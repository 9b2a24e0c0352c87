/**
 * The network port of one simulated process.
 *
 * @module
 */

import {
  type Address,
  type Endpoint,
  type Listener,
  type Network,
  type Transport,
  TransportError,
} from "../../../src/runtime/ports.ts";
import { SimListener } from "./listener.ts";
import type { NetworkNode, SimNetwork } from "./network.ts";
import type { Execution } from "./scheduler.ts";
import { broken, SimSocket } from "./socket.ts";

const EPHEMERAL_FIRST = 32768;

/** What a process on `node` sees of the network. */
export class HostNetwork implements Network {
  readonly #world: SimNetwork;
  readonly #node: NetworkNode;
  readonly #execution: Execution;
  #nextPort = EPHEMERAL_FIRST;

  constructor(world: SimNetwork, node: NetworkNode, execution: Execution) {
    this.#world = world;
    this.#node = node;
    this.#execution = execution;
  }

  listen(address: Address): Listener {
    const host = address.host === "localhost" ? "127.0.0.1" : address.host;
    const known = ["", "0.0.0.0", "::", "::1", ...this.interfaces()];
    if (!known.includes(host)) throw broken("NOT_AVAILABLE");
    const port = address.port === 0 ? this.#choosePort() : address.port;
    for (const other of this.#node.listeners) {
      if (other.address.port === port) throw broken("IN_USE");
    }
    const listener = new SimListener(
      this.#world.scheduler,
      this.#execution,
      { host, port },
      (closed) => this.#node.listeners.delete(closed),
    );
    this.#node.listeners.add(listener);
    return listener;
  }

  connect(address: Address, signal?: AbortSignal): Promise<Transport> {
    const { address: host } = this.#node;
    const to = this.#world.lookUp(address.host, host);
    if (to === null) return Promise.reject(broken("NOT_FOUND"));
    if (signal?.aborted) return Promise.reject(broken("CLOSED"));
    const place = {
      host,
      execution: this.#execution,
      endpoint: { host, port: this.#choosePort() },
    };
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(broken("CLOSED")));
      this.#world.connect(place, to, address.port, (result) => {
        if (signal?.aborted === true || !this.#execution.alive) {
          if (result instanceof SimSocket) result.abandon(true);
          return;
        }
        this.#world.scheduler.after(0, this.#execution, () => {
          if (result instanceof Error) reject(result);
          else resolve(result);
        });
      });
    });
  }

  connectUnix(path: string): Promise<Transport> {
    const text = `dial unix ${path}: the simulation has no unix sockets`;
    return Promise.reject(new TransportError(text, "REFUSED"));
  }

  sendDatagram(target: Address | string, data: Uint8Array): Promise<void> {
    const isPath = typeof target === "string";
    const to = isPath
      ? this.#node.address
      : this.#world.lookUp(target.host, this.#node.address);
    if (to === null) return Promise.reject(broken("NOT_FOUND"));
    const key = isPath ? target : `${to}:${target.port}`;
    const copy = data.slice();
    this.#world.carryOnce(
      this.#node.address,
      to,
      () => this.#world.datagramSinks.get(key)?.(copy),
    );
    return Promise.resolve();
  }

  resolve(host: string): Promise<string[]> {
    if (["localhost", "127.0.0.1"].includes(host)) {
      return Promise.resolve(["127.0.0.1"]);
    }
    const address = this.#world.lookUp(host, this.#node.address);
    return address === null
      ? Promise.reject(broken("NOT_FOUND"))
      : Promise.resolve([address]);
  }

  interfaces(): string[] {
    return ["127.0.0.1", this.#node.address];
  }

  pipe(): [Transport, Transport] {
    const endpoint: Endpoint = { host: "pipe", port: 0 };
    const place = {
      host: this.#node.address,
      execution: this.#execution,
      endpoint,
    };
    return this.#world.pair(place, place);
  }

  /** Takes time, unlike a pipe. */
  async loopback(): Promise<[Transport, Transport]> {
    const listener = this.listen({ host: "127.0.0.1", port: 0 });
    try {
      return await Promise.all([
        this.connect(listener.address),
        listener.accept(),
      ]);
    } finally {
      listener.close();
    }
  }

  #choosePort(): number {
    const port = this.#nextPort++;
    for (const other of this.#node.listeners) {
      if (other.address.port === port) return this.#choosePort();
    }
    return port;
  }
}

/**
 * The simulated network: hosts, what lies between them, and what goes wrong
 * there.
 *
 * @module
 */

import type { NetworkOptions } from "../options.ts";
import { Lane } from "./lane.ts";
import type { SimListener } from "./listener.ts";
import type { SeededRandom } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import { broken, SimSocket, type SocketPlace } from "./socket.ts";
import type { Wire } from "./wire.ts";

/** A host as the network sees it. */
export interface NetworkNode {
  readonly address: string;
  /** Whether the machine has power. */
  readonly powered: boolean;
  readonly listeners: Set<SimListener>;
}

/** Everything between the hosts. */
export class SimNetwork implements Wire {
  readonly scheduler: Scheduler;
  options: NetworkOptions;
  /** Every socket that is not broken. */
  readonly sockets = new Set<SimSocket>();
  /** Where datagrams go, by `address:port` or path. */
  readonly datagramSinks = new Map<string, (data: Uint8Array) => void>();
  readonly #random: SeededRandom;
  readonly #nodes = new Map<string, NetworkNode>();
  readonly #names = new Map<string, string>();
  readonly #cuts = new Set<string>();
  readonly #delays = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(
    scheduler: Scheduler,
    random: SeededRandom,
    options: NetworkOptions,
  ) {
    this.scheduler = scheduler;
    this.#random = random;
    this.options = options;
  }

  /** Adds a host under a name. */
  attach(name: string, node: NetworkNode): void {
    this.#names.set(name, node.address);
    this.#nodes.set(node.address, node);
  }

  /** Address of a named host, of `localhost` as seen from `from`, or `null`. */
  lookUp(name: string, from: string): string | null {
    if (["localhost", "127.0.0.1", "::1", "0.0.0.0", "::"].includes(name)) {
      return from;
    }
    return this.#names.get(name) ?? (this.#nodes.has(name) ? name : null);
  }

  /** Nothing passes from `a` to `b` until healed; the way back stays open. */
  cut(a: string, b: string): void {
    this.#cuts.add(link(this.#address(a), this.#address(b)));
  }

  /** Nothing passes between `a` and `b` in either direction until healed. */
  partition(a: string, b: string): void {
    this.cut(a, b);
    this.cut(b, a);
  }

  /** Undoes cuts between two hosts, or all of them. */
  heal(a?: string, b?: string): void {
    if (a === undefined || b === undefined) this.#cuts.clear();
    else {
      this.#cuts.delete(link(this.#address(a), this.#address(b)));
      this.#cuts.delete(link(this.#address(b), this.#address(a)));
    }
    this.retry();
  }

  /** Everything between the two takes `delay` milliseconds longer; 0 ends it. */
  slowDown(a: string, b: string, delay: number): void {
    const [first, second] = [this.#address(a), this.#address(b)];
    this.#delays.set(link(first, second), delay);
    this.#delays.set(link(second, first), delay);
  }

  /** Resets every connection between two hosts. */
  reset(a: string, b: string): void {
    const [first, second] = [this.#address(a), this.#address(b)];
    for (const socket of [...this.sockets]) {
      if (socket.connects(first, second)) socket.fail("RESET");
    }
  }

  passes(from: string, to: string): boolean {
    return this.#nodes.get(to)?.powered === true &&
      !this.#cuts.has(link(from, to));
  }

  whenPassable(from: string, to: string, action: () => void): void {
    const key = link(from, to);
    const waiting = this.#waiting.get(key) ?? [];
    waiting.push(action);
    this.#waiting.set(key, waiting);
  }

  /** Lets everything that waited try again, where the way is open now. */
  retry(): void {
    for (const [key, waiting] of [...this.#waiting]) {
      const [from = "", to = ""] = key.split(">");
      if (!this.passes(from, to)) continue;
      this.#waiting.delete(key);
      for (const action of waiting) action();
    }
  }

  latency(from: string, to: string): number {
    if (from === to) return 0.01;
    const { latencyMin, latencyMean, spike, spikeDelay } = this.options;
    const extra = this.#delays.get(link(from, to)) ?? 0;
    const spiked = this.#random.chance(spike) ? spikeDelay : 0;
    return latencyMin + this.#random.exponential(latencyMean) + extra + spiked;
  }

  retransmission(): number {
    return this.#random.between(1, 400);
  }

  portion(from: string, to: string, count: number): number {
    const isPartial = from !== to && this.#random.chance(this.options.partial);
    return isPartial ? 1 + this.#random.below(count) : count;
  }

  breaksNow(from: string, to: string): boolean {
    return from !== to && this.#random.chance(this.options.reset);
  }

  carryOnce(from: string, to: string, deliver: () => void): void {
    this.scheduler.after(this.latency(from, to), null, () => {
      if (this.passes(from, to)) deliver();
    });
  }

  /**
   * Opens a connection.
   * @param done gets the client's socket or the reason why there is none
   */
  connect(
    client: SocketPlace,
    to: string,
    port: number,
    done: (result: SimSocket | Error) => void,
  ): void {
    const giveUp = () => done(broken("TIMEOUT"));
    const opening = new Lane(this, client.host, to, giveUp);
    opening.send(0, () => {
      const answer = new Lane(this, to, client.host, giveUp);
      const listener = this.#listenerAt(client.host, to, port);
      const isRefused = listener === null || (client.host !== to &&
        this.#random.chance(this.options.refuse));
      if (isRefused) {
        answer.send(0, () => done(broken("REFUSED")));
        return;
      }
      const server = {
        host: to,
        execution: listener.execution,
        endpoint: { host: to, port },
      };
      const [near, far] = this.pair(client, server);
      listener.offer(far);
      answer.send(0, () => done(near));
    });
  }

  /** Two connected sockets. */
  pair(a: SocketPlace, b: SocketPlace): [SimSocket, SimSocket] {
    const pair = SimSocket.pair(this, a, b, (broken) => {
      this.sockets.delete(broken);
    });
    for (const socket of pair) this.sockets.add(socket);
    return pair;
  }

  #listenerAt(from: string, to: string, port: number): SimListener | null {
    for (const listener of this.#nodes.get(to)?.listeners ?? []) {
      if (listener.takes(from === to, port)) return listener;
    }
    return null;
  }

  #address(host: string): string {
    const address = this.lookUp(host, host);
    if (address === null) throw new Error(`No host ${host}`);
    return address;
  }
}

function link(from: string, to: string): string {
  return `${from}>${to}`;
}

/**
 * A listening socket of a simulated process.
 *
 * @module
 */

import type {
  Endpoint,
  Listener,
  Transport,
} from "../../../src/runtime/ports.ts";
import type { Execution, Scheduler } from "./scheduler.ts";
import { broken, type SimSocket } from "./socket.ts";

interface PendingAccept {
  readonly resolve: (transport: Transport) => void;
  readonly reject: (error: Error) => void;
}

/** Queues connections until they are accepted. */
export class SimListener implements Listener {
  readonly address: Endpoint;
  readonly execution: Execution;
  readonly #scheduler: Scheduler;
  readonly #onClose: (listener: SimListener) => void;
  readonly #backlog: SimSocket[] = [];
  #accepting: PendingAccept | null = null;
  #closed = false;

  constructor(
    scheduler: Scheduler,
    execution: Execution,
    address: Endpoint,
    onClose: (listener: SimListener) => void,
  ) {
    this.#scheduler = scheduler;
    this.execution = execution;
    this.address = address;
    this.#onClose = onClose;
  }

  /** Whether a connection to `port`, from the same host or not, ends here. */
  takes(isLocal: boolean, port: number): boolean {
    const isLoopback = ["127.0.0.1", "::1", "localhost"]
      .includes(this.address.host);
    return this.address.port === port && (isLocal || !isLoopback);
  }

  accept(): Promise<Transport> {
    if (this.#accepting !== null) throw new Error("Two accepts pending");
    if (this.#closed) return Promise.reject(broken("CLOSED"));
    return new Promise((resolve, reject) => {
      this.#accepting = { resolve, reject };
      this.#progress();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose(this);
    for (const socket of this.#backlog) socket.abandon(true);
    this.#accepting?.reject(broken("CLOSED"));
    this.#accepting = null;
  }

  /** Queues a connection. Not for users of the listener. */
  offer(socket: SimSocket): void {
    this.#backlog.push(socket);
    this.#progress();
  }

  #progress(): void {
    if (this.#backlog.length === 0) return;
    this.#scheduler.after(0, this.execution, () => {
      const pending = this.#accepting;
      const socket = pending === null ? undefined : this.#backlog.shift();
      if (pending === null || socket === undefined) return;
      this.#accepting = null;
      pending.resolve(socket);
    });
  }
}

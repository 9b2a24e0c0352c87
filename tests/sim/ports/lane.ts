/**
 * One direction of a connection.
 *
 * @module
 */

import type { Timer } from "../../../src/runtime/ports.ts";
import type { Wire } from "./wire.ts";

interface Shipment {
  readonly due: number;
  readonly deliver: () => void;
}

/**
 * Carries things between two hosts in order and without loss, as TCP does:
 * what can't pass is sent again until it can, or until the sender gives up.
 */
export class Lane {
  readonly #wire: Wire;
  readonly #from: string;
  readonly #to: string;
  readonly #onTimeout: () => void;
  readonly #queue: Shipment[] = [];
  #busy = false;
  #lastDue = 0;
  #patience: Timer | null = null;

  /** @param onTimeout called when the lane has been blocked for too long */
  constructor(
    wire: Wire,
    from: string,
    to: string,
    onTimeout: () => void,
  ) {
    this.#wire = wire;
    this.#from = from;
    this.#to = to;
    this.#onTimeout = onTimeout;
  }

  /** Calls `deliver` when `size` bytes have reached the other end. */
  send(size: number, deliver: () => void): void {
    const { now } = this.#wire.scheduler;
    const transfer = size / this.#wire.options.bandwidth;
    const due = Math.max(
      this.#lastDue + transfer,
      now + transfer + this.#wire.latency(this.#from, this.#to),
    );
    this.#lastDue = due;
    this.#queue.push({ due, deliver });
    if (!this.#busy) this.#plan(0);
  }

  /** Forgets what is under way. */
  clear(): void {
    this.#queue.length = 0;
    this.#patience?.cancel();
    this.#patience = null;
  }

  #plan(earliest: number): void {
    const head = this.#queue[0];
    this.#busy = head !== undefined;
    if (head === undefined) return;
    const { scheduler } = this.#wire;
    const wait = Math.max(head.due - scheduler.now, earliest);
    scheduler.after(wait, null, () => this.#arrive());
  }

  #arrive(): void {
    const { scheduler, options } = this.#wire;
    if (!this.#wire.passes(this.#from, this.#to)) {
      this.#patience ??= scheduler.after(options.timeout, null, () => {
        this.clear();
        this.#onTimeout();
      });
      this.#wire.whenPassable(this.#from, this.#to, () => {
        this.#plan(this.#wire.retransmission());
      });
      return;
    }
    this.#patience?.cancel();
    this.#patience = null;
    const head = this.#queue.shift();
    this.#plan(0);
    head?.deliver();
  }
}

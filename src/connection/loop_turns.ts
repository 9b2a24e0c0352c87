/**
 * Turns of the event loop in which it looks at all sockets.
 *
 * The platform's own ways to go on later, immediates and short timers, come
 * around many times before it looks at sockets again: with work at hand, some
 * hundred milliseconds can pass (measured: 60 turns). A byte through a pair of
 * sockets arrives when it has looked, no later and, in some 10 µs, hardly ever
 * earlier than that.
 *
 * @module
 */

import type { Network, Timers, Transport } from "../runtime/mod.ts";

/** Whoever takes long lets others have their turn. */
export interface Turns {
  /** Resolves once the event loop has looked at all sockets. */
  next(): Promise<void>;
}

/** Milliseconds of a rest that does the same, only slower. */
const REST = 1;

type Pair = readonly [sender: Transport, receiver: Transport];

/** One per server; opens its sockets when they are first needed. */
export class LoopTurns implements Turns {
  readonly #network: Pick<Network, "loopback">;
  readonly #timers: Pick<Timers, "sleep">;
  readonly #byte = new Uint8Array(1);
  /** Undefined: not asked for yet; null: there is none to be had. */
  #pair: Pair | null | undefined;
  #next: Promise<void> | null = null;
  #closed = false;

  constructor(
    network: Pick<Network, "loopback">,
    timers: Pick<Timers, "sleep">,
  ) {
    this.#network = network;
    this.#timers = timers;
  }

  next(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return this.#next ??= this.#turn();
  }

  /** From now on nobody needs to be considered. Resolves when nothing is open. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#next;
    this.#drop();
  }

  async #turn(): Promise<void> {
    try {
      if (this.#pair === undefined) await this.#open();
      if (this.#pair) await this.#send(this.#pair);
      else if (!this.#closed) await this.#timers.sleep(REST);
    } finally {
      this.#next = null;
    }
  }

  async #send([sender, receiver]: Pair): Promise<void> {
    try {
      const arrival = receiver.read(this.#byte);
      const [count] = await Promise.all([arrival, sender.write(this.#byte)]);
      if (count === null) this.#drop();
    } catch {
      this.#drop();
    }
  }

  async #open(): Promise<void> {
    this.#pair = null;
    try {
      this.#pair = await this.#network.loopback();
      if (this.#closed) this.#drop();
    } catch {
      // Without loopback a rest must do.
    }
  }

  #drop(): void {
    for (const end of this.#pair ?? []) end.close();
    this.#pair = null;
  }
}

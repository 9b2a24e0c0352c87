/**
 * Collects the connections that were given something to write, so that each
 * is flushed once per batch of input instead of once per message.
 *
 * @module
 */

import { Turn } from "./turn.ts";

/** Something with output to start writing. */
export interface Flushable {
  flush(): void;
  /** Whether its peer reads, but can't keep up. */
  readonly lagging: boolean;
}

/** One per server. */
export class FlushQueue<C extends Flushable = Flushable> {
  /** The turn of the event loop that the batches take place in. */
  readonly turn: Turn = new Turn();
  #waiting: C[] = [];
  #spare: C[] = [];
  #laggard: C | null = null;
  #depth = 0;
  #scheduled = false;

  /**
   * Remembers a connection for the end of the batch; outside of a batch, for
   * the end of the current turn of the event loop.
   */
  add(connection: C): void {
    this.#waiting.push(connection);
    if (this.#depth === 0 && !this.#scheduled) {
      this.#scheduled = true;
      void Promise.resolve().then(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
  }

  /** Opens a batch; each call needs its {@link end}. */
  begin(): void {
    this.#depth++;
  }

  /**
   * Closes a batch and starts writing what it produced.
   * @returns a connection that can't keep up with the batch's producer
   */
  end(): C | null {
    if (--this.#depth > 0 || this.#waiting.length === 0) return null;
    this.#flush();
    return this.#laggard;
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = this.#spare;
    this.#laggard = null;
    for (const connection of waiting) {
      connection.flush();
      if (connection.lagging) this.#laggard = connection;
    }
    waiting.length = 0;
    this.#spare = waiting;
  }
}

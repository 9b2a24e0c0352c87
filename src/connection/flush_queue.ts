/**
 * Collects the connections that were given something to write, so that each
 * is flushed once per batch of input instead of once per message.
 *
 * @module
 */

/** Something with output to start writing. */
export interface Flushable {
  flush(): void;
}

/** One per server. */
export class FlushQueue {
  #waiting: Flushable[] = [];
  #spare: Flushable[] = [];
  #depth = 0;
  #scheduled = false;

  /**
   * Remembers a connection for the end of the batch; outside of a batch, for
   * the end of the current turn of the event loop.
   */
  add(connection: Flushable): void {
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

  /** Closes a batch and starts writing what it produced. */
  end(): void {
    if (--this.#depth === 0 && this.#waiting.length > 0) this.#flush();
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = this.#spare;
    for (const connection of waiting) connection.flush();
    waiting.length = 0;
    this.#spare = waiting;
  }
}

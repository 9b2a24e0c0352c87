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

/** Something that gathers work during a batch and does it at its end. */
export interface BatchEnd {
  /** Called before connections are flushed; may give them more to write. */
  onBatchEnd(): void;
}

/** One per server. */
export class FlushQueue<C extends Flushable = Flushable> {
  /** The turn of the event loop that the batches take place in. */
  readonly turn: Turn = new Turn();
  #waiting: C[] = [];
  #spare: C[] = [];
  #ends: BatchEnd[] = [];
  #spareEnds: BatchEnd[] = [];
  #laggard: C | null = null;
  #depth = 0;
  #scheduled = false;

  /**
   * Remembers a connection for the end of the batch; outside of a batch, for
   * the end of the current turn of the event loop.
   */
  add(connection: C): void {
    this.#waiting.push(connection);
    this.#schedule();
  }

  /**
   * Has `end` called once at the end of the batch, outside of a batch at the
   * end of the current turn of the event loop. It asks again for each batch.
   */
  atEnd(end: BatchEnd): void {
    this.#ends.push(end);
    this.#schedule();
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
    if (--this.#depth > 0) return null;
    if (this.#waiting.length === 0 && this.#ends.length === 0) return null;
    this.#flush();
    return this.#laggard;
  }

  #schedule(): void {
    if (this.#depth > 0 || this.#scheduled) return;
    this.#scheduled = true;
    void Promise.resolve().then(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** What ends the batch may ask for another end, such as one store's for another. */
  #endBatch(): void {
    this.#depth++;
    try {
      while (this.#ends.length > 0) {
        const ends = this.#ends;
        this.#ends = this.#spareEnds;
        for (const end of ends) end.onBatchEnd();
        ends.length = 0;
        this.#spareEnds = ends;
      }
    } finally {
      this.#depth--;
    }
  }

  #flush(): void {
    if (this.#ends.length > 0) this.#endBatch();
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

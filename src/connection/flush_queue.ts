/**
 * Collects the connections that were given something to write, so that each
 * is flushed once per batch of input instead of once per message.
 *
 * @module
 */

import type { Turns } from "./loop_turns.ts";
import { Turn } from "./turn.ts";

/**
 * Connections of one turn of the event loop. Starting to write takes some
 * 15 µs, and what was published to very many must not hold up all others.
 */
const PORTION = 256;

/**
 * Microtasks within which a write that went out at once is over for its
 * connection, WebSocket's too. Too few would cost time and nothing else.
 */
const SETTLED_AFTER = 16;

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
  /** Connections whose turn has not come; those before `#flushed` are done. */
  #backlog: C[] = [];
  #flushed = 0;
  /** Long work that waits for its turn; the first has it. */
  readonly #patient: (() => void)[] = [];
  /** Settles when the backlog is done. */
  #postponed: Promise<void> | null = null;
  readonly #turns: Turns;
  #laggard: C | null = null;
  /** Whether the last batch left connections to the next turns. */
  #overfull = false;
  #depth = 0;
  #scheduled = false;
  #settling: Promise<void> | null = null;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

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

  /**
   * Goes on with long work, as a batch of its own, once the event loop has
   * looked at all sockets.
   */
  later(work: () => void): void {
    void this.#turns.next().then(() => {
      this.begin();
      try {
        work();
      } finally {
        this.end();
      }
    });
  }

  /** The same for work that can wait: of all such work, one has its turn at a time. */
  inTurn(work: () => void): void {
    this.#patient.push(work);
    if (this.#patient.length === 1) this.#serveNext();
  }

  #serveNext(): void {
    this.later(() => {
      const [work] = this.#patient;
      try {
        work?.();
      } finally {
        this.#patient.shift();
        if (this.#patient.length > 0) this.#serveNext();
      }
    });
  }

  /**
   * What the next batch should wait for, again and again until there is
   * nothing (null), so that the receivers of a {@linkcode settle}d one can write.
   */
  get settling(): Promise<void> | null {
    return this.#settling;
  }

  /**
   * Lets all that a large batch made be written before anything is read or
   * handled that would become more: it is still in the cache, and its memory
   * then takes what comes next. Who can't write at once is not waited for.
   */
  settle(): Promise<void> {
    this.#settling ??= this.#settle();
    return this.#settling;
  }

  async #settle(): Promise<void> {
    for (let i = 0; i < SETTLED_AFTER; i++) await null;
    this.#settling = null;
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
    this.#overfull = false;
    if (this.#waiting.length === 0 && this.#ends.length === 0) return null;
    this.#flush();
    return this.#laggard;
  }

  /**
   * What a producer waits for before it goes on, right after its batch: that
   * had more receivers than one turn can serve. Null: it need not wait.
   */
  get postponed(): Promise<void> | null {
    return this.#overfull ? this.#postponed : null;
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
    const now = Math.min(waiting.length, PORTION);
    for (let i = 0; i < now; i++) {
      const connection = waiting[i] as C;
      connection.flush();
      if (connection.lagging) this.#laggard = connection;
    }
    this.#overfull = waiting.length > now;
    if (this.#overfull) this.#postpone(waiting, now);
    waiting.length = 0;
    this.#spare = waiting;
  }

  /** Small batches of others come first; who waits longest comes next. */
  #postpone(waiting: readonly C[], from: number): void {
    for (let i = from; i < waiting.length; i++) {
      this.#backlog.push(waiting[i] as C);
    }
    if (this.#postponed !== null) return;
    this.#postponed = this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    while (this.#flushed < this.#backlog.length) {
      await this.#turns.next();
      const end = Math.min(this.#flushed + PORTION, this.#backlog.length);
      while (this.#flushed < end) {
        (this.#backlog[this.#flushed++] as C).flush();
      }
    }
    this.#backlog = [];
    this.#flushed = 0;
    this.#postponed = null;
  }
}

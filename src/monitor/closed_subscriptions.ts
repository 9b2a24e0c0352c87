/**
 * The subscriptions that a client had when it left.
 *
 * @module
 */

import type { Turns } from "../connection/mod.ts";

/** One subscription. */
export interface SubscriptionFacts {
  /** Byte strings. */
  readonly subject: string;
  readonly queue: string | null;
  readonly sid: string;
  readonly delivered: number;
  /** 0: no limit. */
  readonly max: number;
}

/** All that a client has. */
interface Subscriptions {
  readonly size: number;
  values(): IteratorObject<SubscriptionFacts>;
}

/** Subscriptions of one turn of the event loop. */
const PORTION = 1024;

/**
 * Copies what is worth knowing, and lets go of the client: the first ones at
 * once, and if there are very many, the others in portions.
 */
export class ClosedSubscriptions implements Iterable<SubscriptionFacts> {
  readonly size: number;
  readonly #copied: SubscriptionFacts[] = [];
  /** Null when all are copied. */
  #source: Subscriptions | null;

  /** @param source must not change any more */
  constructor(
    source: Subscriptions,
    turns: Turns,
  ) {
    this.size = source.size;
    this.#source = source;
    const rest = source.values();
    const copySome = () => {
      for (let i = 0; i < PORTION; i++) {
        const next = rest.next();
        if (next.done === true) {
          this.#source = null;
          return;
        }
        const { subject, queue, sid, delivered, max } = next.value;
        this.#copied.push({ subject, queue, sid, delivered, max });
      }
      void turns.next().then(copySome);
    };
    copySome();
  }

  *[Symbol.iterator](): Generator<SubscriptionFacts> {
    let seen = 0;
    for (; seen < this.#copied.length; seen++) {
      yield this.#copied[seen] as SubscriptionFacts;
    }
    // What was copied meanwhile comes from there as well.
    let skipped = 0;
    for (const subscription of this.#source?.values() ?? []) {
      if (skipped++ >= seen) yield subscription;
    }
  }
}

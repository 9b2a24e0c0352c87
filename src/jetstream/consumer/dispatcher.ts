/**
 * Whose turn it is to deliver.
 *
 * @module
 */

import type { BatchEnd, FlushQueue } from "../../connection/mod.ts";

/** Something with messages to deliver. */
export interface Deliverer {
  /** Whether it waits for its turn; for the dispatcher alone. */
  queued: boolean;
  /**
   * Delivers up to `quantum` messages.
   * @returns whether it could go on at once
   */
  takeTurn(quantum: number): boolean;
}

/** Tells time. */
interface Monotonic {
  monotonic(): number;
}

/** Messages that one may deliver before it is another's turn. */
const QUANTUM = 128;
/** Milliseconds at the end of somebody's batch, and in a turn of its own. */
const BATCH_BUDGET = 1;
const TURN_BUDGET = 2;

/**
 * Lets all that have something to deliver do so in turn, a few messages each.
 * What became deliverable in a batch of input goes out at its end; who has more
 * goes on in turns of the event loop of its own, so that neither the loop nor
 * those who publish wait for long.
 */
export class Dispatcher implements BatchEnd {
  readonly #flushQueue: FlushQueue;
  readonly #clock: Monotonic;
  /** Those who became ready since the last batch end. */
  readonly #fresh: Deliverer[] = [];
  /** Those who had more than their share. */
  readonly #backlog: Deliverer[] = [];
  #turnDue = false;

  constructor(flushQueue: FlushQueue, clock: Monotonic) {
    this.#flushQueue = flushQueue;
    this.#clock = clock;
  }

  /** Somebody has something to deliver. */
  ready(deliverer: Deliverer): void {
    if (deliverer.queued) return;
    deliverer.queued = true;
    if (this.#fresh.length === 0) this.#flushQueue.atEnd(this);
    this.#fresh.push(deliverer);
  }

  onBatchEnd(): void {
    const end = this.#clock.monotonic() + BATCH_BUDGET;
    const fresh = this.#fresh;
    // Whoever becomes ready meanwhile comes last, and asks for no other end.
    let at = 0;
    do this.#serve(fresh[at++] as Deliverer, this.#backlog); while (
      at < fresh.length && this.#clock.monotonic() < end
    );
    for (; at < fresh.length; at++) this.#backlog.push(fresh[at] as Deliverer);
    fresh.length = 0;
    this.#scheduleTurn();
  }

  #serve(deliverer: Deliverer, others: Deliverer[]): void {
    deliverer.queued = false;
    if (!deliverer.takeTurn(QUANTUM) || deliverer.queued) return;
    deliverer.queued = true;
    others.push(deliverer);
  }

  #scheduleTurn(): void {
    if (this.#turnDue || this.#backlog.length === 0) return;
    this.#turnDue = true;
    this.#flushQueue.later(() => {
      this.#turnDue = false;
      this.#takeTurn();
    });
  }

  #takeTurn(): void {
    const end = this.#clock.monotonic() + TURN_BUDGET;
    const backlog = this.#backlog;
    let at = 0;
    while (at < backlog.length && (at === 0 || this.#clock.monotonic() < end)) {
      this.#serve(backlog[at++] as Deliverer, backlog);
    }
    backlog.splice(0, at);
    this.#scheduleTurn();
  }
}

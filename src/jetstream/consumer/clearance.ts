/**
 * What a consumer no longer gets of its stream.
 *
 * @module
 */

import { SHORT_SLICE, type Work } from "../../connection/mod.ts";
import type { Consumer } from "./consumer.ts";
import { type DeliveryState, NO_SLOT } from "./state/mod.ts";
import { GONE } from "./telling.ts";

/** Messages that are looked at in one step, some of which are looked up. */
const STEP = 32;
/** The same where none is. */
const LARGE_STEP = 1024;
/** So many pending messages are looked up; of more, what is gone shows when it is due. */
const LOOKUPS_MAX = 2000;

/** Gives up what is pending and no more in the stream, a little in each turn. */
export class Clearance {
  readonly #consumer: Consumer;
  readonly #giveUp: (sequence: number, reason: string) => void;
  #work: Work<void> | null = null;

  constructor(
    consumer: Consumer,
    giveUp: (sequence: number, reason: string) => void,
  ) {
    this.#consumer = consumer;
    this.#giveUp = giveUp;
  }

  /** @param reason of what is gone with the beginning of the stream */
  begin(reason: string = GONE.limits): void {
    this.#work?.return();
    this.#work = this.#givingUp(reason);
    this.goOn();
  }

  /** @returns whether nothing is left to give up; else it goes on in its turn */
  goOn(): boolean {
    if (this.#work === null) return true;
    const { clock } = this.#consumer.host;
    const end = clock.monotonic() + SHORT_SLICE;
    while (this.#work !== null) {
      if (this.#work.next().done) this.#work = null;
      else if (clock.monotonic() >= end) {
        this.#consumer.ready();
        return false;
      }
    }
    return true;
  }

  *#givingUp(reason: string): Work<void> {
    const { state, store, kept } = this.#consumer;
    const { pending } = state;
    const forgotten = yield* forgettingRedeliveries(state, store.firstSequence);
    if (forgotten) kept?.changed();
    const looksUp = pending.count <= LOOKUPS_MAX;
    let looks = 0;
    for (const slot of pending.walk()) {
      const sequence = pending.sequence(slot);
      if (sequence < store.firstSequence) this.#giveUp(sequence, reason);
      else if (!looksUp) return;
      else if (store.load(sequence) === null) {
        this.#giveUp(sequence, GONE.deleted);
      }
      if (++looks % STEP === 0) yield;
    }
  }
}

/**
 * Forgets redeliveries of what is below `first`, so no more in the stream, and
 * not pending, step by step.
 * @returns whether there were any
 */
export function* forgettingRedeliveries(
  { pending, redelivered }: DeliveryState,
  first: number,
): Work<boolean> {
  let forgotten = false;
  let looks = 0;
  for (const sequence of redelivered.keys()) {
    if (sequence < first && pending.find(sequence) === NO_SLOT) {
      redelivered.delete(sequence);
      forgotten = true;
    }
    if (++looks % LARGE_STEP === 0) yield;
  }
  return forgotten;
}

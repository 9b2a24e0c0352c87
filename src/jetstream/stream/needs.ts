/**
 * Who still needs a message.
 *
 * @module
 */

import type { StreamConsumer } from "./contract.ts";

/** Messages that are told apart. */
const SLOTS = 1024;

/** Somebody who may need messages. */
type Interested = Pick<StreamConsumer, "needsAck">;

/**
 * Asks no more of very many consumers than it must: when each of them
 * acknowledges the same message, asking all each time would take the square of
 * their number.
 */
export class Needs {
  /** Of a message: where in the list the last was found who needs it. */
  readonly #places = new Int32Array(SLOTS);

  /** Whether any of those needs a message. */
  any(interested: readonly Interested[], sequence: number): boolean {
    const { length } = interested;
    const slot = sequence % SLOTS;
    const begin = Math.min(this.#places[slot] as number, length - 1);
    // Those in front of it come last: they have most likely acknowledged.
    for (let i = 0, at = begin; i < length; i++, at = (at + 1) % length) {
      if (!(interested[at] as Interested).needsAck(sequence)) continue;
      this.#places[slot] = at;
      return true;
    }
    return false;
  }
}

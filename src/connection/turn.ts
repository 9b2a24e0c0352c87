/**
 * Makes sure that the event loop turns.
 *
 * The platform hands on what a socket has in store without going back to the
 * loop, so that clients who write as fast as they are read would keep timers
 * and everybody else waiting for as long as they like.
 *
 * @module
 */

import type { Turns } from "./loop_turns.ts";

/** Batches follow each other for so long before the loop turns, milliseconds. */
const BUSY_MAX = 5;
/** After such a pause between two batches the loop has turned by itself. */
const PAUSE_MIN = 1;

/** Watches the batches of all connections of a server. */
export class Turn {
  #began = -Infinity;
  #ended = -Infinity;
  #next: Promise<void> | null = null;

  /** Takes note of a batch, by monotonic times of its begin and end. */
  spent(began: number, ended: number): void {
    if (began - this.#ended > PAUSE_MIN) this.#began = began;
    this.#ended = ended;
  }

  /** What to wait for before more is read; null: nothing. */
  next(turns: Turns): Promise<void> | null {
    if (this.#ended - this.#began < BUSY_MAX) return null;
    return this.#next ??= turns.next().then(() => {
      this.#next = null;
      this.#began = this.#ended;
    });
  }
}

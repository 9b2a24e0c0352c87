/**
 * Keeps long work from holding the event loop.
 *
 * @module
 */

import type { Clock, Timers } from "../runtime/mod.ts";

/** Milliseconds of work after which others get their turn. */
const TURN = 2;

/**
 * Milliseconds to rest. Going on at the end of the turn would not do: while
 * work is always at hand, the platform hardly looks at sockets.
 */
const REST = 1;

/** Belongs to one piece of work. */
export class Pacer {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #timers: Pick<Timers, "sleep">;
  #since: number;

  constructor(
    { clock, timers }: {
      readonly clock: Pick<Clock, "monotonic">;
      readonly timers: Pick<Timers, "sleep">;
    },
  ) {
    this.#clock = clock;
    this.#timers = timers;
    this.#since = clock.monotonic();
  }

  /** Whether the turn is over. */
  get due(): boolean {
    return this.#clock.monotonic() - this.#since >= TURN;
  }

  /** Resolves when others had their turn. */
  async rest(): Promise<void> {
    await this.#timers.sleep(REST);
    this.#since = this.#clock.monotonic();
  }
}

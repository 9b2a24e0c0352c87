/**
 * Keeps long work from holding the event loop.
 *
 * @module
 */

import type { Clock } from "../runtime/mod.ts";

/** The part of the timers that is needed. */
interface Later {
  soon(callback: () => void): unknown;
}

/** Milliseconds of work after which others get their turn. */
const TURN = 2;

/** Belongs to one piece of work. */
export class Pacer {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #timers: Later;
  #since: number;

  constructor(
    { clock, timers }: {
      readonly clock: Pick<Clock, "monotonic">;
      readonly timers: Later;
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
    await new Promise<void>((resolve) => this.#timers.soon(resolve));
    this.#since = this.#clock.monotonic();
  }
}

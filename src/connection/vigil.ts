/**
 * Keeps the event loop awake while the next request is about to come.
 *
 * A client that waits for each answer sends again some 50 µs after it. A loop
 * that has gone to sleep meanwhile needs about as long to wake as it takes to
 * answer. So it goes on looking at its sockets for a moment, where most of what
 * came last was sent within such a moment after an answer. What clients send of
 * their own accord is not waited for, however often it comes.
 *
 * @module
 */

import type { Clock } from "../runtime/mod.ts";
import type { Turns } from "./loop_turns.ts";

/** The moment, milliseconds. Longer ones cost more than waking does. */
const MOMENT = 0.2;
/** What takes longer, milliseconds, is no request: waking up matters little beside it. */
const REQUEST_MAX = 0.1;
/** After a shorter pause, milliseconds, the loop was awake in any case. */
const PAUSE_MIN = 0.005;

/** A request soon after an answer gains one trust, everything else loses some. */
const TRUST_MAX = 16;
const LOSS = 4;
/** Trust from which on vigils are kept: four of five must be such requests. */
const TRUST_NEEDED = 8;

/** What vigils are made of. */
export interface VigilParts {
  readonly turns: Turns;
  readonly clock: Pick<Clock, "monotonic">;
  /** Processors; the only one is left to those who are to send something. */
  readonly cores: number;
}

/** One per server. */
export class Vigil {
  readonly #turns: Turns;
  readonly #clock: VigilParts["clock"];
  readonly #pays: boolean;
  #trust = 0;
  /** Monotonic time at which the last batch ended. */
  #ended = -Infinity;
  #kept = false;

  constructor({ turns, clock, cores }: VigilParts) {
    this.#turns = turns;
    this.#clock = clock;
    this.#pays = cores > 1;
  }

  /**
   * Takes note of a batch, by monotonic times of its begin and end.
   * @param answered when its sender was written to last
   */
  spent(began: number, ended: number, answered: number): void {
    if (!this.#pays) return;
    const pause = began - this.#ended;
    this.#ended = ended;
    if (pause < PAUSE_MIN || ended - began > REQUEST_MAX) return;
    this.#learn(pause <= MOMENT && began - answered <= MOMENT);
    if (this.#trust >= TRUST_NEEDED && !this.#kept) void this.#keep();
  }

  #learn(pays: boolean): void {
    if (!pays) this.#trust = Math.max(0, this.#trust - LOSS);
    else if (this.#trust < TRUST_MAX) this.#trust++;
  }

  async #keep(): Promise<void> {
    this.#kept = true;
    do await this.#turns.next(); while (
      this.#trust >= TRUST_NEEDED &&
      this.#clock.monotonic() - this.#ended < MOMENT
    );
    this.#kept = false;
  }
}

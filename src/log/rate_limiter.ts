/**
 * Keeps a fault that repeats with every message from flooding the log.
 *
 * @module
 */

import type { Clock, Timer, Timers } from "../runtime/mod.ts";

/** Default time for which a statement stays silent after it was logged, ms. */
const INTERVAL = 1000;

/**
 * Lets each statement through once per interval. Expiry runs on a ticker, so a
 * statement stays silent for between one and two intervals. The ticker runs
 * only while there is something to expire.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #interval: number;
  /** Statement → monotonic time at which it was let through. */
  readonly #seen = new Map<string, number>();
  #ticker: Timer | undefined;

  /** @param interval milliseconds */
  constructor(clock: Clock, timers: Timers, interval: number = INTERVAL) {
    this.#clock = clock;
    this.#timers = timers;
    this.#interval = interval;
  }

  /** Whether `statement` (or the format it was made from) may be logged now. */
  admits(statement: string): boolean {
    if (this.#seen.has(statement)) return false;
    this.#seen.set(statement, this.#clock.monotonic());
    this.#ticker ??= this.#timers.every(this.#interval, () => this.#expire());
    return true;
  }

  /** Forgets everything and stops the ticker. */
  close(): void {
    this.#seen.clear();
    this.#ticker?.cancel();
    this.#ticker = undefined;
  }

  #expire(): void {
    const oldest = this.#clock.monotonic() - this.#interval;
    for (const [statement, since] of this.#seen) {
      if (since <= oldest) this.#seen.delete(statement);
    }
    if (this.#seen.size === 0) this.close();
  }
}

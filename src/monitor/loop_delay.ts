/**
 * How late the event loop is.
 *
 * @module
 */

import type { Clock, Timer, Timers } from "../runtime/mod.ts";

/** Milliseconds between two looks. */
const INTERVAL = 50;

/** Milliseconds at which classes of delays end; the last has no end. */
const BOUNDS: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Delays of one class, milliseconds: `least` ≤ delay < `most`. */
export interface LoopDelayBucket {
  readonly least: number;
  readonly most: number;
  readonly count: number;
  /** Sum of the delays. */
  readonly total: number;
}

/** All delays since the start, milliseconds. */
export interface LoopDelaySummary {
  readonly count: number;
  readonly total: number;
  readonly longest: number;
  readonly buckets: readonly LoopDelayBucket[];
}

/**
 * A timer that notes how much later than asked it is called: so long has
 * everything else waited, too.
 */
export class LoopDelay {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #counts: number[] = new Array(BOUNDS.length + 1).fill(0);
  readonly #totals: number[] = new Array(BOUNDS.length + 1).fill(0);
  #longest = 0;
  #due = 0;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Begins to measure, until the timer is cancelled. */
  start(timers: Pick<Timers, "every">): Timer {
    this.#due = this.#clock.monotonic() + INTERVAL;
    return timers.every(INTERVAL, () => {
      const now = this.#clock.monotonic();
      this.note(Math.max(0, now - this.#due));
      this.#due = now + INTERVAL;
    });
  }

  /** Takes one delay, milliseconds. */
  note(delay: number): void {
    const found = BOUNDS.findIndex((bound) => delay < bound);
    const bucket = found < 0 ? BOUNDS.length : found;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#totals[bucket] = (this.#totals[bucket] ?? 0) + delay;
    this.#longest = Math.max(this.#longest, delay);
  }

  summary(): LoopDelaySummary {
    const buckets = this.#counts.map((count, index) => ({
      least: BOUNDS[index - 1] ?? 0,
      most: BOUNDS[index] ?? Infinity,
      count,
      total: this.#totals[index] ?? 0,
    }));
    return {
      count: buckets.reduce((sum, { count }) => sum + count, 0),
      total: buckets.reduce((sum, { total }) => sum + total, 0),
      longest: this.#longest,
      buckets,
    };
  }
}

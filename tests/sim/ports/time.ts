/**
 * Clock and timers of one simulated process.
 *
 * @module
 */

import type { Clock, Timer, Timers } from "../../../src/runtime/ports.ts";
import type { Execution, Scheduler } from "./scheduler.ts";

/** Wall time at which every simulation begins. */
export const EPOCH = Date.UTC(2026, 0, 1);

/** Virtual time as one host sees it: its wall clock may be wrong, and drift. */
export class SimClock implements Clock {
  /** Milliseconds that this host's wall clock is ahead; changing it is a jump. */
  skew = 0;
  readonly #scheduler: Scheduler;
  readonly #drift: number;
  readonly #uptime: number;

  /**
   * @param drift wall milliseconds gained per millisecond
   * @param uptime what monotonic time was when the simulation began
   */
  constructor(scheduler: Scheduler, drift: number, uptime: number) {
    this.#scheduler = scheduler;
    this.#drift = drift;
    this.#uptime = uptime;
  }

  now(): number {
    return Math.floor(this.#wall());
  }

  nowNanos(): bigint {
    const wall = this.#wall();
    const whole = Math.floor(wall);
    return BigInt(whole) * 1_000_000n +
      BigInt(Math.floor((wall - whole) * 1e6));
  }

  monotonic(): number {
    return this.#uptime + this.#scheduler.now;
  }

  utcOffset(_at: number): number {
    return 0;
  }

  #wall(): number {
    const { now } = this.#scheduler;
    return EPOCH + now * (1 + this.#drift) + this.skew;
  }
}

/** Timers that die with their process. */
export class SimTimers implements Timers {
  readonly #scheduler: Scheduler;
  readonly #execution: Execution;

  constructor(scheduler: Scheduler, execution: Execution) {
    this.#scheduler = scheduler;
    this.#execution = execution;
  }

  after(delay: number, callback: () => void): Timer {
    return this.#scheduler.after(delay, this.#execution, callback);
  }

  every(interval: number, callback: () => void): Timer {
    // An interval of 0 would hold time still.
    const period = Math.max(1, interval);
    let current: Timer;
    const plan = () => {
      current = this.after(period, () => {
        plan();
        callback();
      });
    };
    plan();
    return { cancel: () => current.cancel() };
  }

  soon(callback: () => void): Timer {
    return this.after(0, callback);
  }

  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => void this.after(delay, resolve));
  }
}

/**
 * Stand-in for `jsr:@std/testing/time`: fake timers over `@sinonjs/fake-timers`.
 *
 * @module
 */
import { type Clock, install } from "@sinonjs/fake-timers";

/** Options of {@link FakeTime}. */
export interface FakeTimeOptions {
  /** Fake milliseconds per real millisecond; 0 (default) stands still. */
  advanceRate: number;
  /** Real milliseconds between updates (default 10). */
  advanceFrequency?: number;
}

/** Replaces `Date`, `setTimeout` and `setInterval` until it is restored. */
export class FakeTime {
  readonly #clock: Clock;
  readonly #start: number;

  constructor(
    start?: number | string | Date | null,
    options?: FakeTimeOptions,
  ) {
    this.#start = start === undefined || start === null
      ? Date.now()
      : new Date(start).getTime();
    const rate = options?.advanceRate ?? 0;
    this.#clock = install({
      now: this.#start,
      toFake: [
        "Date",
        "setTimeout",
        "clearTimeout",
        "setInterval",
        "clearInterval",
      ],
      shouldAdvanceTime: rate > 0,
      advanceTimeDelta: rate * (options?.advanceFrequency ?? 10),
    });
  }

  /** Fake milliseconds since the Unix epoch; only moves forward. */
  get now(): number {
    return this.#clock.now;
  }
  set now(value: number) {
    if (value < this.now) {
      throw new RangeError(
        `Cannot set current time in the past, time must be >= ${this.now}: received ${value}`,
      );
    }
    this.#clock.tick(value - this.now);
  }

  /** The time at which the fake began. */
  get start(): number {
    return this.#start;
  }

  /** Lets the jobs that are queued now run. */
  async runMicrotasks(): Promise<void> {
    await this.#clock.tickAsync(0);
  }

  /** Moves time forward and runs what becomes due. */
  tick(ms = 0): void {
    this.#clock.tick(ms);
  }

  /** Like {@link tick}, with the microtasks in between. */
  async tickAsync(ms = 0): Promise<void> {
    await this.#clock.tickAsync(ms);
  }

  /** Runs the next timer. @returns whether there was one */
  next(): boolean {
    const due = this.#clock.countTimers() > 0;
    this.#clock.next();
    return due;
  }

  /** Like {@link next}, with the microtasks before it. */
  async nextAsync(): Promise<boolean> {
    await this.runMicrotasks();
    return this.next();
  }

  /** Runs timers until none is left. */
  runAll(): void {
    this.#clock.runAll();
  }

  /** Like {@link runAll}, with the microtasks in between. */
  async runAllAsync(): Promise<void> {
    await this.#clock.runAllAsync();
  }

  /** Gives the real functions back. */
  restore(): void {
    this.#clock.uninstall();
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}

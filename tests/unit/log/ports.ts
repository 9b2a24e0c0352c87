/**
 * Ports for tests of logging: real ones where files are concerned, and a clock
 * and timers that only the test moves.
 *
 * @module
 */

import type { Clock, Timer, Timers } from "../../../src/runtime/mod.ts";

/** A clock that stands still until it is told otherwise. */
export class SetClock implements Clock {
  /** Nanoseconds since the Unix epoch. */
  nanos: bigint;
  /** Minutes ahead of UTC. */
  offset = 0;

  /** @param iso the time to stand at, and further nanoseconds */
  constructor(iso: string, nanos = 0n) {
    this.nanos = BigInt(Date.parse(iso)) * 1_000_000n + nanos;
  }

  now(): number {
    return Number(this.nanos / 1_000_000n);
  }

  nowNanos(): bigint {
    return this.nanos;
  }

  monotonic(): number {
    return Number(this.nanos) / 1e6;
  }

  utcOffset(): number {
    return this.offset;
  }

  advance(milliseconds: number): void {
    this.nanos += BigInt(milliseconds) * 1_000_000n;
  }
}

/** Timers that fire when the test says so. */
export class HandTimers implements Timers {
  readonly #pending = new Set<() => void>();

  /** Calls that wait. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Fires everything that waits; what repeats stays. */
  fire(): void {
    for (const call of [...this.#pending]) call();
  }

  after(_delay: number, callback: () => void): Timer {
    return this.soon(callback);
  }

  every(_interval: number, callback: () => void): Timer {
    const call = () => callback();
    this.#pending.add(call);
    return { cancel: () => this.#pending.delete(call) };
  }

  soon(callback: () => void): Timer {
    const call = () => {
      this.#pending.delete(call);
      callback();
    };
    this.#pending.add(call);
    return { cancel: () => this.#pending.delete(call) };
  }

  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => void this.after(delay, resolve));
  }
}

/** Ends "the process" by throwing; remembers what was written. */
export class CapturedProcess {
  readonly pid = 4711;
  readonly name = "nats-server";
  written = "";
  /** Calls of `writeError`. */
  writes = 0;

  writeError(text: string): void {
    this.written += text;
    this.writes++;
  }

  exit(code: number): never {
    throw new Exit(code);
  }
}

/** The process would have ended. */
export class Exit extends Error {
  override readonly name = "Exit";
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/**
 * What the process uses of the machine.
 *
 * @module
 */

import type { Clock, Process } from "../runtime/mod.ts";

/** Samples the processor; `sample` is to be called every second or so. */
export class ProcessUsage {
  readonly #process: Process;
  readonly #clock: Clock;
  #sampledAt: number;
  #sampledTime: number;
  #cpu = 0;

  constructor(process: Process, clock: Clock) {
    this.#process = process;
    this.#clock = clock;
    this.#sampledAt = clock.monotonic();
    this.#sampledTime = process.cpuTime();
  }

  /** Percent of one core between the last two samples, in tenths. */
  get cpu(): number {
    return this.#cpu;
  }

  /** Resident memory, bytes. */
  get memory(): number {
    return this.#process.residentMemory();
  }

  get cores(): number {
    return this.#process.cores;
  }

  sample(): void {
    const now = this.#clock.monotonic();
    const time = this.#process.cpuTime();
    const elapsed = now - this.#sampledAt;
    if (elapsed <= 0) return;
    const share = (time - this.#sampledTime) / (elapsed * 1000);
    this.#cpu = Math.floor(share * 1000) / 10;
    this.#sampledAt = now;
    this.#sampledTime = time;
  }
}

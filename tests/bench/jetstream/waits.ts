/**
 * Measures how long others wait while one thing is done after the other.
 *
 * @module
 */

import { pause } from "../pause.ts";
import { Probe } from "../probe.ts";
import type { Measurement, Scale } from "../scenario.ts";
import type { BenchServer } from "../server.ts";
import { within } from "../within.ts";
import { measured } from "./streams.ts";

/** Milliseconds in which what goes on after an answer shows. */
const AFTERMATH = 500;
/** Milliseconds that one thing may take. */
export const PATIENCE = 120_000;

/** Measures one thing after the other. */
export class Waits implements Disposable {
  readonly results: Measurement[] = [];
  readonly #probe: Probe;
  readonly #aftermath: number;

  private constructor(probe: Probe, aftermath: number) {
    this.#probe = probe;
    this.#aftermath = aftermath;
  }

  static async start(server: BenchServer, scale: Scale): Promise<Waits> {
    const aftermath = Math.min(AFTERMATH, scale.duration);
    return new Waits(await Probe.start(server.port), aftermath);
  }

  /** @param when goes on behind "longest wait while" */
  async longest(when: string, work: () => Promise<unknown>): Promise<void> {
    const value = await this.#probe.during(async () => {
      await within(work(), PATIENCE, `never finished: ${when}`);
      await pause(this.#aftermath);
    });
    const label = `jetstream longest wait while ${when}`;
    this.results.push(measured("latency", label, value, "ms"));
  }

  [Symbol.dispose](): void {
    this.#probe[Symbol.dispose]();
  }
}

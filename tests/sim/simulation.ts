/**
 * A world of simulated hosts on virtual time.
 *
 * @module
 */

import { type HostOptions, SimHost } from "./host.ts";
import {
  drawOptions,
  type OptionOverrides,
  override,
  type SimulationOptions,
} from "./options.ts";
import { SimNetwork } from "./ports/network.ts";
import { SeededRandom } from "./ports/random.ts";
import { ProcessExit, Scheduler, settle } from "./ports/scheduler.ts";

/** Everything that happens follows from the seed and the scenario's code. */
export class Simulation {
  readonly seed: number;
  readonly options: SimulationOptions;
  readonly random: SeededRandom;
  readonly scheduler = new Scheduler();
  readonly network: SimNetwork;
  readonly #hosts = new Map<string, SimHost>();
  /** Rejections that nobody handled, which would have ended a process. */
  readonly #unhandled: unknown[] = [];

  /**
   * @param seed a non-negative integer
   * @param overrides what the seed shall not decide
   */
  constructor(seed: number, overrides: OptionOverrides = {}) {
    this.seed = seed;
    this.random = new SeededRandom(BigInt(seed));
    this.options = override(drawOptions(this.random), overrides);
    this.network = new SimNetwork(
      this.scheduler,
      this.random.fork(),
      this.options.network,
    );
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.scheduler.now;
  }

  /** The host of this name; made at first use. */
  host(name: string, options: HostOptions = {}): SimHost {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const address = `10.0.0.${this.#hosts.size + 1}`;
    const host = new SimHost(this, name, address, options);
    this.#hosts.set(name, host);
    this.network.attach(name, host);
    return host;
  }

  get hosts(): readonly SimHost[] {
    return [...this.#hosts.values()];
  }

  /** Ends every disturbance, for good: now progress can be demanded. */
  calm(): void {
    const { network } = this;
    network.options = { ...network.options, reset: 0, refuse: 0, spike: 0 };
    network.heal();
    for (const a of this.hosts) {
      for (const b of this.hosts) network.slowDown(a.name, b.name, 0);
      a.disk.options = {
        ...a.disk.options,
        writeError: 0,
        readError: 0,
        syncError: 0,
        slowSync: 0,
      };
    }
  }

  /** Waits in the scenario, outside of every process. */
  sleep(duration: number): Promise<void> {
    return new Promise((resolve) => {
      this.scheduler.after(duration, null, resolve);
    });
  }

  /** Resolves once `condition` holds; looks every millisecond. */
  async until(
    condition: () => boolean,
    what: string,
    limit = 60_000,
  ): Promise<void> {
    const deadline = this.now + limit;
    while (!condition()) {
      if (this.now >= deadline) {
        throw new Error(`After ${limit} ms still not: ${what}`);
      }
      await this.sleep(1);
    }
  }

  /** Lets `duration` milliseconds of virtual time pass. */
  runFor(duration: number): Promise<void> {
    return this.runUntil(this.now + duration);
  }

  /** Lets virtual time pass until `time`. */
  async runUntil(time: number): Promise<void> {
    await this.#drive(() => this.scheduler.next > time);
    this.scheduler.advanceTo(time);
  }

  /**
   * Runs a scenario to its end on virtual time.
   * @param limit milliseconds of virtual time after which it counts as stuck
   */
  async run<T>(scenario: () => Promise<T>, limit = 3_600_000): Promise<T> {
    const outcome: { settled: boolean } = { settled: false };
    const finish = () => void (outcome.settled = true);
    const result = scenario();
    result.then(finish, finish);
    const deadline = this.now + limit;
    await this.#drive(() => outcome.settled || this.scheduler.next > deadline);
    if (outcome.settled) return result;
    throw new Error(
      this.scheduler.next === Infinity
        ? `Deadlock: nothing is left to happen at ${this.now} ms`
        : `Stuck: the scenario did not end within ${limit} ms`,
    );
  }

  async #drive(isDone: () => boolean): Promise<void> {
    const onUnhandled = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      if (!(event.reason instanceof ProcessExit)) {
        this.#unhandled.push(event.reason);
      }
    };
    globalThis.addEventListener("unhandledrejection", onUnhandled);
    try {
      await settle();
      while (!isDone()) {
        await this.scheduler.step();
        if (this.#unhandled.length > 0) {
          const [cause] = this.#unhandled;
          throw new Error(`A rejection was not handled: ${cause}`, { cause });
        }
      }
    } finally {
      globalThis.removeEventListener("unhandledrejection", onUnhandled);
    }
  }
}

/**
 * Whoever makes things go wrong while a scenario runs.
 *
 * @module
 */

import type { SimHost } from "./host.ts";
import type { SeededRandom } from "./ports/random.ts";
import type { Simulation } from "./simulation.ts";

/** What a nemesis may do. */
export type Mischief =
  | "partition" // both directions
  | "cut" // one direction
  | "slow" // everything between two hosts takes longer
  | "reset" // all connections between two hosts
  | "pause" // a process stands still
  | "clock"; // a wall clock jumps

/** Disturbs hosts at random moments and always undoes what it did. */
export class Nemesis {
  readonly #simulation: Simulation;
  readonly #random: SeededRandom;
  readonly #hosts: readonly SimHost[];
  readonly #mischief: readonly Mischief[];

  /** Half of what is allowed is left out, differently for every seed. */
  constructor(
    simulation: Simulation,
    hosts: readonly SimHost[],
    allowed: readonly Mischief[],
  ) {
    this.#simulation = simulation;
    this.#random = simulation.random.fork();
    this.#hosts = hosts;
    this.#mischief = allowed.filter(() => this.#random.chance(0.5));
  }

  /** Does mischief for about `duration` milliseconds. */
  async run(duration: number, meanPause = 500): Promise<void> {
    const end = this.#simulation.now + duration;
    while (this.#simulation.now < end) {
      await this.#simulation.sleep(this.#random.exponential(meanPause));
      if (this.#mischief.length > 0) await this.#strike();
    }
  }

  async #strike(): Promise<void> {
    const { network } = this.#simulation;
    const a = this.#random.pick(this.#hosts);
    const b = this.#random.pick(this.#hosts.filter((host) => host !== a));
    const duration = this.#random.pick([10, 200, 3000, 40_000]);
    switch (this.#random.pick(this.#mischief)) {
      case "partition":
        network.partition(a.name, b.name);
        await this.#simulation.sleep(duration);
        return network.heal(a.name, b.name);
      case "cut":
        network.cut(a.name, b.name);
        await this.#simulation.sleep(duration);
        return network.heal(a.name, b.name);
      case "slow":
        network.slowDown(a.name, b.name, this.#random.exponential(300));
        await this.#simulation.sleep(duration);
        return network.slowDown(a.name, b.name, 0);
      case "reset":
        return network.reset(a.name, b.name);
      case "pause":
        return a.pause(Math.min(duration, 3000));
      case "clock":
        a.clock.skew += this.#random.between(-10_000, 10_000);
    }
  }
}

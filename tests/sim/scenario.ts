/**
 * Running scenarios, and saying how to run the failed one again.
 *
 * @module
 */

import type { Claims } from "../tools/capability.ts";
import type { OptionOverrides } from "./options.ts";
import { Simulation } from "./simulation.ts";

/** Something that must hold in every world that a seed can draw. */
export interface Scenario {
  readonly name: string;
  /** Which capabilities it proves. */
  readonly claims?: Claims;
  /** What the seed shall not decide. */
  readonly overrides?: OptionOverrides;
  /** @throws when something does not hold */
  run(simulation: Simulation): Promise<void>;
}

/** What a run came to. */
export interface ScenarioOutcome {
  /** Equal for equal runs. */
  readonly fingerprint: string;
  /** Virtual time that passed, milliseconds. */
  readonly duration: number;
}

/** A scenario that did not hold; the message tells how to see it again. */
export class ScenarioFailure extends Error {
  override readonly name = "ScenarioFailure";
}

/** Runs one scenario in the world of one seed. @throws ScenarioFailure */
export async function runScenario(
  scenario: Scenario,
  seed: number,
): Promise<ScenarioOutcome> {
  const simulation = new Simulation(seed, scenario.overrides);
  try {
    await simulation.run(() => scenario.run(simulation));
  } catch (cause) {
    throw new ScenarioFailure(describe(scenario, simulation, cause), { cause });
  }
  return {
    fingerprint: simulation.scheduler.fingerprint,
    duration: simulation.now,
  };
}

function describe(
  { name }: Scenario,
  { seed, now, options }: Simulation,
  cause: unknown,
): string {
  return [
    `Scenario "${name}" failed at ${now.toFixed(3)} ms: ${cause}`,
    `  options: ${JSON.stringify(options)}`,
    `  replay:  deno task sim --scenario ${name} --seed ${seed}`,
  ].join("\n");
}

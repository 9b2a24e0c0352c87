/**
 * Runs scenarios: `deno task sim [--scenario NAME] [--seed N] [--count N]`.
 *
 * Without a seed it starts at a random one. Every line names the seed, the
 * virtual time that passed and the fingerprint of the run.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { complain, print } from "../tools/print.ts";
import { runScenario, ScenarioFailure } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/mod.ts";

/** @returns the exit code */
async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, { string: ["scenario", "seed", "count"] });
  const first = options.seed === undefined
    ? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
    : Number(options.seed);
  const count = Number(options.count ?? 1);
  const chosen = SCENARIOS.filter(({ name }) =>
    options.scenario === undefined || options.scenario === name
  );
  if (chosen.length === 0 || !Number.isInteger(first + count)) {
    const names = SCENARIOS.map(({ name }) => name).join(", ");
    complain(`Usage: --scenario NAME --seed N --count N; NAME: ${names}`);
    return 2;
  }
  let failures = 0;
  for (let seed = first; seed < first + count; seed++) {
    for (const scenario of chosen) {
      try {
        const { duration, fingerprint } = await runScenario(scenario, seed);
        const time = `${(duration / 1000).toFixed(1)} s`;
        print(`ok   ${scenario.name} ${seed} ${time} ${fingerprint}`);
      } catch (error) {
        if (!(error instanceof ScenarioFailure)) throw error;
        failures++;
        complain(`FAIL ${error.message}`);
        if (error.cause instanceof Error) complain(error.cause.stack ?? "");
      }
    }
  }
  return failures === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

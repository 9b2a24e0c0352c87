/** Very many short lives of streams in files, on fixed seeds. */

import { capability } from "../tools/capability.ts";
import { runScenario, type Scenario } from "./scenario.ts";
import { storeCrash, storeKill } from "./scenarios/store_crash.ts";
import { storeDamage } from "./scenarios/store_damage.ts";

const RUNS: readonly (readonly [Scenario, number])[] = [
  [storeCrash, 1500],
  [storeKill, 500],
  [storeDamage, 120],
];

for (const [scenario, count] of RUNS) {
  const name = `scenario ${scenario.name} - holds on ${count} seeds`;
  capability(name, scenario.claims ?? {}, async () => {
    for (let seed = 1000; seed < 1000 + count; seed++) {
      await runScenario(scenario, seed);
    }
  });
}

/** Every scenario on a few fixed seeds; `deno task sim` runs as many as asked. */

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { runScenario, ScenarioFailure } from "./scenario.ts";
import { appendLogWith } from "./scenarios/append_log.ts";
import { SCENARIOS } from "./scenarios/mod.ts";

for (const scenario of SCENARIOS) {
  Deno.test(`scenario ${scenario.name} - holds on seeds 1 to 3`, async () => {
    for (const seed of [1, 2, 3]) {
      const { duration } = await runScenario(scenario, seed);
      assert(duration > 0);
    }
  });

  Deno.test(`scenario ${scenario.name} - a seed replays exactly`, async () => {
    const first = await runScenario(scenario, 7);
    assertEquals(await runScenario(scenario, 7), first);
    assertNotEquals(await runScenario(scenario, 8), first);
  });
}

for (
  const habits of [
    { syncsFile: false, syncsDirectory: true },
    { syncsFile: true, syncsDirectory: false },
  ]
) {
  const name = `canary - a log with ${JSON.stringify(habits)} is found out`;
  Deno.test(name, async () => {
    let failures = 0;
    for (let seed = 1; seed <= 5; seed++) {
      await runScenario(appendLogWith(habits), seed)
        .catch(() => failures++);
    }
    assert(failures > 0);
  });
}

Deno.test("runScenario() names seed, options and how to replay", async () => {
  const failing = {
    name: "failing",
    run: () => Promise.reject(new Error("as expected")),
  };
  const error = await assertRejects(
    () => runScenario(failing, 99),
    ScenarioFailure,
  );
  assert(error.message.includes("as expected"));
  assert(error.message.includes('"latencyMin":'));
  assert(
    error.message.includes("deno task sim --scenario failing --seed 99"),
  );
});

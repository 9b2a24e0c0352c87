/** Every scenario on a few fixed seeds; `deno task sim` runs as many as asked. */

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { capability } from "../tools/capability.ts";
import { runScenario, ScenarioFailure } from "./scenario.ts";
import { appendLogWith } from "./scenarios/append_log.ts";
import { SCENARIOS } from "./scenarios/mod.ts";

for (const scenario of SCENARIOS) {
  const name = `scenario ${scenario.name} - holds, and replays exactly`;
  capability(name, scenario.claims ?? {}, async () => {
    const first = await runScenario(scenario, 1);
    assert(first.duration > 0);
    assertEquals(await runScenario(scenario, 1), first);
    assertNotEquals(await runScenario(scenario, 2), first);
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

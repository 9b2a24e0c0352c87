/**
 * Runs every benchmark in a tiny size, so that none of them can rot. Each one
 * checks for itself that exactly the expected bytes arrived.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type FlowPlan, runFlow } from "../bench/flow.ts";
import { messageSize, publishBatch } from "../bench/frames.ts";
import { TINY } from "../bench/scenario.ts";
import { SCENARIOS } from "../bench/scenarios.ts";
import { WEBSOCKET_CONFIG } from "../bench/websocket.ts";
import { BenchServer, nullServer, ourServer } from "../bench/server.ts";

Deno.test("benchmarks - every one gives sound measurements", async (t) => {
  // Starting a server takes longer than any tiny run, so they are shared.
  await using stack = new AsyncDisposableStack();
  const servers = new Map<string, BenchServer>();
  for (const scenario of SCENARIOS) {
    await t.step(scenario.name, async () => {
      const config = scenario.config?.(TINY) ?? WEBSOCKET_CONFIG;
      const server = servers.get(config) ??
        stack.use(await BenchServer.start(await ourServer(), config));
      servers.set(config, server);
      const measurements = await scenario.run(server, TINY);
      assert(measurements.length > 0);
      for (const { label, value } of measurements) {
        assert(Number.isFinite(value) && value >= 0, `${label}: ${value}`);
      }
    });
  }
});

Deno.test("benchmarks - the null server delivers what is published", async () => {
  await using server = await BenchServer.start(nullServer());
  const plan = onePair(0);
  const result = await runFlow(server, plan, { warmUp: 20, duration: 50 });
  const batch = plan.publishers[0]?.messages ?? 0;
  assert(result.messages >= batch);
  assertEquals(result.messages % batch, 0);
});

Deno.test("benchmarks - bytes that are not owed fail the run", async () => {
  await using server = await BenchServer.start(nullServer());
  // The plan says less per batch than the server will send, and more than a PING.
  await assertRejects(
    () => runFlow(server, onePair(-25), { warmUp: 0, duration: 20 }),
    Error,
    "bytes more",
  );
});

/** One publisher, one receiver that expects `slip` bytes beside the truth. */
function onePair(slip: number): FlowPlan {
  const batch = publishBatch(["bench.a"], 16);
  const bytesPerBatch = batch.messages * messageSize("bench.a", "1", 16) + slip;
  return {
    publishers: [batch],
    groups: [{ members: ["SUB bench.a 1\r\n"], bytesPerBatch }],
    deliveries: 1,
  };
}

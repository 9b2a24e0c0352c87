import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { denoRuntime, type Timers } from "../../../src/runtime/mod.ts";
import { sendAway } from "../../../src/server/lame_duck.ts";

/** Sends `count` clients away within ten seconds; tells how it slept. */
async function sendAwayMany(count: number): Promise<number[]> {
  const { timers, random } = denoRuntime();
  const slept: number[] = [];
  let closed = 0;
  const patient: Timers = {
    after: (delay, callback) => timers.after(delay, callback),
    every: (interval, callback) => timers.every(interval, callback),
    soon: (callback) => timers.soon(callback),
    sleep: (delay) => {
      slept.push(delay);
      return Promise.resolve();
    },
  };
  await sendAway(
    Array.from({ length: count }, () => ({ close: () => void closed++ })),
    { duration: 10_000, gracePeriod: 0 },
    { timers: patient, random },
    () => {},
    () => false,
  );
  assertEquals(closed, count);
  return slept;
}

Deno.test("very many clients leave within the time that is planned", async () => {
  const slept = await sendAwayMany(100_000);
  const total = slept.reduce((sum, delay) => sum + delay, 0);
  assertGreater(total, 5000);
  assertLess(total, 10_000);
  // Each sleep takes a millisecond or two longer than was asked for.
  assertLess(slept.length, 1001);
});

Deno.test("few clients leave one by one", async () => {
  assertEquals((await sendAwayMany(20)).length, 20);
});

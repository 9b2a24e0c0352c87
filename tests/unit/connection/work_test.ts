import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  finish,
  inSlices,
  type Wait,
  type Work,
} from "../../../src/connection/mod.ts";

/** A place of work whose turns come when a test says so. */
function place() {
  const turns: (() => void)[] = [];
  const clock = { monotonic: () => 0 };
  const flushQueue = { inTurn: (work: () => void) => void turns.push(work) };
  return { turns, place: { clock, flushQueue } };
}

function* waiting(wait: Wait, told: string[]): Work<string> {
  told.push("begun");
  yield wait;
  told.push("going on");
  yield;
  told.push("done");
  return "result";
}

Deno.test("work - nothing is done while it waits, and nobody waits for it", async () => {
  const { turns, place: workplace } = place();
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const result = inSlices(waiting(() => promise, told), workplace);
  assert(result instanceof Promise);
  await Promise.resolve();
  assertEquals([told, turns.length], [["begun"], 0]);
  resolve();
  await promise;
  await Promise.resolve();
  assertEquals([told, turns.length], [["begun"], 1]);
  turns.shift()?.();
  assertEquals(await result, "result");
  assertEquals(told, ["begun", "going on", "done"]);
});

Deno.test("work - a wait in a later slice is waited for, too", async () => {
  const { turns, place: workplace } = place();
  const told: string[] = [];
  const waits = [0, 1].map(() => Promise.withResolvers<void>());
  function* work(): Work<void> {
    for (const { promise } of waits) {
      yield () => promise;
      told.push("waited");
    }
  }
  const done = inSlices(work(), workplace);
  for (const [i, { promise, resolve }] of waits.entries()) {
    assertEquals([told.length, turns.length], [i, 0]);
    resolve();
    await promise;
    await Promise.resolve();
    turns.shift()?.();
  }
  await done;
  assertEquals(told, ["waited", "waited"]);
});

Deno.test("work - who has no time does not even begin to wait", () => {
  const told: string[] = [];
  const never = () => {
    told.push("waiting");
    return new Promise<void>(() => {});
  };
  assertEquals(finish(waiting(never, told)), "result");
  assertEquals(told, ["begun", "going on", "done"]);
});

Deno.test("work - what fails after a wait fails as a whole", async () => {
  const { turns, place: workplace } = place();
  function* work(): Work<void> {
    yield () => Promise.resolve();
    throw new Error("no more");
  }
  const done = inSlices(work(), workplace);
  await new Promise((resolve) => setTimeout(resolve));
  turns.shift()?.();
  await assertRejects(() => Promise.resolve(done), Error, "no more");
});

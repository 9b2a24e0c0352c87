/** What stands beside the index is written while everything else goes on. */

import { assert, assertEquals } from "@std/assert";
import {
  decodeExpiries,
  decodeSchedules,
  type ScheduleEntry,
  type StreamStore,
} from "../../../src/store/mod.ts";
import { FileWorld } from "./file_world.ts";
import { message, storeOptions } from "./support.ts";

const MESSAGES = 3000;
/** When the index has been written, milliseconds. */
const KEPT = 160_000;
const SCHEDULES: readonly ScheduleEntry[] = Array.from(
  { length: MESSAGES },
  (_, i) => ({ subject: `s.${i}`, sequence: i + 1, time: BigInt(i) }),
);

/** A store whose index has been written, with what stands beside it under way. */
async function begun(): Promise<{ world: FileWorld; store: StreamStore }> {
  const world = new FileWorld();
  const { clock } = world.host.runtime;
  const monotonic = clock.monotonic.bind(clock);
  let looks = 0;
  // Each look at the clock takes as long as a slice.
  clock.monotonic = () => monotonic() + 5 * ++looks;
  const store = world.stores().open({
    ...storeOptions({ allowTtl: true }),
    storage: "file",
    schedules: () => SCHEDULES,
  });
  for (let i = 0; i < MESSAGES; i++) {
    store.append(message("a", "", "ttl=1000", 1000));
  }
  for (let i = 0; i < KEPT && !world.names().includes("index.db"); i += 2) {
    await world.pass(2);
  }
  assert(world.names().includes("index.db"));
  assertEquals(kept(world), []);
  return { world, store };
}

function kept(world: FileWorld): string[] {
  return world.names().filter((name) => /thw|sched/.test(name));
}

function expiries(world: FileWorld) {
  const path = `${world.messages}/thw.db`;
  const { stamp, entries } = decodeExpiries(world.host.disk.readFile(path));
  return { stamp, sequences: new Set(entries.map((each) => each.sequence)) };
}

Deno.test("index keeping - what comes and goes meanwhile does no harm", async () => {
  const { world, store } = await begun();
  for (let i = 0; i < 100; i++) {
    store.append(message("a", "", "ttl=1", 1));
    store.remove(1 + 7 * i);
    await world.pass(1);
  }
  await world.pass(1000);
  assertEquals(kept(world), ["sched.db", "thw.db"]);
  const { stamp, sequences } = expiries(world);
  assertEquals(stamp, MESSAGES + 1);
  assertEquals(sequences.size, MESSAGES);
  const path = `${world.messages}/sched.db`;
  assertEquals(decodeSchedules(world.host.disk.readFile(path)), {
    stamp: MESSAGES + 1,
    entries: SCHEDULES,
  });
  store.stop();
});

Deno.test("index keeping - the end of a store writes all of it", async () => {
  const { world, store } = await begun();
  store.remove(1);
  store.append(message("a", "", "ttl=1000", 1000));
  store.stop();
  await world.pass(1000);
  assertEquals(kept(world), ["sched.db", "thw.db"]);
  const { stamp, sequences } = expiries(world);
  assertEquals(stamp, MESSAGES + 2);
  assertEquals([sequences.size, sequences.has(1)], [MESSAGES, false]);
});

Deno.test("index keeping - the end of a store does so even if nothing has changed since", async () => {
  const { world, store } = await begun();
  store.stop();
  await world.pass(1000);
  assertEquals(kept(world), ["sched.db", "thw.db"]);
  assertEquals(expiries(world).sequences.size, MESSAGES);
});

Deno.test("index keeping - of messages that were taken back nothing is kept", async () => {
  const { world, store } = await begun();
  store.truncate(10);
  await world.pass(1000);
  assertEquals(kept(world), []);
  store.stop();
});

Deno.test("index keeping - nothing is left of a stream that is deleted meanwhile", async () => {
  const { world, store } = await begun();
  store.delete();
  await world.pass(1000);
  assert(!world.host.disk.exists(world.messages));
});

Deno.test("index keeping - a store ends step by step, and who comes along does what is left", () => {
  const world = new FileWorld();
  const store = world.open();
  for (let i = 0; i < MESSAGES; i++) store.append(message(`s.${i}`));
  const work = store.stopping();
  let steps = 0;
  while (!work.next().done && !world.names().includes("index.db")) steps++;
  assert(steps >= 10, `${steps} steps to the index`);
  store.stop();
  assertEquals(work.next().done, true);
  assertEquals(store.stopping().next().done, true);
  const again = world.open();
  assertEquals(again.messages, MESSAGES);
  assertEquals(again.state().subjects, MESSAGES);
  again.stop();
});

Deno.test("index keeping - streams are found step by step", () => {
  const world = new FileWorld();
  const stores = world.stores();
  for (let i = 0; i < 5; i++) {
    const options = { ...storeOptions(), name: `S${i}` };
    const store = stores.open({ ...options, storage: "file" });
    store.writeMeta("{}");
    store.stop();
  }
  const work = world.stores().recovering();
  let steps = 0;
  let step = work.next();
  for (; !step.done; step = work.next()) steps++;
  assertEquals([steps, step.value.streams.length], [5, 5]);
});

Deno.test("index keeping - when messages expire is read step by step", () => {
  const world = new FileWorld({ limits: { allowTtl: true } });
  const store = world.open();
  for (let i = 0; i < MESSAGES; i++) {
    store.append(message("a", "", "ttl=1000", 1000));
  }
  store.stop();
  const stepsOf = () => {
    const work = world.stores().finding("S");
    let steps = 0;
    while (!work.next().done) steps++;
    return steps;
  };
  const steps = stepsOf();
  world.host.disk.remove(`${world.messages}/thw.db`);
  const without = stepsOf();
  assertEquals(steps - without, Math.floor(MESSAGES / 256));
});

Deno.test("index keeping - messages that have gone do no harm to what is known of others", async () => {
  const world = new FileWorld({ limits: { allowTtl: true } });
  const store = world.open();
  for (const ttl of [10, 20, 30]) {
    store.append(message("a", "", `ttl=${ttl}`, ttl));
  }
  store.stop();
  const thw = world.host.disk.readFile(`${world.messages}/thw.db`);
  const between = world.open();
  between.remove(1);
  between.stop();
  world.host.disk.writeFile(`${world.messages}/thw.db`, thw);
  const again = world.open();
  await world.pass(15_000);
  assertEquals(again.messages, 2);
  await world.pass(10_000);
  assertEquals(again.messages, 1);
  await world.pass(10_000);
  assertEquals(again.messages, 0);
  again.stop();
});

Deno.test("index keeping - schedules are read step by step", () => {
  const world = new FileWorld();
  const open = () =>
    world.stores().open({
      ...storeOptions(),
      storage: "file",
      schedules: () => SCHEDULES,
    });
  const store = open();
  for (let i = 0; i < MESSAGES; i++) store.append(message("a"));
  store.stop();
  const again = open();
  const work = again.keptSchedules();
  let steps = 0;
  let step = work.next();
  for (; !step.done; step = work.next()) steps++;
  assertEquals(steps, Math.floor(MESSAGES / 256));
  assertEquals(step.value?.entries, SCHEDULES);
  again.stop();
});

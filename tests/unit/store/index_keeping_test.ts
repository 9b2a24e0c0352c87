/** What stands beside the index is written while everything else goes on. */

import { decodeExpiries, decodeSchedules } from "./format/at_once.ts";
import { assert, assertEquals } from "@std/assert";
import { inSlices, type Work } from "../../../src/connection/mod.ts";
import type { ScheduleEntry, StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
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

/** Enough that all files beside the blocks are larger than what one step does. */
const LARGE = 100_000;
/** Bytes that a step reads or writes at most. */
const STEP = 1_100_000;

function fill(store: StreamStore, count = LARGE): void {
  for (let i = 0; i < count; i++) {
    const subject = `subject.of.some.length.${i}`;
    store.append(message(subject, "", "ttl=1000", 1000));
    if (i % 1000 === 0) store.flush();
  }
  store.flush();
}

/** Bytes that the largest step of some work has moved. */
function largestStep(world: FileWorld, work: Work<void>): number {
  let largest = 0;
  for (let done = false; !done;) {
    const before = world.disk.moved;
    done = work.next().done ?? false;
    largest = Math.max(largest, world.disk.moved - before);
  }
  return largest;
}

for (
  const [how, encryption] of [
    ["plain", null],
    ["encrypted", {
      account: "A",
      secret: "secret",
      previousSecret: "",
      cipher: "chacha",
    }],
  ] as const
) {
  Deno.test(`index keeping - large files are written and read in portions, ${how}`, () => {
    const limits = { allowTtl: true };
    const world = new FileWorld(
      encryption === null ? { limits } : { limits, encryption },
    );
    const store = world.open();
    fill(store);
    const written = largestStep(world, store.stopping());
    assert(written < STEP, `${written} bytes written`);
    for (const name of ["index.db", "messages.idx", "thw.db"]) {
      const { size } = world.host.disk.stat(`${world.messages}/${name}`);
      assert(size > STEP, `${name} has ${size} bytes`);
    }
    const stores = world.stores();
    const read = largestStep(world, stores.finding("S"));
    assert(read < STEP, `${read} bytes read`);
    const again = stores.open({ ...storeOptions(limits), storage: "file" });
    assertEquals(again.messages, LARGE);
    assertEquals(again.state().subjects, LARGE);
    const last = SubjectFilter.of(`subject.of.some.length.${LARGE - 1}`);
    assertEquals(again.loadLast(last)?.sequence, LARGE);
    assertEquals(world.warnings, []);
    again.stop();
  });
}

/** Ends a store as the server does while it goes on. */
function end(world: FileWorld, store: StreamStore): void | Promise<void> {
  const { clock, timers } = world.host.runtime;
  const inTurn = (work: () => void) => void timers.soon(work);
  return inSlices(store.stopping(), { clock, flushQueue: { inTurn } });
}

Deno.test("index keeping - the end of a store does not hold up the loop with syncs", async () => {
  const world = new FileWorld({
    blockSize: 4096,
    limits: { allowTtl: true },
    syncAlways: true,
  });
  const store = world.open();
  fill(store, 300);
  const blocks = world.names().filter((name) => name.endsWith(".blk")).length;
  assert(blocks > 3);
  const before = { ...world.disk };
  const ended = end(world, store);
  assert(ended instanceof Promise);
  await Promise.all([ended, world.pass(1000)]);
  assertEquals(world.disk.syncsNow, before.syncsNow);
  // Of each block, and of `thw.db`.
  assertEquals(world.disk.syncs - before.syncs, blocks + 1);
  world.host.crash({ keepSector: 0, keepOperation: 0 });
  world.host.restart();
  assertEquals(world.open().messages, 300);
});

Deno.test("index keeping - who does not wait for the end of a store has it synced at once", async () => {
  const world = new FileWorld({ blockSize: 4096 });
  const store = world.open();
  fill(store, 300);
  const blocks = world.names().filter((name) => name.endsWith(".blk")).length;
  const before = { ...world.disk };
  const ended = end(world, store);
  store.stop();
  assertEquals(world.disk.syncs - before.syncs, 1);
  assertEquals(world.disk.syncsNow - before.syncsNow, blocks);
  await Promise.all([ended, world.pass(1000)]);
  assertEquals(world.warnings, []);
  assertEquals(world.open().messages, 300);
});

Deno.test("index keeping - a sync that fails at the end of a store is told of", async () => {
  const world = new FileWorld({ blockSize: 4096 });
  const store = world.open();
  fill(store, 300);
  world.disk.stopAfter(2);
  await Promise.all([end(world, store), world.pass(1000)]);
  assertEquals(world.warnings.length, 1);
  assert(world.warnings[0]?.includes("no power"), world.warnings[0]);
  assert(!world.names().includes("index.db"));
});

Deno.test("index keeping - a process may be killed anywhere in the end of a store", () => {
  const world = new FileWorld({ blockSize: 8192, limits: { allowTtl: true } });
  const count = 300;
  const first = world.open();
  fill(first, count);
  first.stop();
  for (let operations = 1, ends = 0; ends === 0; operations++) {
    const store = world.open();
    store.append(message("another"));
    store.remove(store.state().firstSequence);
    store.flush();
    world.disk.stopAfter(operations);
    store.stop();
    if (!world.disk.isDead) ends++;
    world.disk.stopAfter(Infinity);
    const again = world.open();
    const { messages, lost } = again.state();
    assertEquals([messages, lost], [count, null], `after ${operations}`);
    again.stop();
  }
});

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Work } from "../../../src/connection/mod.ts";
import { DiskError } from "../../../src/runtime/mod.ts";
import type {
  ConsumerState,
  ConsumerStore,
  StreamStore,
} from "../../../src/store/mod.ts";
import {
  type DeliveryState,
  savedState,
} from "../../../src/jetstream/consumer/state/mod.ts";
import { capability } from "../../tools/capability.ts";
import { busyState } from "../jetstream/consumer/busy_state.ts";
import { slowDown } from "../jetstream/stream/world.ts";
import { FileWorld } from "./file_world.ts";
import { loaded, mapped } from "./support.ts";

const CONSUMERS = 50;
const DIRECTORY = "/store/A/streams";

function reached(sequence: number, pending = 0): ConsumerState {
  return {
    delivered: { consumer: sequence, stream: sequence },
    ackFloor: { consumer: 0, stream: 0 },
    pending: new Map(
      Array.from({ length: pending }, (_, i) => [
        i + 1,
        { sequence: i + 1, time: 0n },
      ]),
    ),
    redelivered: new Map(),
  };
}

function makeConsumers(store: StreamStore): ConsumerStore[] {
  return Array.from({ length: CONSUMERS }, (_, i) => {
    const consumer = store.consumer(`c${i}`, () => reached(i + 1));
    consumer.writeMeta(`{"name":"c${i}"}`);
    return consumer;
  });
}

capability("consumers keep no file open", {
  positive: ["stores/consumer-store"],
  edge: ["stores/o-dat"],
}, async () => {
  const world = new FileWorld();
  const { disk } = world;
  const open = disk.open.bind(disk);
  let files = 0;
  disk.open = (path, options) => {
    const file = open(path, options);
    files++;
    return {
      ...file,
      close: () => {
        files--;
        file.close();
      },
    };
  };
  const store = world.open();
  const without = files;
  const consumers = makeConsumers(store);
  for (let round = 0; round < 3; round++) {
    for (const consumer of consumers) consumer.changed();
    await world.pass(200);
    assertEquals(files, without);
  }
  assertEquals(
    consumers.map((each) => loaded(each)?.delivered.stream),
    [
      ...consumers.keys(),
    ].map((i) => i + 1),
  );
  store.stop();
  assertEquals(files, 0);
});

capability("a state that gets small again is written to the file there is", {
  positive: ["stores/consumer-store"],
  edge: ["stores/o-dat"],
}, async () => {
  const world = new FileWorld();
  const store = world.open();
  let state = reached(1);
  const consumer = store.consumer("C", () => state);
  const write = async (next: ConsumerState, atOnce: boolean) => {
    state = next;
    consumer.changed();
    if (atOnce) consumer.flush();
    else await world.pass(5000);
    assertEquals(loaded(consumer), next);
  };
  for (const atOnce of [true, false]) {
    await write(reached(1), false);
    await write(reached(2000, 2000), atOnce);
    await write(reached(2), false);
  }
  // Somebody else has removed it.
  world.host.disk.remove(`${DIRECTORY}/S/obs/C/o.dat`);
  await write(reached(3), false);
  assert(world.warnings.length <= 1, world.warnings.join("\n"));
  store.stop();
});

const sequences = (state: DeliveryState): number[] =>
  [...savedState(state).pending].map(([each]) => each).sort((a, b) => a - b);

capability(
  "a state in which very much is pending is written while it changes",
  {
    positive: ["stores/o-dat"],
  },
  async () => {
    const world = new FileWorld();
    const store = world.open();
    const state = busyState(100_000, 0);
    const consumer = store.consumer("C", () => savedState(state));
    const path = `${DIRECTORY}/S/obs/C/o.dat`;
    slowDown(world.host.clock);
    consumer.changed();
    let turns = 0;
    for (let i = 1; !world.disk.exists(path); i++) {
      await world.pass(1);
      // The first and the last ones, some of which are written already.
      if (i <= 100) continue;
      turns++;
      for (const each of [2 * i, 100_001 - i]) {
        state.acknowledge(
          each,
          each,
          null,
        );
      }
      state.deliver(state.next++, 0);
    }
    assert(turns > 5, `${turns} turns`);
    const found = loaded(consumer);
    assertEquals(found?.delivered.stream, 100_000);
    assertEquals(found?.ackFloor.stream, 0);
    const pending = [...found?.pending.keys() ?? []];
    assert(pending.every((each) => each <= 100_000));
    const left = sequences(state).filter((each) => each <= 100_000);
    const missing = left.filter((each) => !found?.pending.has(each));
    assertEquals(missing, []);
    assert(pending.length > left.length && pending.length < 100_000);
    // Whoever writes at once is not overwritten by what was begun before.
    consumer.changed();
    await world.pass(1010);
    state.acknowledge(50_000, 50_000, null);
    consumer.flush();
    for (let i = 0; i < 3; i++) {
      assertEquals(loaded(consumer)?.pending.size, state.pending.count);
      await world.pass(2000);
    }
    assertEquals(world.warnings, []);
    store.stop();
  },
);

/** Does work, and waits for what it yields if it `waits`. */
async function work(
  world: FileWorld,
  steps: Work<void>,
  waits: boolean,
): Promise<void> {
  for (let step = steps.next(); !step.done; step = steps.next()) {
    if (!waits || step.value === undefined) continue;
    const outcome = { over: false };
    void step.value().then(() => outcome.over = true);
    while (!outcome.over) await world.pass(1);
  }
}

capability("a state is there when it has been flushed, step by step or not", {
  positive: ["stores/o-dat"],
}, async () => {
  const world = new FileWorld();
  const store = world.open();
  let state = reached(0);
  const consumer = store.consumer("C", () => state);
  let atOnce = 0;
  const rename = world.disk.rename.bind(world.disk);
  world.disk.rename = (from, to) => {
    if (!from.endsWith(".part.tmp")) atOnce++;
    rename(from, to);
  };
  const flush = async (count: number, waits: boolean) => {
    state = reached(count, count);
    consumer.changed();
    await work(world, consumer.flushing(), waits);
    assertEquals(loaded(consumer), state);
  };
  await flush(20_000, true);
  assertEquals(atOnce, 0);
  await flush(5, true);
  await flush(30_000, false);
  assert(atOnce > 0);
  // What was begun before does not come later.
  await world.pass(5000);
  assertEquals(loaded(consumer), state);
  assertEquals(world.warnings, []);
  store.stop();
});

capability("a state in which very much is pending is read step by step", {
  positive: ["stores/o-dat"],
}, () => {
  const world = new FileWorld();
  const store = world.open();
  const { pending, ...rest } = reached(20_000, 20_000);
  const redelivered = new Map([...pending].map(([each]) => [each, 3]));
  const state = { ...rest, pending, redelivered };
  const consumer = store.consumer("C", () => state);
  consumer.changed();
  consumer.flush();
  const loading = consumer.loading();
  let steps = 0;
  let step = loading.next();
  for (; !step.done; step = loading.next()) steps++;
  assert(steps >= 2 * 15, `${steps} steps`);
  assertEquals(step.value && mapped(step.value), mapped(state));
  store.stop();
});

capability(
  "a state that can't be written step by step is written at once, or that fails",
  {
    edge: ["stores/o-dat"],
  },
  async () => {
    const world = new FileWorld();
    const store = world.open();
    const state = reached(20_000, 20_000);
    const consumer = store.consumer("C", () => state);
    const open = world.disk.open.bind(world.disk);
    const flush = () => work(world, consumer.flushing(), true);
    for (const broken of [/\.part\.tmp$/, /o\.dat/]) {
      world.disk.open = (path, options) => {
        if (broken.test(path)) throw new DiskError("full", "ENOSPC", path);
        return open(path, options);
      };
      world.warnings.length = 0;
      consumer.changed();
      if (broken.test("o.dat")) {
        await assertRejects(flush, DiskError, "full");
      } else {
        await flush();
        assertEquals(loaded(consumer), state);
      }
      assertMatch(world.warnings.join(), /Consumer state was not written/);
    }
    world.disk.open = open;
    store.stop();
  },
);

capability("a directory that goes is listed once, however much is in it", {
  edge: ["stores/restart"],
}, async () => {
  const world = new FileWorld();
  const { disk } = world;
  const lists: string[] = [];
  const list = disk.list.bind(disk);
  const listLater = disk.listLater.bind(disk);
  disk.list = (path) => {
    lists.push(path);
    return list(path);
  };
  disk.listLater = (path) => {
    lists.push(path);
    return listLater(path);
  };
  const store = world.open();
  store.writeMeta("{}");
  for (const consumer of makeConsumers(store)) consumer.changed();
  await world.pass(200);
  lists.length = 0;
  store.condemn();
  store.delete();
  await world.pass(5000);
  assertEquals(world.host.disk.list(DIRECTORY), []);
  const root = `${DIRECTORY}/.S`;
  const consumers = Array.from(
    { length: CONSUMERS },
    (_, i) => `${root}/obs/c${i}`,
  );
  assertEquals(
    lists.sort(),
    [root, `${root}/msgs`, `${root}/obs`, ...consumers].sort(),
  );
});

Deno.test("a directory whose name is taken while it goes does go", async () => {
  const world = new FileWorld({ blockSize: 4096 });
  const again = () => {
    const store = world.open();
    store.writeMeta("{}");
    return store;
  };
  for (let i = 0; i < 4; i++) {
    const store = again();
    const consumers = makeConsumers(store).slice(i * 10);
    for (const consumer of consumers) consumer.changed();
    await world.pass(200);
    store.condemn();
    store.delete();
    // Far from all of it has gone by now.
    await world.pass(3 + i);
  }
  const store = again();
  await world.pass(5000);
  assertEquals(world.host.disk.list(DIRECTORY), ["S"]);
  store.stop();
});

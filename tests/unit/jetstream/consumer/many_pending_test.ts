/** What waits for acknowledgements when that is very much. */

import { assert, assertEquals } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import {
  NO_SLOT,
  PendingTable,
  RedeliveryQueue,
} from "../../../../src/jetstream/consumer/state/mod.ts";
import { SplitMap } from "../../../../src/jetstream/consumer/state/split_map.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { slowDown } from "../stream/world.ts";
import { busyState } from "./busy_state.ts";
import { KeptStates, revive } from "./kept_states.ts";
import { ConsumerWorld } from "./world.ts";

const MANY = 40_000;

function tableOf(count: number): PendingTable {
  const table = new PendingTable();
  for (let i = 1; i <= count; i++) table.add(3 * i, i, 1000 + i);
  return table;
}

/** Sequences as the table has them, from both ends. */
function inOrder(table: PendingTable): number[] {
  const found: number[] = [];
  for (let slot = table.first; slot !== NO_SLOT; slot = table.after(slot)) {
    found.push(table.sequence(slot));
  }
  assertEquals(
    found.at(-1) ?? 0,
    table.count === 0 ? 0 : table.sequence(table.last),
  );
  return found;
}

Deno.test("many pending - a table behaves as a sorted map, however large", () => {
  const random = new SeededRandom(7n);
  const table = new PendingTable();
  const model = new Map<number, number>();
  let next = 1;
  for (const adding of [0.9, 0.1, 0.8, 0.05]) {
    for (let i = 0; i < MANY; i++) {
      if (random.chance(adding)) {
        next += 1 + random.below(3);
        table.add(next, next * 2, next * 3);
        model.set(next, next * 2);
      } else {
        const sequence = 1 + random.below(next);
        const slot = table.find(sequence);
        assertEquals(slot !== NO_SLOT, model.has(sequence));
        if (slot === NO_SLOT) continue;
        assertEquals(table.consumerSequence(slot), model.get(sequence));
        assertEquals(table.time(slot), sequence * 3);
        table.remove(slot);
        model.delete(sequence);
      }
    }
    assertEquals(table.count, model.size);
    assertEquals(inOrder(table), [...model.keys()]);
    const rows = [...table.rows()].map(({ sequence }) => sequence);
    assertEquals(rows.sort((a, b) => a - b), [...model.keys()]);
  }
  table.clear();
  assertEquals([table.count, table.find(next), ...table.rows()], [0, NO_SLOT]);
});

Deno.test("many pending - who reads all rows hears of those that stay", () => {
  const table = tableOf(MANY);
  const told = new Set<number>();
  let i = 0;
  for (const { sequence } of table.rows()) {
    assert(!told.has(sequence), `${sequence} twice`);
    told.add(sequence);
    if (++i % 7 === 0) {
      const slot = table.find(3 * (MANY - i));
      if (slot !== NO_SLOT) table.remove(slot);
      table.add(3 * MANY + i, 0, 0);
    }
  }
  for (const { sequence } of table.rows()) {
    if (sequence <= 3 * MANY) assert(told.has(sequence), `${sequence}`);
  }
});

Deno.test("many pending - what is cleared is told as it was", () => {
  const table = tableOf(MANY);
  let told = 0;
  for (const { sequence, consumerSequence } of table.rows()) {
    assertEquals(sequence, 3 * consumerSequence);
    if (++told === 10) {
      table.clear();
      table.add(1, 1, 1);
    }
  }
  assertEquals(told, MANY);
  assertEquals([...table.rows()].length, 1);
});

Deno.test("many pending - a walk passes over what goes, and ends when all does", () => {
  const table = tableOf(10);
  const walked: number[] = [];
  for (const slot of table.walk()) {
    walked.push(table.sequence(slot));
    for (const sequence of [6, 9, 27]) {
      const gone = table.find(sequence);
      if (gone !== NO_SLOT) table.remove(gone);
    }
    if (walked.length === 4) table.remove(slot);
  }
  assertEquals(walked, [3, 12, 15, 18, 21, 24, 30]);
  const begun: number[] = [];
  for (const slot of table.walk()) {
    begun.push(table.sequence(slot));
    table.clear();
  }
  assertEquals(begun, [3]);
});

Deno.test("many pending - numbers by sequence are a map", () => {
  const random = new SeededRandom(3n);
  const map = new SplitMap();
  const model = new Map<number, number>();
  for (let i = 0; i < MANY; i++) {
    const key = 2 ** 33 + random.below(MANY);
    if (random.chance(0.7)) {
      map.set(key, i);
      model.set(key, i);
    } else assertEquals(map.delete(key), model.delete(key));
    assertEquals(map.size, model.size);
  }
  const sorted = (entries: Iterable<[number, number]>) =>
    [...entries].sort(([a], [b]) => a - b);
  assertEquals(sorted(map), sorted(model));
  assertEquals([...map.keys()].length, model.size);
  assertEquals([...map.values()].length, model.size);
  const seen: [number, number][] = [];
  map.forEach((value, key) => seen.push([key, value]));
  assertEquals(sorted(seen), sorted(model));
  const picture = map.entries();
  picture.next();
  map.clear();
  assertEquals([...picture].length, model.size - 1);
  assertEquals([map.size, map.get(2 ** 33), ...map], [0, undefined]);
});

Deno.test("many pending - redeliveries keep their order, whoever leaves", () => {
  const random = new SeededRandom(11n);
  const table = tableOf(MANY);
  const queue = new RedeliveryQueue(table);
  let model: number[] = [];
  for (let i = 0; i < 3 * MANY; i++) {
    const slot = table.find(3 * (1 + random.below(MANY)));
    if (!queue.has(slot)) {
      queue.push(slot);
      model.push(slot);
    } else if (random.chance(0.3)) {
      queue.leave(slot);
      model[model.indexOf(slot, 0)] = NO_SLOT;
    }
    if (i % 5000 === 0) {
      model = model.filter((each) => each !== NO_SLOT);
      for (const each of model.splice(0, 500)) {
        assertEquals(queue.peek(), each);
        queue.leave(each);
      }
    }
  }
  model = model.filter((each) => each !== NO_SLOT);
  assertEquals(queue.count, model.length);
  for (const each of model) {
    assertEquals(queue.peek(), each);
    queue.leave(each);
  }
  assertEquals([queue.count, queue.peek()], [0, NO_SLOT]);
});

Deno.test("many pending - whoever is left is found without asking for all that have gone", () => {
  const table = tableOf(MANY);
  const queue = new RedeliveryQueue(table);
  for (let i = 1; i <= MANY; i++) queue.push(table.find(3 * i));
  for (let i = MANY - 1; i >= 1; i--) queue.leave(table.find(3 * i));
  let asked = 0;
  const find = table.find.bind(table);
  table.find = (sequence) => {
    asked++;
    return find(sequence);
  };
  assertEquals(queue.peek(), find(3 * MANY));
  assert(asked < 3000, `asked ${asked} times`);
  table.clear();
  queue.clear();
  assertEquals([queue.count, queue.peek()], [0, NO_SLOT]);
  queue.push(table.add(5, 1, 1));
  assertEquals(queue.peek(), find(5));
});

Deno.test("many pending - what is overdue is found step by step", () => {
  const state = busyState(10_000, 1000);
  const work = state.expiring(2000, 1);
  assertEquals(work.next().done, false);
  const found = state.queue.count;
  assert(found > 0 && found < 10_000, `${found} found`);
  // Meanwhile one is acknowledged that was found, and one that was not.
  for (const sequence of [1, 9999]) state.acknowledge(sequence, sequence, null);
  assertEquals(finish(work), true);
  assertEquals(state.queue.count, 9998);
  assertEquals(state.checkAt, 3000);
  assertEquals(state.pending.sequence(state.nextRedelivery()), 2);
});

Deno.test("many pending - what is postponed meanwhile comes in time", () => {
  const state = busyState(10_000, 1000);
  const work = state.expiring(500, 1);
  work.next();
  state.postpone(state.pending.find(1), 500, 20);
  assertEquals(finish(work), false);
  assertEquals(state.checkAt, 510);
});

Deno.test("many pending - what the stream has lost goes step by step", () => {
  const state = busyState(10_000, 1000);
  const work = state.purging(9001, null);
  assertEquals(work.next().done, false);
  assert(state.pending.count > 1000, `${state.pending.count} left`);
  state.acknowledge(9500, 9500, null);
  assertEquals(finish(work), true);
  assertEquals(state.pending.count, 999);
  assertEquals([state.ackFloorStream, state.ackFloorConsumer], [9000, 9000]);
  const looking = state.purging(9002, () => true);
  assertEquals(looking.next().done, false);
  assertEquals(finish(looking), true);
  assertEquals(state.pending.count, 998);
});

Deno.test("many pending - what is gone is given up in turns, before anything is delivered", async () => {
  const world = new ConsumerWorld();
  const stream = world.stream({ name: "S", subjects: ["s"] });
  const kept = new KeptStates();
  kept.savesAtEnd = false;
  kept.keepFor(stream.store);
  const before = world.consumer(stream, "c", { max_ack_pending: -1 });
  const count = 5000;
  for (let i = 0; i <= count; i++) world.publish("s");
  world.pull(before, { batch: count });
  await world.pass(100);
  assertEquals(before.info().num_ack_pending, count);
  kept.save();
  stream.purge({ filter: "", seq: count + 1, keep: 0 });
  await world.pass(100);
  slowDown(world.clock);
  world.told.length = world.seen.length = 0;
  const terminated = () =>
    world.told.filter(([what]) => what === "terminated").length;
  const delivered = () =>
    world.seen.filter(({ subject }) => subject === "s").length;
  const consumer = revive(world, stream, before);
  const atOnce = terminated();
  assert(atOnce > 0 && atOnce < count, `${atOnce} at once`);
  world.pull(consumer, { batch: 1, expires: 10_000_000_000 });
  assertEquals(delivered(), 0);
  await world.pass(100);
  assertEquals([terminated(), delivered()], [count, 1]);
  assertEquals(consumer.info().num_ack_pending, 1);
});

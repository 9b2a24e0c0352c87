/** How consumers hear of messages that have gone, however many they are. */

import { assertEquals } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import { ConsumerIndex } from "../../../../src/jetstream/stream/consumer_index.ts";
import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import { FakeConsumer, slowDown, StreamWorld } from "./world.ts";

const MANY = 200;

function consumersOf(subject: string): FakeConsumer[] {
  return Array.from(
    { length: MANY },
    (_, i) => new FakeConsumer(`C${i}`, [subject]),
  );
}

/** How many were told of just this, and nothing else that was removed. */
function toldOf(consumers: readonly FakeConsumer[], what: string[]): number {
  return consumers.filter(({ log }) => {
    const told = log.filter((each) => each.startsWith("removed"));
    return JSON.stringify(told) === JSON.stringify(what);
  }).length;
}

/** How many were told just so often that anything else has changed. */
function updated(consumers: readonly FakeConsumer[], times: number): number {
  return consumers.filter(({ log }) =>
    log.filter((each) => each === "updated").length === times
  ).length;
}

/** A stream with three messages and very many consumers. */
function crowded(): {
  world: StreamWorld;
  stream: Stream;
  consumers: FakeConsumer[];
} {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a"] });
  const consumers = consumersOf("a");
  for (const each of consumers) stream.addConsumer(each);
  for (let i = 0; i < 3; i++) world.publish("a");
  return { world, stream, consumers };
}

Deno.test("telling - very many consumers hear of a message in steps, those that have gone do not", () => {
  const index = new ConsumerIndex(1);
  const consumers = consumersOf("a");
  for (const each of consumers) index.add(each);
  const other = new FakeConsumer("other", ["b"]);
  index.add(other);
  const work = index.telling(7, "a", 1);
  assertEquals(work.next().done, false);
  const first = toldOf(consumers, ["removed 7"]);
  assertEquals(first > 0 && first < MANY, true, `${first}`);
  const last = consumers.at(-1) as FakeConsumer;
  index.remove(last);
  finish(work);
  assertEquals(toldOf(consumers, ["removed 7"]), MANY - 1);
  assertEquals([last.log, other.log], [[], []]);
});

Deno.test("telling - each of very many consumers hears which message was deleted", () => {
  const { stream, consumers } = crowded();
  void stream.deleteMessage(2, false);
  assertEquals(toldOf(consumers, ["removed 2"]), MANY);
  assertEquals(stream.toil.isBusy, false);
});

Deno.test("telling - what goes during long work is told at its end, at once", () => {
  const { stream, consumers } = crowded();
  void stream.toil.run(function* () {
    stream.deleteMessage(1, false);
    assertEquals(toldOf(consumers, []), MANY);
    yield;
    stream.deleteMessage(3, false);
    assertEquals(toldOf(consumers, []), MANY);
  }());
  assertEquals(toldOf(consumers, ["removed many"]), MANY);
});

Deno.test("telling - work that fails does not keep from consumers what it removed", () => {
  const { stream, consumers } = crowded();
  let failure = "";
  try {
    void stream.toil.run(function* () {
      stream.deleteMessage(1, false);
      yield;
      throw new Error("half way");
    }());
  } catch (error) {
    failure = (error as Error).message;
  }
  assertEquals(failure, "half way");
  assertEquals(toldOf(consumers, ["removed 1"]), MANY);
  assertEquals(stream.toil.isBusy, false);
});

Deno.test("telling - a deletion is told in turns of a millisecond", async () => {
  const { world, stream, consumers } = crowded();
  // In each there are three steps, and the deletion is another one.
  slowDown(world.clock, 0.25);
  void stream.deleteMessage(2, false);
  const first = toldOf(consumers, ["removed 2"]);
  assertEquals(first > 0 && first < MANY / 4, true, `${first}`);
  await world.pass(100);
  assertEquals(toldOf(consumers, ["removed 2"]), MANY);
});

Deno.test("telling - another deletion while one is told, and the end of the stream while both are", async () => {
  const { world, stream, consumers } = crowded();
  slowDown(world.clock, 0.25);
  void stream.deleteMessage(2, false);
  void stream.deleteMessage(1, false);
  await world.pass(100);
  assertEquals(toldOf(consumers, ["removed 2", "removed 1"]), MANY);
  void stream.deleteMessage(3, false);
  void stream.delete();
  const before = toldOf(consumers, ["removed 2", "removed 1"]);
  await world.pass(100);
  assertEquals(
    toldOf(consumers, ["removed 2", "removed 1"]),
    before,
  );
});

Deno.test("telling - consumers hear of an update in turns, and of one that comes meanwhile", async () => {
  const { world, stream, consumers } = crowded();
  slowDown(world.clock);
  world.update(stream, { max_msgs: 100 });
  const first = updated(consumers, 1);
  assertEquals(first > 0 && first < MANY / 4, true, `${first}`);
  world.update(stream, { max_msgs: 200 });
  await world.pass(100);
  assertEquals(updated(consumers, 2), MANY);
});

Deno.test("telling - neither consumers that go nor those of a stream that ends hear of an update", async () => {
  const { world, stream, consumers } = crowded();
  slowDown(world.clock);
  world.update(stream, { max_msgs: 100 });
  const last = consumers.at(-1) as FakeConsumer;
  stream.removeConsumer(last);
  await world.pass(100);
  assertEquals(updated(consumers, 1), MANY - 1);
  assertEquals(updated([last], 0), 1);
  world.update(stream, { max_msgs: 200 });
  const told = updated(consumers, 2);
  void stream.delete();
  await world.pass(100);
  assertEquals(updated(consumers, 2), told);
});

Deno.test("telling - who was kept from delivering hears in turns when it may again, and nobody else", async () => {
  const { world, stream, consumers } = crowded();
  const [kept, others] = [consumers.slice(0, 150), consumers.slice(150)];
  slowDown(world.clock);
  void stream.toil.run(function* () {
    for (const each of kept) assertEquals(stream.admits(each), false);
    yield;
  }());
  const first = updated(kept, 1);
  assertEquals(first > 0 && first < kept.length / 4, true, `${first}`);
  await world.pass(100);
  assertEquals([updated(kept, 1), updated(others, 0)], [150, 50]);
  assertEquals(stream.admits(consumers[0] as FakeConsumer), true);
});

Deno.test("telling - who is kept from delivering again hears again", async () => {
  const { world, stream, consumers } = crowded();
  const [first] = consumers;
  if (first === undefined) throw new Error("no consumers");
  for (let i = 1; i <= 3; i++) {
    const end = stream.toil.begin();
    assertEquals(stream.admits(first), false);
    end();
    await world.pass(1);
    assertEquals(updated([first], i), 1);
  }
  void stream.delete();
  assertEquals(stream.admits(first), false);
});

Deno.test("telling - what has gone during work that fails is told in turns, too", async () => {
  const { world, stream, consumers } = crowded();
  slowDown(world.clock);
  const failing = stream.toil.run(function* () {
    stream.deleteMessage(1, false);
    yield;
    throw new Error("half way");
  }());
  const failure = Promise.resolve(failing).catch((error) => error.message);
  assertEquals(toldOf(consumers, []) > 0, true);
  await world.pass(100);
  assertEquals(await failure, "half way");
  assertEquals(toldOf(consumers, ["removed 1"]), MANY);
  assertEquals(stream.toil.isBusy, false);
});

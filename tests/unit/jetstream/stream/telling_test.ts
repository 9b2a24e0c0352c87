/** How consumers hear of messages that have gone, however many they are. */

import { assertEquals } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import { ConsumerIndex } from "../../../../src/jetstream/stream/consumer_index.ts";
import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import { FakeConsumer, StreamWorld } from "./world.ts";

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

/** A stream with three messages and very many consumers. */
function crowded(): { stream: Stream; consumers: FakeConsumer[] } {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a"] });
  const consumers = consumersOf("a");
  for (const each of consumers) stream.addConsumer(each);
  for (let i = 0; i < 3; i++) world.publish("a");
  return { stream, consumers };
}

Deno.test("telling - very many consumers hear of a message in steps, those that have gone do not", () => {
  const index = new ConsumerIndex(1);
  const consumers = consumersOf("a");
  for (const each of consumers) index.add(each);
  const other = new FakeConsumer("other", ["b"]);
  index.add(other);
  const work = index.telling(7, "a");
  assertEquals(work.next().done, false);
  const first = toldOf(consumers, ["removed 7 a"]);
  assertEquals(first > 0 && first < MANY, true, `${first}`);
  const last = consumers.at(-1) as FakeConsumer;
  index.remove(last);
  finish(work);
  assertEquals(toldOf(consumers, ["removed 7 a"]), MANY - 1);
  assertEquals([last.log, other.log], [[], []]);
});

Deno.test("telling - each of very many consumers hears which message was deleted", () => {
  const { stream, consumers } = crowded();
  stream.deleteMessage(2, false);
  assertEquals(toldOf(consumers, ["removed 2 a"]), MANY);
  assertEquals(stream.isBusy, false);
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
  assertEquals(toldOf(consumers, ["removed 1 a"]), MANY);
  assertEquals(stream.isBusy, false);
});

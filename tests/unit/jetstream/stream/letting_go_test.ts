/** How acknowledged messages go, however many they and the consumers are. */

import { assert, assertEquals } from "@std/assert";
import { ConsumerIndex } from "../../../../src/jetstream/stream/consumer_index.ts";
import { FakeConsumer, slowDown, StreamWorld } from "./world.ts";

const MANY = 200;
const MESSAGES = 3000;

/** Counts how often any of them is asked. */
class Asked extends FakeConsumer {
  static times = 0;

  override needsAck(sequence: number): boolean {
    Asked.times++;
    return super.needsAck(sequence);
  }
}

for (const order of ["in their order", "the last one first"] as const) {
  Deno.test(`letting go - as many acknowledgements as consumers ask each some times, ${order}`, () => {
    const index = new ConsumerIndex(1);
    const consumers = Array.from(
      { length: MANY },
      (_, i) => new Asked(`C${i}`, ["a"]),
    );
    const sequences = [7, 8, 7 + 1024];
    for (const each of consumers) {
      index.add(each);
      for (const sequence of sequences) each.stored(sequence, null);
    }
    Asked.times = 0;
    if (order === "the last one first") consumers.reverse();
    const last = consumers.at(-1) as Asked;
    for (const each of consumers) {
      for (const sequence of sequences) {
        each.wanted.delete(sequence);
        assertEquals(index.needsAck(sequence, "a"), each !== last);
      }
    }
    const most = 5 * sequences.length * MANY;
    assert(Asked.times < most, `${Asked.times}`);
  });
}

/** Acknowledges for a consumer within the batch at hand. */
function acknowledge(
  world: StreamWorld,
  consumers: readonly FakeConsumer[],
  sequence: number,
): void {
  for (const each of consumers) {
    each.wanted.delete(sequence);
    world.streams.get("S")?.retention.acked(sequence);
  }
}

function crowded(count: number, messages: number) {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a"],
    retention: "interest",
  });
  const consumers = Array.from(
    { length: count },
    (_, i) => new FakeConsumer(`C${i}`),
  );
  for (const each of consumers) stream.addConsumer(each);
  for (let i = 0; i < messages; i++) world.publish("a");
  return { world, stream, consumers };
}

Deno.test("letting go - what very many consumers acknowledge goes in turns", async () => {
  const { world, stream, consumers } = crowded(MANY, 20);
  slowDown(world.clock);
  world.flushQueue.begin();
  for (let i = 1; i <= 20; i++) acknowledge(world, consumers, i);
  assertEquals(stream.store.messages, 20);
  world.flushQueue.end();
  const left = stream.store.messages;
  assert(left > 15 && left < 20, `${left}`);
  await world.pass(1000);
  assertEquals(stream.store.messages, 0);
});

Deno.test("letting go - of very many acknowledgements in a batch the later wait for their turn", async () => {
  const { world, stream, consumers } = crowded(1, MESSAGES);
  slowDown(world.clock);
  world.flushQueue.begin();
  for (let i = 1; i < MESSAGES; i++) acknowledge(world, consumers, i);
  const left = stream.store.messages;
  assert(left > MESSAGES / 2 && left < MESSAGES, `${left}`);
  world.flushQueue.end();
  assert(stream.store.messages > left - 10);
  await world.pass(10_000);
  assertEquals(stream.store.messages, 1);
  // The next batch begins anew.
  world.flushQueue.begin();
  acknowledge(world, consumers, MESSAGES);
  assertEquals(stream.store.messages, 0);
  world.flushQueue.end();
});

Deno.test("letting go - nothing goes any more once the stream has ended", async () => {
  const { world, stream, consumers } = crowded(MANY, 3);
  slowDown(world.clock);
  world.flushQueue.begin();
  for (const sequence of [1, 2, 3]) acknowledge(world, consumers, sequence);
  world.flushQueue.end();
  void stream.delete();
  await world.pass(1000);
  assertEquals(
    world.logger.lines.filter((line) => /error/i.test(`${line}`)),
    [],
  );
});

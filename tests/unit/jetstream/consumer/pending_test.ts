/** How much is before a consumer while it has not heard yet of what has gone. */

import { assertEquals } from "@std/assert";
import type { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import type { ConsumerConfig } from "../../../../src/jetstream/types/consumer_config.ts";
import type { StreamConfig } from "../../../../src/jetstream/types/stream_config.ts";
import { slowDown } from "../stream/world.ts";
import { ConsumerWorld } from "./world.ts";

/** So many hear of it in turns. */
const MANY = 100;
/** Subjects that are counted in turns, too. */
const SUBJECTS = 1000;
/** Milliseconds in which everything is told and counted. */
const SOON = 100;

/** A stream with a message of each subject, and consumers. */
function begin(
  subjects: readonly string[],
  stream: Partial<StreamConfig> = {},
  consumer: Partial<ConsumerConfig> = {},
  count = MANY,
): { world: ConsumerWorld; stream: Stream; consumers: Consumer[] } {
  const world = new ConsumerWorld();
  const made = world.stream({ name: "S", subjects: ["s.>"], ...stream });
  for (const each of subjects) world.publish(each);
  const consumers = Array.from(
    { length: count },
    (_, i) => world.consumer(made, `c${i}`, consumer),
  );
  return { world, stream: made, consumers };
}

function pending(consumer: Consumer | undefined): number | undefined {
  return consumer?.info().num_pending;
}

Deno.test("who comes before a removal is told has not counted the message", async () => {
  const { world, stream, consumers } = begin(["s.a", "s.b", "s.c"]);
  const end = stream.toil.begin();
  void stream.deleteMessage(2, false);
  const late = world.consumer(stream, "late");
  end();
  await world.pass(SOON);
  assertEquals([consumers[0], late].map(pending), [2, 2]);
});

Deno.test("who gets other filters before a removal is told has not counted the message", async () => {
  const { world, stream, consumers } = begin(["s.a", "s.a", "s.b"], {}, {
    filter_subject: "s.b",
  });
  const [first, second, third] = consumers;
  const end = stream.toil.begin();
  void stream.deleteMessage(1, false);
  world.consumer(stream, "c0", { filter_subject: "s.a" });
  world.consumer(stream, "c1", { filter_subject: "s.*" });
  end();
  await world.pass(SOON);
  assertEquals([first, second, third].map(pending), [1, 2, 1]);
});

Deno.test("who begins anew before a removal is told has not counted the message", async () => {
  const { world, stream, consumers } = begin(["s.a", "s.b", "s.c"]);
  const [first, second] = consumers as [Consumer, Consumer];
  world.pull(first, { batch: 3 });
  const end = stream.toil.begin();
  void stream.deleteMessage(2, false);
  first.restartAt(1);
  end();
  await world.pass(SOON);
  assertEquals([first, second].map(pending), [2, 2]);
});

Deno.test("who is asked before a removal is told counts right afterwards", async () => {
  const { world, stream, consumers } = begin(["s.a"]);
  const [first] = consumers;
  const end = stream.toil.begin();
  void stream.deleteMessage(1, false);
  assertEquals(pending(first), 0);
  world.publish("s.a");
  end();
  await world.pass(SOON);
  assertEquals(pending(first), 1);
});

Deno.test("what is removed while a consumer counts is taken off if it was counted, however late that is told", async () => {
  const subjects = Array.from({ length: SUBJECTS }, (_, i) => `s.n.${i}`);
  for (const removed of ["s.n.0", "s.n.999"]) {
    const { world, stream } = begin(["s.x", ...subjects]);
    slowDown(world.clock, 5);
    const late = world.consumer(stream, "late", { filter_subject: "s.n.*" });
    assertEquals(late.preparation.done === null, false);
    const end = stream.toil.begin();
    void stream.deleteMessage(subjects.indexOf(removed) + 2, false);
    await world.pass(SOON);
    end();
    await world.pass(SOON);
    assertEquals(pending(late), SUBJECTS - 1, removed);
  }
});

Deno.test("what comes and goes while a consumer counts does not count", async () => {
  const subjects = Array.from({ length: SUBJECTS }, (_, i) => `s.n.${i}`);
  for (const count of [MANY, 0]) {
    const { world, stream } = begin(["s.x", ...subjects], {}, {}, count);
    slowDown(world.clock, 5);
    const late = world.consumer(stream, "late", { filter_subject: "s.n.*" });
    const { lastSequence: last } = stream.store;
    world.publish("s.n.0");
    world.publish("s.n.999");
    void stream.deleteMessage(last + 1, false);
    assertEquals(late.preparation.done === null, false);
    await world.pass(SOON);
    assertEquals(pending(late), SUBJECTS + 1);
  }
});

Deno.test("what is stored before the sequence where a consumer begins is not before it", () => {
  const { world, stream } = begin(["s.a", "s.b"]);
  const consumer = world.consumer(stream, "c", {
    deliver_policy: "by_start_sequence",
    opt_start_seq: 5,
  });
  for (let i = 3; i <= 6; i++) world.publish("s.a");
  stream.deleteMessage(6, false);
  assertEquals(pending(consumer), 1);
});

Deno.test("what a purge passes over before its removal is told does not count", async () => {
  const { world, consumers } = begin(["s.a"], { allow_rollup_hdrs: true }, {
    filter_subject: "s.a",
  });
  slowDown(world.clock);
  world.publish("s.a", "", { "Nats-Rollup": "sub" });
  for (let i = 0; i < 5; i++) world.publish("s.b");
  await world.pass(SOON);
  assertEquals([consumers[0], consumers.at(-1)].map(pending), [1, 1]);
});

Deno.test("what is displaced by its like before that is told of does not count", async () => {
  for (const count of [MANY, 1]) {
    const { world, stream, consumers } = begin(
      ["s.a", "s.b"],
      {
        max_msgs_per_subject: 1,
      },
      {},
      count,
    );
    slowDown(world.clock);
    world.publish("s.a");
    world.publish("s.a");
    const late = world.consumer(stream, "late");
    await world.pass(SOON);
    world.publish("s.b");
    await world.pass(SOON);
    assertEquals([consumers[0], late].map(pending), [2, 2]);
  }
});

Deno.test("who comes before many removals are told counts what is left", async () => {
  const { world, stream, consumers } = begin(["s.a", "s.b", "s.c"]);
  const end = stream.toil.begin();
  void stream.deleteMessage(1, false);
  const late = world.consumer(stream, "late");
  void stream.deleteMessage(2, false);
  const later = world.consumer(stream, "later");
  world.publish("s.d");
  end();
  await world.pass(SOON);
  assertEquals([consumers[0], late, later].map(pending), [2, 2, 2]);
});

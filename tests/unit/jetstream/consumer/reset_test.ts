/** Consumers that are sent ahead, or back, on long streams. */

import { assert, assertEquals } from "@std/assert";
import type { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import { slowDown } from "../stream/world.ts";
import { ConsumerWorld } from "./world.ts";

const MESSAGES = 500;

function begin() {
  const world = new ConsumerWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a"],
    retention: "interest",
  });
  const one = world.consumer(stream, "one");
  const other = world.consumer(stream, "other");
  for (let i = 0; i < MESSAGES; i++) world.publish("a");
  slowDown(world.clock);
  const reset = ({ name }: Consumer, seq: number) =>
    world.ask(
      `$JS.API.CONSUMER.RESET.S.${name}`,
      JSON.stringify({ seq }),
      {},
      `_INBOX.${name}`,
    );
  const answers = (name: string) =>
    world.seen.filter(({ subject }) => subject === `_INBOX.${name}`)
      .map(({ body }) => JSON.parse(body));
  return { world, stream, one, other, reset, answers };
}

Deno.test("reset - what is passed over goes in turns, and the answer counts what is left", async () => {
  const { world, stream, one, other, reset, answers } = begin();
  reset(one, MESSAGES - 9);
  await world.pass(1000);
  assertEquals(answers("one")[0].num_pending, 10);
  assertEquals(stream.store.messages, MESSAGES);
  reset(other, MESSAGES - 4);
  assertEquals(answers("other"), []);
  const left = stream.store.messages;
  assert(left > MESSAGES / 2, `${left} left`);
  await world.pass(1000);
  const [answer] = answers("other");
  assertEquals(
    [answer.num_pending, answer.reset_seq, answer.delivered.stream_seq],
    [5, MESSAGES - 4, MESSAGES - 5],
  );
  // One of them still needs ten.
  assertEquals(stream.store.messages, 10);
});

Deno.test("reset - nothing is delivered before what is passed over has gone", async () => {
  const { world, one, other, reset } = begin();
  reset(one, MESSAGES + 1);
  reset(other, MESSAGES - 4);
  assertEquals(world.pull(other, { batch: 1 }), []);
  await world.pass(1000);
  const delivered = world.seen.filter(({ subject }) => subject === "a");
  assertEquals(delivered.length, 1);
  assert(
    delivered[0]?.reply.startsWith(`$JS.ACK.S.other.1.${MESSAGES - 4}.1.`),
    delivered[0]?.reply,
  );
});

Deno.test("reset - another one meanwhile counts, and both are answered", async () => {
  const { world, one, other, stream, reset } = begin();
  reset(one, MESSAGES + 1);
  await world.pass(1000);
  const answers: number[] = [];
  reset(other, MESSAGES - 4);
  reset(other, MESSAGES - 8);
  await world.pass(1000);
  for (const { subject, body } of world.seen) {
    if (subject === "_INBOX.other") answers.push(JSON.parse(body).num_pending);
  }
  assertEquals(answers, [9, 9]);
  assertEquals(stream.store.messages, 9);
});

Deno.test("reset - of a consumer that is deleted meanwhile says that it is not there", async () => {
  const { world, one, other, reset, answers } = begin();
  reset(one, MESSAGES + 1);
  await world.pass(1000);
  reset(other, MESSAGES - 4);
  other.delete();
  await world.pass(1000);
  assertEquals(answers("other").map(({ error }) => error.code), [404]);
});

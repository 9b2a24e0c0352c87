import { assertEquals } from "@std/assert";
import type { Seen } from "../stream/world.ts";
import { KeptStates, revive } from "./kept_states.ts";
import { ConsumerWorld } from "./world.ts";

/** Reasons for which messages were given up. */
function reasons({ told }: ConsumerWorld): unknown[] {
  return told.filter(([what]) => what === "terminated").map((each) =>
    each.at(-1)
  );
}

Deno.test("what a tighter limit takes away was deleted", async () => {
  const world = new ConsumerWorld();
  const stream = world.stream({ name: "S", subjects: ["s.>"] });
  for (let i = 1; i <= 3; i++) world.publish("s.a");
  const consumer = world.consumer(stream, "c");
  world.pull(consumer, { batch: 2 });
  world.flushQueue.begin();
  world.update(stream, { max_msgs: 1 });
  world.flushQueue.end();
  await world.pass(1);
  assertEquals(reasons(world), [
    "Unacknowledged message was deleted",
    "Unacknowledged message was deleted",
  ]);
});

Deno.test("what is found to be gone after a crash went by a limit", () => {
  const world = new ConsumerWorld();
  const stream = world.stream({ name: "S", subjects: ["s.>"] });
  const kept = new KeptStates();
  kept.savesAtEnd = false;
  kept.keepFor(stream.store);
  for (let i = 1; i <= 3; i++) world.publish("s.a");
  const consumer = world.consumer(stream, "c");
  world.pull(consumer, { batch: 2 });
  kept.save();
  stream.purge({ filter: "", seq: 2, keep: 0 });
  world.told.length = 0;
  revive(world, stream, consumer);
  assertEquals(reasons(world), ["Message deleted by stream limits"]);
});

Deno.test("of what was delivered again, how often is told", () => {
  const world = new ConsumerWorld();
  const stream = world.stream({ name: "S", subjects: ["s.>"] });
  const consumer = world.consumer(stream, "c");
  for (let i = 1; i <= 2; i++) world.publish("s.a");
  const [first, second] = world.pull(consumer, { batch: 2 }) as [Seen, Seen];
  for (let i = 1; i <= 2; i++) {
    world.ack(second, "-NAK");
    world.pull(consumer, { batch: 1 });
  }
  assertEquals([first, second].map(({ reply }) => reply.split(".")[5]), [
    "1",
    "2",
  ]);
  stream.purge({ filter: "", seq: 1, keep: 0 });
  for (const sequence of [1, 2]) stream.deleteMessage(sequence, false);
  assertEquals(
    world.told.filter(([what]) => what === "terminated").map((each) => each[2]),
    [
      { streamSequence: 1, consumerSequence: 1, deliveries: 1 },
      { streamSequence: 2, consumerSequence: 2, deliveries: 2 },
    ],
  );
});

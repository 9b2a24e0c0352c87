import { assertEquals, assertMatch } from "@std/assert";
import type { Stream } from "../../../../src/jetstream/stream/stream.ts";
import { ConsumerWorld } from "./world.ts";

const FIVE_SECONDS = 5_000_000_000;

function begin(): { world: ConsumerWorld; stream: Stream } {
  const world = new ConsumerWorld();
  return { world, stream: world.stream({ name: "S", subjects: ["s.>"] }) };
}

Deno.test("a name that was drawn is not configured, one that was given is", () => {
  const { world, stream } = begin();
  const drawn = world.consumer(stream, "");
  assertMatch(drawn.name, /^\w{8}$/);
  assertEquals(drawn.info().config?.name, "");
  const given = world.consumer(stream, "", { name: "given" });
  assertEquals(given.info().config?.name, "given");
});

Deno.test("an ephemeral consumer that becomes durable still goes when it is unused", async () => {
  const { world, stream } = begin();
  const consumer = world.consumer(stream, "", { name: "c" });
  world.consumer(stream, "c", { name: "c" });
  assertEquals(consumer.config.inactive_threshold, FIVE_SECONDS);
  await world.pass(7000);
  assertEquals(stream.consumers.has("c"), false);
});

Deno.test("a durable consumer that becomes ephemeral stays", async () => {
  const { world, stream } = begin();
  const consumer = world.consumer(stream, "c", {
    inactive_threshold: 10 * FIVE_SECONDS,
  });
  world.consumer(stream, "", { name: "c" });
  assertEquals(consumer.config.inactive_threshold, 0);
  await world.pass(60_000);
  assertEquals(stream.consumers.has("c"), true);
});

Deno.test("from the first update on, the end of a pause is told in UTC", () => {
  const { world, stream } = begin();
  const pause_until = "2124-01-01T02:00:00+02:00";
  const consumer = world.consumer(stream, "c", { pause_until });
  assertEquals(consumer.config.pause_until, pause_until);
  world.consumer(stream, "c", { pause_until });
  assertEquals(consumer.config.pause_until, "2124-01-01T00:00:00Z");
  world.consumer(stream, "c");
  assertEquals(consumer.config.pause_until, null);
});

Deno.test("a pause needs a newer server, and its end takes that back", () => {
  const { world, stream } = begin();
  const consumer = world.consumer(stream, "c");
  const level = () => consumer.config.metadata.get("_nats.req.level");
  consumer.pause("2124-01-01T00:00:00Z");
  assertEquals(level(), "1");
  consumer.pause(null);
  assertEquals(level(), "0");
});

Deno.test("the same pause again is not told of", () => {
  const { world, stream } = begin();
  const consumer = world.consumer(stream, "c", {
    pause_until: "2124-01-01T02:00:00+02:00",
  });
  const before = world.told.length;
  consumer.pause("2124-01-01T00:00:00Z");
  assertEquals(world.told.length, before);
  assertEquals(consumer.config.pause_until, "2124-01-01T00:00:00Z");
  consumer.pause("2125-01-01T00:00:00Z");
  assertEquals(world.told.length, before + 1);
});

Deno.test("requests wait by priority for as long as the configuration says so", () => {
  const { world, stream } = begin();
  const consumer = world.consumer(stream, "c", {
    priority_policy: "prioritized",
    priority_groups: ["g"],
  });
  for (const inbox of ["low", "high"]) world.listen(inbox);
  const pull = (inbox: string, priority: number) =>
    world.publish(
      "$JS.API.CONSUMER.MSG.NEXT.S.c",
      JSON.stringify({ group: "g", priority, batch: 1 }),
      {},
      inbox,
    );
  const served: string[] = [];
  world.taker = ({ subject }) => served.push(subject) > 0;
  pull("low", 5);
  pull("high", 1);
  world.publish("s.a");
  world.publish("s.a");
  world.consumer(stream, "c");
  world.publish("$JS.API.CONSUMER.MSG.NEXT.S.c", "1", {}, "low");
  world.publish("$JS.API.CONSUMER.MSG.NEXT.S.c", "{}", {}, "high");
  world.publish("s.a");
  assertEquals(served, ["high", "low", "low"]);
  assertEquals(consumer.info().num_waiting, 1);
});

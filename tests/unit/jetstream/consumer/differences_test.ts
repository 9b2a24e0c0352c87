import { assertEquals, assertThrows } from "@std/assert";
import { ApiError } from "../../../../src/jetstream/errors.ts";
import {
  CONSUMER_CONFIG,
  type ConsumerConfig,
} from "../../../../src/jetstream/types/consumer_config.ts";
import {
  DeliveryState,
  selectStart,
} from "../../../../src/jetstream/consumer/state/mod.ts";
import type { Stream } from "../../../../src/jetstream/stream/stream.ts";
import { ConsumerWorld, figures } from "./world.ts";

const SECOND = 1_000_000_000;

function begin(...tokens: string[]): { world: ConsumerWorld; stream: Stream } {
  const world = new ConsumerWorld();
  const stream = world.stream({ name: "S", subjects: ["s.>"] });
  for (const token of tokens) world.publish(`s.${token}`, token);
  return { world, stream };
}

Deno.test("without filters, what is stored from then on is delivered", () => {
  const { world, stream } = begin("a", "b");
  const consumer = world.consumer(stream, "c", { filter_subject: "s.a" });
  assertEquals(world.pull(consumer, { batch: 5, no_wait: true }).length, 2);
  world.consumer(stream, "c");
  world.publish("s.b", "later");
  assertEquals(figures(consumer.info()).at(-1), 1);
  const [next] = world.pull(consumer, { batch: 1, no_wait: true });
  assertEquals(next?.body, "later");
});

Deno.test("who is resumed goes on at once", () => {
  const { world, stream } = begin("a");
  world.listen("to");
  const consumer = world.consumer(stream, "c", {
    deliver_subject: "to",
    pause_until: "2124-01-01T00:00:00Z",
  });
  assertEquals(world.take(), []);
  world.flushQueue.begin();
  consumer.pause(null);
  world.flushQueue.end();
  assertEquals(world.take().map(({ body }) => body), ["a"]);
});

Deno.test("who gets wider filters goes on at once", () => {
  const { world, stream } = begin("a");
  const consumer = world.consumer(stream, "c", { filter_subject: "s.a" });
  assertEquals(world.pull(consumer, { batch: 5 }).length, 1);
  world.publish("s.b", "b");
  world.take();
  world.consumer(stream, "c", { filter_subject: "s.*" });
  assertEquals(world.take().map(({ body }) => body), ["b"]);
});

Deno.test("who may deliver again after a purge does so at once", () => {
  const { world, stream } = begin("a", "b");
  const consumer = world.consumer(stream, "c", { max_ack_pending: 1 });
  assertEquals(world.pull(consumer, { batch: 2 }).length, 1);
  world.take();
  world.flushQueue.begin();
  stream.purge({ filter: "", seq: 2, keep: 0 });
  world.flushQueue.end();
  assertEquals(world.take().map(({ body }) => body), ["b"]);
});

Deno.test("a pin ends with the policy that it was for", () => {
  const { world, stream } = begin("a", "b");
  const consumer = world.consumer(stream, "c", {
    priority_policy: "pinned_client",
    priority_groups: ["g"],
  });
  world.pull(consumer, { batch: 1, group: "g" });
  world.consumer(stream, "c");
  const [next] = world.pull(consumer, { batch: 1 });
  assertEquals(next?.body, "b");
});

Deno.test("what is before the beginning is not pending", () => {
  const { world, stream } = begin("a");
  const consumer = world.consumer(stream, "c", {
    deliver_policy: "by_start_sequence",
    opt_start_seq: 3,
  });
  world.pull(consumer, { batch: 1 });
  world.publish("s.b");
  world.publish("s.c");
  const [delivery] = world.take();
  assertEquals(delivery?.reply.split(".").at(-1), "0");
});

Deno.test("a last message that is deleted keeps nobody from the others", () => {
  const { world, stream } = begin("a", "b");
  const consumer = world.consumer(stream, "c", {
    deliver_policy: "last_per_subject",
    filter_subject: "s.>",
  });
  stream.deleteMessage(1, false);
  const [next] = world.pull(consumer, { batch: 1, no_wait: true });
  assertEquals(next?.body, "b");
});

Deno.test("a reset forgets no last message that is not acknowledged", () => {
  const { world, stream } = begin("a", "b");
  const consumer = world.consumer(stream, "c", {
    deliver_policy: "last_per_subject",
    filter_subject: "s.>",
  });
  world.pull(consumer, { batch: 1 });
  world.ask("$JS.API.CONSUMER.RESET.S.c");
  const again = world.pull(consumer, { batch: 2 });
  assertEquals(again.map(({ body }) => body), ["a", "b"]);
});

Deno.test("an empty list is none to who creates a consumer again", () => {
  const { world, stream } = begin();
  const present = world.consumer(stream, "c");
  const given = { ...CONSUMER_CONFIG.zero(), durable_name: "c" };
  const create = (change: Partial<ConsumerConfig>) =>
    stream.createConsumer(
      { ...given, ack_policy: "explicit", ...change },
      "create",
      false,
    );
  assertEquals(create({ backoff: [], filter_subjects: [] }), present);
  assertThrows(() => create({ backoff: [SECOND] }), ApiError);
});

Deno.test("from a time on, no filter passes over what another one wants", async () => {
  const { world, stream } = begin("a");
  await world.pass(1000);
  const time = world.clock.nowNanos();
  await world.pass(1000);
  for (const token of ["a", "x", "b", "c"]) world.publish(`s.${token}`, token);
  const start = (...filters: string[]) =>
    selectStart(stream.store, {
      policy: "by_start_time",
      sequence: 0,
      time,
      filters,
      maxMessagesPerSubject: -1,
    }).next;
  assertEquals(start("s.a", "s.b"), 2);
  assertEquals(start("s.b"), 4);
  assertEquals(start("s.a"), 2);
  assertEquals(start(), 2);
});

Deno.test("a deleted message is no acknowledgement of those before it", () => {
  const state = new DeliveryState({
    ack: "all",
    ackWait: 1000,
    backoff: [],
    maxDeliver: 0,
    maxAckPending: 0,
  });
  for (let i = 1; i <= 3; i++) {
    state.deliver(i, 0);
    state.next = i + 1;
  }
  state.forget(2);
  assertEquals([state.pending.count, state.ackFloorStream], [2, 0]);
  state.acknowledge(1, 1, null);
  assertEquals([state.pending.count, state.ackFloorStream], [1, 1]);
});

Deno.test("a redelivery that nobody can take keeps its place", async () => {
  const { world, stream } = begin("first", "second");
  const consumer = world.consumer(stream, "c", { ack_wait: SECOND });
  world.pull(consumer, { batch: 2 });
  await world.pass(1100);
  const refused = world.pull(consumer, { batch: 1, max_bytes: 1 });
  assertEquals(
    refused.map(({ headers }) => headers.split("\r\n")[0]),
    ["NATS/1.0 409 Message Size Exceeds MaxBytes"],
  );
  const again = world.pull(consumer, { batch: 2 });
  assertEquals(again.map(({ body }) => body), ["first", "second"]);
  assertEquals(again.map(({ reply }) => reply.split(".")[4]), ["2", "2"]);
});

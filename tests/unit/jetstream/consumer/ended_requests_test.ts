import { assertEquals } from "@std/assert";
import type { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import type { ConsumerConfig } from "../../../../src/jetstream/types/consumer_config.ts";
import type { Stream } from "../../../../src/jetstream/stream/stream.ts";
import type { Seen } from "../stream/world.ts";
import { ConsumerWorld, figures } from "./world.ts";

function begin(fields: Partial<ConsumerConfig> = {}): {
  world: ConsumerWorld;
  stream: Stream;
  consumer: Consumer;
} {
  const world = new ConsumerWorld();
  const stream = world.stream({ name: "S", subjects: ["s.>"] });
  return { world, stream, consumer: world.consumer(stream, "c", fields) };
}

/** Asks for messages, to an inbox of its own. */
function pull(world: ConsumerWorld, inbox: string, body: unknown): void {
  world.publish(
    "$JS.API.CONSUMER.MSG.NEXT.S.c",
    JSON.stringify(body),
    {},
    inbox,
  );
}

/** Bodies, and of statuses the line. */
function shown(seen: readonly Seen[]): string[] {
  return seen.map(({ headers, body }) => headers.split("\r\n")[0] || body);
}

const TOO_LARGE = "NATS/1.0 409 Message Size Exceeds MaxBytes";

Deno.test("who can't take a message is told so before somebody else gets it", () => {
  const { world, consumer } = begin();
  world.pull(consumer, { batch: 1, max_bytes: 1 });
  world.pull(consumer, { batch: 2 });
  world.publish("s.a", "first");
  world.publish("s.a", "second");
  assertEquals(shown(world.take()), [TOO_LARGE, "first", "second"]);
});

Deno.test("a request that ends by way of the stream leaves the message as it was", () => {
  const { world, stream, consumer } = begin({ filter_subject: "s.a" });
  world.publish("$JS.API.CONSUMER.MSG.NEXT.S.c", '{"max_bytes":1}', {}, "s.b");
  world.pull(consumer, { batch: 1 });
  world.publish("s.a", "the message");
  assertEquals(shown(world.take()), ["the message"]);
  assertEquals(stream.store.lastSequence, 2);
});

Deno.test("who is passed over stays in line although others are ended", () => {
  const { world } = begin({
    priority_policy: "overflow",
    priority_groups: ["g"],
  });
  for (const name of ["one", "two"]) world.listen(name);
  const patient = { group: "g", min_pending: 2, batch: 1 };
  pull(world, "one", patient);
  pull(world, "_INBOX.answer", { group: "g", max_bytes: 1 });
  pull(world, "two", patient);
  world.publish("s.a", "first");
  assertEquals(shown(world.take()), [TOO_LARGE]);
  const taken: string[] = [];
  world.taker = ({ subject }, message) => {
    taken.push(`${subject} ${message.subject()}`);
    return true;
  };
  world.publish("s.a", "second");
  assertEquals(taken, ["one s.a"]);
});

Deno.test("a message that nobody could take is the next one", () => {
  const { world, stream, consumer } = begin({ filter_subject: "s.b" });
  for (const token of ["a", "a", "b", "b"]) world.publish(`s.${token}`);
  world.pull(consumer, { batch: 1, max_bytes: 1 });
  assertEquals(figures(consumer.info()), [0, 2, 0, 0, 0, 0, 2]);
  stream.purge({ filter: "", seq: 2, keep: 0 });
  assertEquals(figures(consumer.info()).slice(2, 4), [0, 2]);
  const [next] = world.pull(consumer, { batch: 1, no_wait: true });
  assertEquals(next?.reply.split(".").slice(4, 7), ["1", "3", "1"]);
});

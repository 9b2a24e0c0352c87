import { assertEquals, assertThrows } from "@std/assert";
import { capability } from "../../../tools/capability.ts";
import { finish } from "../../../../src/connection/mod.ts";
import type { Message } from "../../../../src/protocol/mod.ts";
import { type Receiver, Subscription } from "../../../../src/account/mod.ts";
import { ApiError } from "../../../../src/jetstream/errors.ts";
import type { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import type { Stream } from "../../../../src/jetstream/stream/stream.ts";
import { ConsumerWorld, figures } from "./world.ts";
import { slowDown } from "../stream/world.ts";
import { KeptStates, revive } from "./kept_states.ts";

const SECOND = 1_000_000_000;
const row = (...names: string[]) => names.map((name) => `consumers/${name}`);

function begin(messages = 0): { world: ConsumerWorld; stream: Stream } {
  const world = new ConsumerWorld();
  const stream = world.stream({ name: "S", subjects: ["s.>"] });
  for (let i = 1; i <= messages; i++) world.publish(`s.${i % 3}`, `body ${i}`);
  return { world, stream };
}

/** Counts what it gets, and may be behind. */
class Counter implements Receiver {
  readonly seesImports = false;
  readonly sends = true;
  count = 0;
  /** Taken before it is behind. */
  room = Infinity;
  readonly #waiting: (() => void)[] = [];

  constructor(world: ConsumerWorld, subject: string) {
    world.account.subscriptions.insert(
      new Subscription(this, subject, null, "9"),
    );
  }

  deliver(_subscription: Subscription, message: Message): boolean {
    if (message.headerSize !== message.size) this.count++;
    return true;
  }

  whenCaughtUp(callback: () => void): boolean {
    if (this.count < this.room) return false;
    this.#waiting.push(callback);
    return true;
  }

  catchUp(room: number): void {
    this.room += room;
    for (const callback of this.#waiting.splice(0)) callback();
  }
}

capability(
  "nobody with much to get keeps others from getting little",
  { positive: row("direct-to-one-order"), edge: row("direct-to-one-order") },
  async () => {
    const { world, stream } = begin(5000);
    const [much, little] = ["much", "little"].map((name) =>
      new Counter(world, name)
    ) as [Counter, Counter];
    const fields = { ack_policy: "none", durable_name: "" } as const;
    world.consumer(stream, "", {
      ...fields,
      name: "a",
      deliver_subject: "much",
    });
    world.consumer(stream, "", {
      ...fields,
      name: "b",
      deliver_subject: "little",
      deliver_policy: "last",
    });
    assertEquals(little.count, 1);
    assertEquals(much.count > 0 && much.count < 5000, true);
    await world.pass(100);
    assertEquals(much.count, 5000);
  },
);

capability(
  "who does not keep up is waited for",
  { positive: row("interest"), edge: row("interest") },
  async () => {
    const { world, stream } = begin(1000);
    const slow = new Counter(world, "to");
    slow.room = 100;
    world.consumer(stream, "c", { ack_policy: "none", deliver_subject: "to" });
    await world.pass(50);
    assertEquals(slow.count, 100);
    const catchUp = (room: number) => {
      world.flushQueue.begin();
      slow.catchUp(room);
      world.flushQueue.end();
    };
    catchUp(50);
    await world.pass(50);
    assertEquals(slow.count, 150);
    catchUp(Infinity);
    await world.pass(50);
    assertEquals(slow.count, 1000);
  },
);

capability(
  "messages come again until they are acknowledged",
  { positive: row("ack-wait-2"), edge: row("ack-wait-2") },
  async () => {
    const { world, stream } = begin(2);
    const consumer = world.consumer(stream, "c", { ack_wait: SECOND });
    assertEquals(world.pull(consumer, { batch: 2 }).length, 2);
    await world.pass(900);
    world.pull(consumer, { batch: 5, expires: 60 * SECOND });
    assertEquals(world.take(), []);
    await world.pass(102);
    const again = world.take();
    assertEquals(again.map(({ reply }) => reply.split(".").slice(4, 7)), [
      ["2", "1", "3"],
      ["2", "2", "4"],
    ]);
    for (const each of again) world.ack(each, "+ACK");
    await world.pass(5000);
    assertEquals(figures(consumer.info()), [4, 2, 4, 2, 0, 0, 0]);
  },
);

capability(
  "a consumer that is worked for is not inactive",
  { positive: row("ephemeral-cleanup"), edge: row("ephemeral-cleanup") },
  async () => {
    const { world, stream } = begin(1);
    const consumer = world.consumer(stream, "", {
      durable_name: "",
      name: "e",
      ack_wait: 10 * SECOND,
      inactive_threshold: 2 * SECOND,
    });
    world.pull(consumer, { batch: 1 });
    await world.pass(11_000);
    assertEquals(consumer.closed, false);
    // It was due again after ten seconds, and nobody asked for it.
    await world.pass(12_500);
    assertEquals(consumer.closed, true);
    assertEquals(world.told.at(-1), ["changed", "e", "delete"]);
    assertEquals(stream.consumers.size, 0);
  },
);

capability(
  "a pull consumer lives as long as somebody waits at it",
  { positive: row("ephemeral-cleanup"), edge: row("interest-loss") },
  async () => {
    const { world, stream } = begin();
    const consumer = world.consumer(stream, "", {
      durable_name: "",
      name: "e",
    });
    world.pull(consumer, { batch: 1, expires: 20 * SECOND });
    await world.pass(19_000);
    assertEquals(consumer.closed, false);
    await world.pass(8000);
    assertEquals(consumer.closed, true);
    assertEquals(world.take().map(({ headers }) => headers.split("\r\n")[0]), [
      "NATS/1.0 408 Request Timeout",
    ]);
  },
);

capability(
  "no faster than the bucket fills",
  { positive: row("rate-limit"), edge: row("rate-limit", "rate-limit-bps") },
  async () => {
    const world = new ConsumerWorld();
    const stream = world.stream({
      name: "S",
      subjects: ["s"],
      max_msg_size: 1000,
    });
    for (let i = 0; i < 10; i++) world.publish("s", "x".repeat(950));
    const counter = new Counter(world, "to");
    // A thousand bytes a second.
    world.consumer(stream, "c", {
      ack_policy: "none",
      deliver_subject: "to",
      rate_limit_bps: 8000,
    });
    const counts: number[] = [];
    for (let i = 0; i < 4; i++) {
      await world.pass(i === 0 ? 10 : 2000);
      counts.push(counter.count);
    }
    assertEquals(counts, [1, 3, 5, 7]);
  },
);

capability(
  "the window of flow control grows with each answer",
  { positive: row("flow-control"), edge: row("only-latest-fc-reply-counts") },
  async () => {
    const world = new ConsumerWorld();
    const stream = world.stream({ name: "S", subjects: ["s"] });
    const body = "x".repeat(1 << 19);
    for (let i = 0; i < 40; i++) world.publish("s", body);
    world.listen("to");
    world.consumer(stream, "c", {
      ack_policy: "none",
      deliver_subject: "to",
      flow_control: true,
      idle_heartbeat: SECOND,
    });
    const counts: number[] = [];
    for (let i = 0; i < 3; i++) {
      await world.pass(500);
      const seen = world.take();
      counts.push(seen.filter(({ headers }) => headers === "").length);
      const [request] = seen.filter(({ reply }) => reply.includes(".FC."));
      world.publish("$JS.FC.S.c.none");
      world.publish(request?.reply ?? "");
    }
    assertEquals(counts, [4, 6, 12]);
  },
);

capability(
  "what was pending comes again after a restart, and nothing else",
  {
    positive: row("data-loss-reconcile", "explicit-floor"),
    edge: row("explicit-floor"),
  },
  async () => {
    const { world, stream } = begin(5);
    new KeptStates().keepFor(stream.store);
    const consumer = world.consumer(stream, "c", { ack_wait: 2 * SECOND });
    const [first, , third] = world.pull(consumer, { batch: 4 });
    for (const each of [first, third]) if (each) world.ack(each);
    const before = figures(consumer.info());
    const revived = revive(world, stream, consumer);
    assertEquals(figures(revived.info()), before);
    assertEquals(revived.info().created, consumer.info().created);
    world.pull(revived, { batch: 10, expires: 60 * SECOND });
    const [last] = world.take();
    assertEquals(last?.body, "body 5");
    if (last) world.ack(last);
    world.take();
    await world.pass(2500);
    assertEquals(world.take().map(({ body }) => body), ["body 2", "body 4"]);
  },
);

capability(
  "a stream that has lost its end is followed from where it ends",
  {
    positive: row("data-loss-reconcile"),
    edge: row("data-loss-reconcile"),
  },
  () => {
    const { world, stream } = begin(6);
    new KeptStates().keepFor(stream.store);
    const consumer = world.consumer(stream, "c");
    for (const each of world.pull(consumer, { batch: 6 })) world.ack(each);
    assertEquals(figures(consumer.info()).slice(0, 4), [6, 6, 6, 6]);
    stream.store.truncate(3);
    const revived = revive(world, stream, consumer);
    assertEquals(figures(revived.info()).slice(0, 4), [6, 3, 6, 3]);
    world.publish("s.new", "stored anew");
    const [next] = world.pull(revived, { batch: 1 });
    assertEquals(next?.body, "stored anew");
  },
);

capability(
  "pending messages that are gone are given up",
  { positive: row("floor-drift-check"), edge: row("floor-drift-check") },
  async () => {
    const { world, stream } = begin(5);
    new KeptStates().keepFor(stream.store);
    const consumer = world.consumer(stream, "c");
    world.pull(consumer, { batch: 4 });
    // The consumer is away while the stream moves on.
    const { config, createdAt } = consumer;
    consumer.stop();
    stream.store.compact(3);
    const found = { name: "c", config, created: createdAt };
    finish(world.factory.recovering(stream, found));
    const revived = stream.consumers.get("c") as Consumer;
    assertEquals(
      world.told.filter(([what]) => what === "terminated").length,
      2,
    );
    assertEquals(figures(revived.info()), [4, 4, 2, 2, 2, 0, 1]);
    await world.pass(200_000);
    assertEquals(figures(revived.info()).slice(2, 5), [2, 2, 2]);
  },
);

capability(
  "replies and requests of others are not delivered in the middle of a message",
  { positive: row("ack-ack"), edge: row("ack-ack") },
  () => {
    const { world, stream } = begin(1);
    const consumer = world.consumer(stream, "c");
    const [delivery] = world.pull(consumer, { batch: 1 });
    world.flushQueue.begin();
    world.seen = [];
    world.enqueue(delivery?.reply ?? "", "", {}, "_INBOX.answer");
    assertEquals(world.seen, []);
    world.flushQueue.end();
    assertEquals(world.seen.map(({ subject }) => subject), ["_INBOX.answer"]);
  },
);

capability(
  "a consumer that can't be kept is not there",
  { positive: row("create-api"), edge: row("create-api") },
  () => {
    const { world, stream } = begin();
    stream.store.consumer = () => {
      throw new Error("disk full");
    };
    const error = assertThrows(() => world.consumer(stream, "c"), ApiError);
    assertEquals(error.err_code, 10104);
    assertEquals(stream.consumers.size, 0);
    assertEquals(
      world.account.subscriptions.hasInterest("$JS.ACK.S.c.1"),
      false,
    );
  },
);

Deno.test("nothing is left behind in the account", () => {
  const { world, stream } = begin();
  const before = world.account.subscriptions.count;
  world.consumer(stream, "a");
  world.consumer(stream, "b", { deliver_subject: "to", ack_policy: "none" });
  world.consumer(stream, "c", {
    deliver_subject: "to",
    ack_policy: "flow_control",
    max_ack_pending: 10,
  });
  for (const each of [...stream.consumers.values()]) each.delete();
  assertEquals(world.account.subscriptions.count, before);
  assertEquals(world.host.consumers.alarms.size, 0);
});

capability(
  "messages that expire while they wait don't hold up others",
  { positive: row("deleted-pending"), edge: row("deleted-pending") },
  async () => {
    const world = new ConsumerWorld();
    const stream = world.stream({
      name: "S",
      subjects: ["s"],
      max_age: 2 * SECOND,
    });
    for (let i = 0; i < 4; i++) world.publish("s", `old ${i}`);
    const consumer = world.consumer(stream, "c", { max_ack_pending: 4 });
    world.pull(consumer, { batch: 4 });
    await world.pass(1500);
    world.publish("s", "new");
    world.pull(consumer, { batch: 1, expires: 60 * SECOND });
    assertEquals(world.take(), []);
    await world.pass(1400);
    assertEquals(world.take().map(({ body }) => body), ["new"]);
    assertEquals(
      world.told.filter(([what]) => what === "terminated").length,
      4,
    );
    assertEquals(figures(consumer.info()), [5, 5, 4, 4, 1, 0, 0]);
  },
);

Deno.test("a message that several filters match counts once, when it comes and when it goes", () => {
  const { world, stream } = begin();
  const consumer = world.consumer(stream, "c", {
    filter_subjects: ["s.a.*", "s.*.b"],
  });
  for (const subject of ["s.a.b", "s.a.c", "s.x.y", "s.a.b"]) {
    world.publish(subject);
  }
  const pending = () => figures(consumer.info()).at(-1);
  assertEquals(pending(), 3);
  stream.deleteMessage(1, false);
  assertEquals(pending(), 2);
  stream.deleteMessage(3, false);
  assertEquals(pending(), 2);
});

Deno.test("what goes while a consumer gets other filters is counted right", async () => {
  const { world, stream } = begin();
  const consumers = Array.from(
    { length: 100 },
    (_, i) => world.consumer(stream, `c${i}`, { filter_subject: "s.a" }),
  );
  for (const subject of ["s.a", "s.a", "s.b"]) world.publish(subject);
  const [last, other] = consumers.slice(-2) as [Consumer, Consumer];
  world.pull(last);
  slowDown(world.clock);
  void stream.deleteMessage(1, false);
  // They have not heard of it yet.
  for (const each of [last, other]) {
    world.consumer(stream, each.name, { filter_subjects: ["s.a", "s.b"] });
  }
  await world.pass(100);
  assertEquals(figures(last.info()), [1, 1, 1, 1, 0, 0, 2]);
  assertEquals(figures(other.info()), [0, 0, 0, 0, 0, 0, 2]);
  assertEquals(figures((consumers[0] as Consumer).info()).at(-1), 1);
});

Deno.test("a message goes when those have acknowledged it who want its subject", () => {
  const world = new ConsumerWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["s.*"],
    retention: "interest",
  });
  const [a, all, b] = [["s.a"], [], ["s.b"]].map((filter_subjects, i) =>
    world.consumer(stream, `c${i}`, { filter_subjects })
  ) as [Consumer, Consumer, Consumer];
  world.publish("s.a");
  world.publish("s.b");
  const ack = (consumer: Consumer) => {
    const [message] = world.pull(consumer);
    if (message !== undefined) world.ack(message);
    return stream.store.state();
  };
  assertEquals(ack(a).messages, 2);
  assertEquals(ack(all).firstSequence, 2);
  assertEquals(ack(all).messages, 1);
  assertEquals(ack(b).messages, 0);
});

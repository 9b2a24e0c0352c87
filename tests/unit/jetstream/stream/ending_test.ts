/** What happens to a stream with consumers while it ends, or comes back. */

import { assertEquals } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import type { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import { Stream } from "../../../../src/jetstream/stream/mod.ts";
import type { StreamConfig } from "../../../../src/jetstream/types/stream_config.ts";
import type { ConsumerState, StreamStore } from "../../../../src/store/mod.ts";
import { ConsumerWorld } from "../consumer/world.ts";
import { FileWorld } from "../../store/file_world.ts";
import { slowDown } from "./world.ts";

const CONSUMERS = 30;
const INTEREST: Partial<StreamConfig> = {
  name: "S",
  subjects: ["a"],
  retention: "interest",
};

/** What is kept of a consumer. */
function stateOf(store: StreamStore, name: string): ConsumerState {
  const state = finish(
    store.consumer(name, () => {
      throw new Error("it has none");
    }).loading(),
  );
  store.stop();
  if (state === null) throw new Error("nothing is kept");
  return state;
}

/** Consumers of a stream with one message, which only the last one needs. */
function crowded(): { world: ConsumerWorld; stream: Stream } {
  const world = new ConsumerWorld();
  const stream = world.stream(INTEREST);
  const consumers = Array.from(
    { length: CONSUMERS },
    (_, i) => world.consumer(stream, `C${i}`),
  );
  world.publish("a", "needed");
  for (const each of consumers.slice(0, -1)) {
    const [message] = world.pull(each);
    if (message !== undefined) world.ack(message);
  }
  return { world, stream };
}

Deno.test("ending - one consumer ends in each step, and who comes along does what is left", () => {
  const { stream } = crowded();
  const open = () =>
    [...stream.consumers.values()].filter((each) => !(each as Consumer).closed)
      .length;
  const work = stream.stopping();
  for (let left = CONSUMERS - 1; left > CONSUMERS / 2; left--) {
    work.next();
    assertEquals(open(), left);
  }
  finish(stream.stopping());
  assertEquals(open(), 0);
  finish(work);
});

Deno.test("ending - a consumer that has ended is still one that needs its messages", async () => {
  const { world, stream } = crowded();
  slowDown(world.clock);
  const first = stream.consumers.get("C0") as Consumer;
  first.delete();
  // Others are being asked what they need.
  await world.scheduler.step();
  const ending = stream.stopping();
  for (let i = 0; i < CONSUMERS - 1; i++) ending.next();
  await world.pass(1000);
  assertEquals(stream.store.messages, 1);
  finish(ending);
});

Deno.test("ending - a stream that gets interest retention keeps its messages", async () => {
  const world = new ConsumerWorld();
  const stream = world.stream({ ...INTEREST, retention: "limits" });
  world.consumer(stream, "C");
  for (let i = 0; i < 1000; i++) world.publish("a", `${i}`);
  slowDown(world.clock);
  world.update(stream, { retention: "interest", max_msgs: 500 });
  const ending = stream.stopping();
  ending.next();
  await world.pass(1000);
  assertEquals(stream.store.messages, 500);
  finish(ending);
  // Nothing is looked at again and again.
  await world.pass(300_000);
  assertEquals(world.scheduler.next, Infinity);
});

Deno.test("ending - what is acknowledged in the middle of it is known afterwards", () => {
  const files = new FileWorld();
  const world = new ConsumerWorld({ stores: files.stores() });
  const stream = world.stream({ ...INTEREST, storage: "file" });
  const [one, two] = ["C1", "C2"].map((name) => world.consumer(stream, name));
  world.publish("a", "x");
  const [message] = world.pull(two as Consumer);
  const ending = stream.stopping();
  ending.next();
  assertEquals([one?.closed, two?.closed], [true, false]);
  if (message !== undefined) world.ack(message);
  finish(ending);
  assertEquals(stateOf(files.open(), "C2").ackFloor.stream, 1);
});

/** A stream in files that was there, and is not complete yet. */
function comingBack(names: readonly string[]) {
  const files = new FileWorld();
  const before = new ConsumerWorld({ stores: files.stores() });
  const old = before.stream({ ...INTEREST, storage: "file" });
  const configs = names.map((name) => before.consumer(old, name).config);
  before.publish("a", "needed");
  finish(old.stopping());
  const world = new ConsumerWorld({ stores: files.stores() });
  const stream = new Stream(
    { ...old.config },
    world.host,
    world.factory,
    { created: 1n, recovering: true, restoring: false },
  );
  const recover = (i: number): Consumer => {
    const [name, config] = [names[i] ?? "", configs[i]];
    if (config === undefined) throw new Error("no such consumer");
    finish(stream.recoveringConsumer({ name, config, created: 1n }));
    return stream.consumers.get(name) as Consumer;
  };
  return { world, stream, recover };
}

Deno.test("coming back - nothing is delivered before all consumers are there", async () => {
  const { world, stream, recover } = comingBack(["C1", "C2"]);
  assertEquals(world.pull(recover(0)), []);
  await world.pass(100);
  recover(1);
  assertEquals(world.seen, []);
  stream.recovered();
  await world.pass(0);
  assertEquals(world.seen.map(({ body }) => body), ["needed"]);
  finish(stream.stopping());
});

Deno.test("coming back - a consumer that goes takes nothing from those that are not there yet", async () => {
  const { world, stream, recover } = comingBack(["C1", "C2"]);
  recover(0).delete();
  await world.pass(100);
  assertEquals(stream.store.messages, 1);
  const second = recover(1);
  stream.recovered();
  await world.pass(100);
  assertEquals(world.pull(second).map(({ body }) => body), ["needed"]);
  finish(stream.stopping());
});

Deno.test("coming back - a stream that ends before it is complete keeps all it has", async () => {
  const { world, stream, recover } = comingBack(["C1", "C2"]);
  recover(0);
  finish(stream.stopping());
  stream.recovered();
  await world.pass(1000);
  assertEquals(world.ask("a", "too late"), []);
});

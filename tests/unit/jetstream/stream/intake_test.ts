/** What clients hand over before it is safe is bounded. */

import { assertEquals } from "@std/assert";
import { capability } from "../../../tools/capability.ts";
import { FileWorld } from "../../store/file_world.ts";
import { StreamWorld } from "./world.ts";

const ROW = "streams/ingest-limit";
const TOO_MANY = [
  "NATS/1.0 429 Too Many Requests\r\n\r\n",
  '{"error":{"code":429,"err_code":10167,"description":"too many requests"},"stream":"S","seq":0}',
];

/** A stream that waits for its disk. */
function syncingWorld(limits: Partial<StreamWorld["intakeLimits"]>) {
  const files = new FileWorld({
    syncAlways: true,
    disk: { syncMean: 50, syncSlow: 50 },
  });
  const world = new StreamWorld({ stores: files.stores() });
  Object.assign(world.intakeLimits, limits);
  const stream = world.stream({
    name: "S",
    subjects: ["a.>"],
    storage: "file",
  });
  return { files, world, stream };
}

/** Answers that have come: headers and body. */
function answers({ seen }: StreamWorld): string[][] {
  return seen.splice(0).map(({ headers, body }) => [headers, body]);
}

capability(
  "intake - what is not safe yet is no more than a number of messages",
  {
    positive: [ROW],
    edge: [ROW],
  },
  async () => {
    const { files, world, stream } = syncingWorld({ messages: 3 });
    world.seen = [];
    for (let i = 0; i < 5; i++) world.publish("a.1", "x", {}, "_INBOX.r");
    assertEquals(answers(world), [TOO_MANY, TOO_MANY]);
    assertEquals(stream.store.messages, 3);
    await files.pass(1000);
    assertEquals(answers(world).length, 3);
    // What is safe makes room.
    for (let i = 0; i < 3; i++) world.publish("a.1", "x", {}, "_INBOX.r");
    assertEquals(answers(world), []);
    assertEquals(
      world.logger.lines,
      Array(2).fill(
        "warn Dropping messages due to excessive stream ingest rate on '$G' > 'S': IPQ len limit reached",
      ),
    );
  },
);

capability("intake - what is not safe yet is no more than a number of bytes", {
  positive: [ROW],
  edge: [ROW],
}, () => {
  // Subject, reply and payload of two messages.
  const { world, stream } = syncingWorld({ bytes: 2 * (3 + 8 + 10) });
  world.seen = [];
  for (let i = 0; i < 3; i++) {
    world.publish("a.1", "x".repeat(10), {}, "_INBOX.r");
  }
  assertEquals(answers(world), [TOO_MANY]);
  world.publish("a.1");
  assertEquals(stream.store.messages, 2);
  assertEquals(
    world.logger.lines.at(-1),
    "warn Dropping messages due to excessive stream ingest rate on '$G' > 'S': IPQ size limit reached",
  );
});

capability("intake - what need not wait makes room at the end of its batch", {
  edge: [ROW],
}, () => {
  const world = new StreamWorld();
  world.intakeLimits.messages = 2;
  const stream = world.stream({ name: "S", subjects: ["a"] });
  for (let i = 0; i < 5; i++) world.publish("a");
  assertEquals(stream.store.messages, 5);
  world.flushQueue.begin();
  for (let i = 0; i < 5; i++) world.publish("a");
  world.flushQueue.end();
  assertEquals(stream.store.messages, 7);
});

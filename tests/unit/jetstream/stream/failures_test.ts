import { finish } from "../../../../src/connection/mod.ts";
import { missingSequences } from "../../../../src/jetstream/stream/stream_state.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ApiError } from "../../../../src/jetstream/errors.ts";
import type { StreamConfig } from "../../../../src/jetstream/types/stream_config.ts";
import { DiskError } from "../../../../src/runtime/mod.ts";
import { Chunk } from "../../../../src/protocol/mod.ts";
import { StoreError } from "../../../../src/store/mod.ts";
import { SubjectFilter } from "../../../../src/subject/mod.ts";
import { FileWorld } from "../../store/file_world.ts";
import { FakeConsumer, StreamWorld } from "./world.ts";

const BATCH = { "Nats-Batch-Id": "b", "Nats-Batch-Sequence": "1" };
const COMMIT = { "Nats-Batch-Commit": "1" };

const NOTHING = {
  chunk: new Chunk(0),
  bodyStart: 0,
  bodyEnd: 0,
  headerSize: -1,
};

interface Answer {
  readonly error?: { readonly err_code: number };
  readonly seq: number;
}

/** A stream on a disk that can be made to fail. */
function fileWorld(config: Partial<StreamConfig>, blockSize = 1000) {
  const files = new FileWorld({ blockSize });
  const world = new StreamWorld({ stores: files.stores() });
  const stream = world.stream({
    name: "S",
    subjects: ["a.>"],
    storage: "file",
    ...config,
  });
  return { world, stream, disk: files.disk };
}

Deno.test("failures - nothing tells that a message was stored when the disk did not take it", () => {
  const cases: [Partial<StreamConfig>, Record<string, string>, string][] = [
    [{}, {}, "x"],
    [{ allow_atomic: true }, { ...BATCH, ...COMMIT }, "x"],
    [{ allow_msg_counter: true }, { "Nats-Incr": "1" }, ""],
  ];
  for (const [config, headers, body] of cases) {
    const { world, disk } = fileWorld(config);
    disk.stopAfter(0);
    const { error, seq } = world.request("a.1", body, headers) as Answer;
    assertEquals([error?.err_code, seq], [10077, 0], JSON.stringify(headers));
  }
});

Deno.test("failures - a fast batch that the disk did not take is refused", () => {
  const { world, disk } = fileWorld({ allow_batched: true });
  disk.stopAfter(0);
  const [flow, end] = world.ask("a.1", "x", {}, "_INBOX.b.10.fail.1.2.$FI");
  assertEquals(end, undefined);
  const { error } = JSON.parse(flow?.body ?? "{}") as Answer;
  assertEquals(error?.err_code, 10077);
});

Deno.test("failures - what could not be stored is not published again", () => {
  const republish = { src: ">", dest: "again.>", headers_only: false };
  const { world, disk } = fileWorld({ republish });
  world.listen("again.>");
  assertEquals(world.ask("a.1", "x").length, 2);
  disk.stopAfter(0);
  const answers = world.ask("a.1", "y");
  assertEquals(answers.map(({ subject }) => subject), ["_INBOX.answer"]);
});

Deno.test("failures - ids of a batch that was taken back may come again", () => {
  const world = new StreamWorld();
  // There are two sequences left.
  const last = Number.MAX_SAFE_INTEGER;
  world.stream({
    name: "S",
    subjects: ["a.>"],
    allow_atomic: true,
    first_seq: last - 1,
  });
  const send = (count: number) => {
    for (let sequence = 1; sequence <= count; sequence++) {
      const headers = {
        "Nats-Msg-Id": `id${sequence}`,
        "Nats-Batch-Id": "b",
        "Nats-Batch-Sequence": `${sequence}`,
        ...sequence === count ? COMMIT : {},
      };
      world.publish("a.1", "x", headers, "_INBOX.answer");
    }
    return JSON.parse(world.seen.at(-1)?.body ?? "{}") as Answer;
  };
  assertEquals(send(3).error?.err_code, 10077);
  assertEquals(world.streams.get("S")?.store.messages, 0);
  assertEquals(send(2).seq, last);
});

Deno.test("failures - acknowledgements remove messages while a snapshot is made", () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a.>"],
    retention: "workqueue",
  });
  const consumer = new FakeConsumer("c");
  stream.addConsumer(consumer);
  world.publish("a.1");
  world.publish("a.2");
  const release = stream.store.holdForSnapshot();
  consumer.wanted.clear();
  assert(stream.retention.letGo(1));
  assertEquals(stream.store.messages, 1);
  release();
  assertEquals(stream.store.firstSequence, 2);
});

Deno.test("failures - neither acknowledgements nor timers fail with the disk", async () => {
  const { world, stream, disk } = fileWorld({ retention: "interest" }, 100);
  const consumer = new FakeConsumer("c");
  stream.addConsumer(consumer);
  for (let i = 0; i < 5; i++) world.publish("a.1", "x".repeat(50));
  disk.stopAfter(0);
  world.publish("a.1", "y");
  consumer.wanted.clear();
  assertEquals(stream.retention.letGo(1), false);
  stream.removeConsumer(consumer);
  await world.pass(400_000);
  assert(world.events.some(([event]) => event === "failed"));
});

Deno.test("failures - no two messages share a sequence that is too large to be exact", () => {
  const last = Number.MAX_SAFE_INTEGER;
  const memory = new StreamWorld();
  const streams = [
    memory.stream({ name: "M", subjects: ["m"], first_seq: last - 1 }),
    fileWorld({ first_seq: last - 1 }).stream,
  ];
  for (const { store } of streams) {
    const message = { subject: "m", body: NOTHING, ttl: 0, rollup: false };
    assertEquals(store.append(message), last - 1);
    assertThrows(() => store.compact(last + 1), StoreError, "too large");
    assertThrows(() => store.purgeMatching(SubjectFilter.ALL, 2 ** 60, 0));
    assertEquals(store.messages, 1);
    assertEquals(store.append(message), last);
    assertThrows(() => store.append(message), StoreError, "too large");
    assertThrows(() => store.skip(1), StoreError, "too large");
    assertEquals([store.messages, store.lastSequence], [2, last]);
  }
  const first_seq = 2 ** 53;
  const create = () => memory.stream({ name: "N", subjects: ["n"], first_seq });
  assertThrows(create, ApiError, "first sequence is too large");
});

Deno.test("failures - a stream that can't be kept leaves nothing behind", async () => {
  const files = new FileWorld();
  const stores = files.stores();
  const world = new StreamWorld({
    stores: {
      recovering: () => stores.recovering(),
      stage: (stream, options) => stores.stage(stream, options),
      staged: () => null,
      dropStaged() {},
      open(options) {
        const store = stores.open(options);
        store.writeMeta = () => {
          throw new DiskError("full", "ENOSPC", "meta.inf");
        };
        return store;
      },
    },
  });
  const create = () =>
    world.stream({ name: "S", subjects: ["a"], storage: "file" });
  assertThrows(create, DiskError);
  await files.pass(10_000);
  assertEquals(files.host.disk.list("/store/A/streams"), []);
  assertEquals(files.simulation.scheduler.next, Infinity);
});

Deno.test("failures - a configuration that can't be kept changes nothing", () => {
  const { stream, world, disk } = fileWorld({ max_msgs: 3 });
  for (const body of ["x", "y", "z"]) world.request("a.1", body);
  const { config } = stream;
  disk.stopAfter(0);
  assertThrows(() => stream.update({ ...config, max_msgs: 1 }), DiskError);
  assertEquals(stream.config, config);
  assertEquals(stream.store.messages, 3);
});

Deno.test("failures - batches are refused when the store can't be read", () => {
  for (const config of [{ allow_atomic: true }, { allow_batched: true }]) {
    const { world, stream } = fileWorld(config);
    stream.store.loadLast = () => {
      throw new DiskError("bad sector", "EIO", "1.blk");
    };
    const expects = { "Nats-Expected-Last-Subject-Sequence": "1" };
    const [answer] = stream.config.allow_atomic
      ? world.ask("a.1", "x", { ...BATCH, ...COMMIT, ...expects })
      : world.ask("a.1", "x", expects, "_INBOX.b.10.fail.1.2.$FI");
    const { error } = JSON.parse(answer?.body ?? "{}") as Answer;
    assertEquals(error?.err_code, 10077);
  }
});

Deno.test("failures - nobody is told of more deleted messages than there is memory for", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a"] });
  world.publish("a");
  stream.store.skip(2 ** 40);
  world.publish("a");
  assertEquals(finish(missingSequences(stream.store)).size, 0);
  assertEquals(stream.state().num_deleted, 2 ** 40);
  stream.purge({ filter: "", seq: 2 ** 40, keep: 0 });
  assertEquals(finish(missingSequences(stream.store)).size, 0);
  assertEquals(stream.state().messages, 1);
});

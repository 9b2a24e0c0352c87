/** Rollups that displace so much that it takes a while. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { Subscription } from "../../../../src/account/mod.ts";
import { finish } from "../../../../src/connection/mod.ts";
import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import type { StreamConfig } from "../../../../src/jetstream/types/stream_config.ts";
import { MessageTrace } from "../../../../src/protocol/mod.ts";
import { SubjectFilter } from "../../../../src/subject/mod.ts";
import { FileWorld } from "../../store/file_world.ts";
import { OriginWorld } from "../source/origin_world.ts";
import { ConsumerWorld } from "../consumer/world.ts";
import { messageOf, slowDown, StreamWorld } from "./world.ts";

/** More than may go at once. */
const MANY = 20_000;
const AT_ONCE = 8192;
/** A step more may go, and of the messages around it some. */
const SLACK = 200;
const SUB = { "Nats-Rollup": "sub" };
const REPLY = "_INBOX.answer";

const CONFIG: Partial<StreamConfig> = {
  name: "S",
  subjects: ["a.*"],
  allow_rollup_hdrs: true,
  allow_direct: true,
};

/** Publishes many messages of a subject, and one of another. */
function fill(world: StreamWorld, subject = "a.1", count = MANY): void {
  world.flushQueue.begin();
  world.enqueue("a.2", "other");
  for (let i = 0; i < count; i++) world.enqueue(subject, "x");
  world.flushQueue.end();
  world.seen = [];
}

/** A stream with so many messages that they can't all go at once. */
function filled(
  config: Partial<StreamConfig> = {},
  world: StreamWorld = new StreamWorld(),
): { world: StreamWorld; stream: Stream } {
  const stream = world.stream({ ...CONFIG, ...config });
  fill(world);
  slowDown(world.clock);
  return { world, stream };
}

/** Has others their turns until nothing is displaced any more. */
async function overIn(world: StreamWorld, stream: Stream): Promise<void> {
  while (stream.busy !== null) await world.scheduler.step();
}

function countOf(stream: Stream, subject: string): number {
  return stream.store.filteredState(SubjectFilter.of(subject), 1).messages;
}

/** Sequences that were acknowledged, or codes of errors. */
function answers({ seen }: StreamWorld): number[] {
  return seen.splice(0).map(({ body }) => {
    const { seq, error } = JSON.parse(body);
    return error?.err_code ?? seq;
  });
}

/** Tells whenever something is answered. */
function watch(world: StreamWorld, look: () => void): void {
  const deliver = (): boolean => {
    look();
    return true;
  };
  const receiver = { seesImports: true, sends: false, deliver };
  world.account.subscribe(new Subscription(receiver, "_INBOX.>", null, "9"));
}

Deno.test("rollups - a large one goes in turns, and is acknowledged when all is gone", async () => {
  const { world, stream } = filled();
  const left: number[] = [];
  watch(world, () => left.push(stream.store.messages));
  world.publish("a.1", "new", SUB, REPLY);
  assertEquals(answers(world), []);
  // Each look at the clock takes a while here.
  const gone = MANY + 2 - stream.store.messages;
  assert(gone > 0 && gone < AT_ONCE / 10, `${gone}`);
  let turns = 0;
  for (; left.length === 0; turns++) await world.scheduler.step();
  assert(turns > 20, `${turns} turns`);
  assertEquals(left, [2]);
  assertEquals(answers(world), [MANY + 2]);
  assertEquals(stream.rollups.done, null);
});

Deno.test("rollups - so many may go at once if that takes no time", async () => {
  const world = new StreamWorld();
  const stream = world.stream(CONFIG);
  fill(world);
  for (const others of [1, 2]) {
    const before = stream.store.messages;
    world.publish("a.1", "new", SUB, REPLY);
    const gone = before + 1 - stream.store.messages;
    assert(gone >= AT_ONCE && gone < AT_ONCE + SLACK, `${gone}`);
    await world.pass(10);
    assertEquals(stream.store.messages, others + 1);
    fill(world);
  }
});

Deno.test("rollups - what comes behind a large one finds it done", async () => {
  const { world, stream } = filled({
    max_msgs_per_subject: MANY,
    discard: "new",
    discard_new_per_subject: true,
  });
  const behind = MANY / 2;
  world.flushQueue.begin();
  world.enqueue("a.1", "new", SUB, REPLY);
  for (let i = 0; i < behind; i++) world.enqueue("a.1", "x", {}, REPLY);
  const last = MANY + 2 + behind;
  world.enqueue("a.1", "x", {
    "Nats-Expected-Last-Sequence": `${last}`,
    "Nats-Expected-Last-Subject-Sequence": `${last}`,
  }, REPLY);
  world.flushQueue.end();
  assertEquals(stream.store.lastSequence, MANY + 2);
  await world.pass(100_000);
  assertEquals(
    answers(world),
    Array.from({ length: behind + 2 }, (_, i) => MANY + 2 + i),
  );
  assertEquals(countOf(stream, "a.1"), behind + 2);
  assertEquals(stream.backlog.isWaiting, false);
  // The direct way again.
  world.publish("a.1", "x", {}, REPLY);
  assertEquals(answers(world), [last + 2]);
});

Deno.test("rollups - some hundred small ones in a batch are done at once, and more in turns", async () => {
  const world = new StreamWorld();
  const stream = world.stream({ ...CONFIG, max_msgs_per_subject: 2 });
  const subjects = Array.from({ length: 5 * 512 }, (_, i) => `a.${i}`);
  world.flushQueue.begin();
  for (const subject of subjects) world.enqueue(subject, "x");
  world.flushQueue.end();
  const rollUp = (count: number) => {
    world.flushQueue.begin();
    for (const subject of subjects.slice(0, count)) {
      world.enqueue(subject, "", SUB, REPLY);
    }
    world.flushQueue.end();
    return answers(world).length;
  };
  assertEquals(rollUp(512), 512);
  assertEquals(rollUp(subjects.length), 0);
  const batches: number[] = [];
  while (stream.busy !== null || stream.backlog.isWaiting) {
    await world.scheduler.step();
    const count = answers(world).length;
    if (count > 0) batches.push(count);
  }
  assertEquals(batches.reduce((sum, count) => sum + count), subjects.length);
  assert(batches.every((count) => count <= 513), `${batches}`);
  assertEquals(stream.store.messages, subjects.length);
});

Deno.test("rollups - those of a batch go no faster together, on whatever stream", async () => {
  const world = new StreamWorld();
  const each = AT_ONCE / 4;
  const streams = Array.from({ length: 10 }, (_, i) =>
    world.stream({
      ...CONFIG,
      name: `S${i}`,
      subjects: [`s${i}.*`],
    }));
  world.flushQueue.begin();
  for (let i = 0; i < streams.length; i++) {
    world.enqueue(`s${i}.2`, "x");
    for (let j = 0; j < each; j++) world.enqueue(`s${i}.1`, "x");
  }
  world.flushQueue.end();
  slowDown(world.clock);
  const left = () =>
    streams.reduce((sum, { store }) => sum + store.messages, 0);
  const before = left();
  world.flushQueue.begin();
  for (let i = 0; i < streams.length; i++) {
    world.enqueue(`s${i}.1`, "x", SUB, REPLY);
  }
  world.flushQueue.end();
  assertLess(before - left(), AT_ONCE + SLACK);
  await world.pass(10_000);
  assertEquals(answers(world), Array(streams.length).fill(each + 2));
  assertEquals(left(), 2 * streams.length);
});

Deno.test("rollups - nobody sees half of it", async () => {
  const world = new ConsumerWorld();
  const stream = world.stream(CONFIG);
  fill(world);
  const all = world.consumer(stream, "all");
  const one = world.consumer(stream, "one", { filter_subject: "a.1" });
  slowDown(world.clock);
  world.listen("_INBOX.>");
  world.publish("a.1", "new", SUB);
  assertEquals(world.pull(all), []);
  const direct = "$JS.API.DIRECT.GET.S";
  world.publish(direct, '{"next_by_subj":"a.1","seq":1}', {}, "_INBOX.direct");
  assertEquals(world.seen, []);
  await overIn(world, stream);
  assertEquals(stream.store.messages, 2);
  assertEquals([all.info().num_pending, one.info().num_pending], [1, 1]);
  await world.pass(1000);
  const got = world.seen.map(({ body }) => body);
  assertEquals(got.filter((body) => body !== "").sort().slice(-1), ["other"]);
  assertEquals(got.filter((body) => body === "x"), []);
});

Deno.test("rollups - an atomic batch with several is acknowledged when all have displaced", async () => {
  const world = new StreamWorld();
  const stream = world.stream({ ...CONFIG, allow_atomic: true });
  for (const subject of ["a.1", "a.3"]) fill(world, subject);
  slowDown(world.clock);
  const left: number[] = [];
  watch(world, () => left.push(stream.store.messages));
  const parts: [string, Record<string, string>][] = [
    ["a.1", SUB],
    ["a.1", {}],
    ["a.2", SUB],
    ["a.3", { ...SUB, "Nats-Batch-Commit": "1" }],
  ];
  world.flushQueue.begin();
  for (const [i, [subject, headers]] of parts.entries()) {
    const batch = { "Nats-Batch-Id": "b", "Nats-Batch-Sequence": `${i + 1}` };
    const reply = "Nats-Batch-Commit" in headers ? REPLY : "";
    world.enqueue(subject, `${i}`, { ...batch, ...headers }, reply);
  }
  world.flushQueue.end();
  assertEquals(left, []);
  await world.pass(10_000);
  assertEquals(left, [parts.length]);
  assertEquals(answers(world), [2 * (MANY + 1) + parts.length]);
});

Deno.test("rollups - all but what came with it in a batch goes in turns as well", async () => {
  const { world, stream } = filled({ allow_atomic: true });
  const headers = (i: number) => ({
    "Nats-Batch-Id": "b",
    "Nats-Batch-Sequence": `${i}`,
  });
  world.flushQueue.begin();
  world.enqueue("a.3", "1", { ...headers(1), "Nats-Rollup": "all" });
  world.enqueue("a.3", "2", { ...headers(2), "Nats-Batch-Commit": "1" }, REPLY);
  world.flushQueue.end();
  assert(stream.store.messages > 2);
  await world.pass(10_000);
  assertEquals([stream.store.messages, answers(world)], [2, [MANY + 3]]);
});

Deno.test("rollups - an acknowledgement waits until what is gone can't come back", async () => {
  const files = new FileWorld({
    syncAlways: true,
    disk: { syncMean: 50, syncSlow: 50 },
  });
  const world = new StreamWorld({ stores: files.stores() });
  const stream = world.stream({ ...CONFIG, storage: "file" });
  fill(world);
  await files.pass(1000);
  slowDown(world.clock);
  const settled = () => stream.settledSequence;
  assertEquals(settled(), MANY + 1);
  world.seen = [];
  world.publish("a.1", "new", SUB, REPLY);
  world.publish("a.1", "behind", {}, REPLY);
  await files.pass(1000);
  assertEquals([answers(world), settled()], [[], MANY + 1]);
  await world.pass(10_000);
  assertEquals([stream.store.messages, stream.busy], [2, null]);
  assertEquals([answers(world), settled()], [[], MANY + 1]);
  await files.pass(1000);
  assertEquals([answers(world), settled()], [[MANY + 2], MANY + 2]);
  await world.pass(1000);
  await files.pass(1000);
  assertEquals([answers(world), settled()], [[MANY + 3], MANY + 3]);
});

Deno.test("rollups - what waits is no more than clients may hand over", async () => {
  const world = new StreamWorld();
  const stream = world.stream(CONFIG);
  world.intakeLimits.messages = 3;
  for (let i = 0; i < MANY; i++) world.publish("a.1", "x");
  world.publish("a.2", "x");
  slowDown(world.clock);
  world.seen = [];
  world.publish("a.1", "new", SUB, REPLY);
  for (let i = 0; i < 3; i++) world.publish("a.1", "x", {}, REPLY);
  assertEquals(answers(world), [10167]);
  await overIn(world, stream);
  assertEquals(answers(world), [MANY + 2]);
  // Now there is room for the next, although all that was stored is safe.
  for (let i = 0; i < 2; i++) world.publish("a.1", "x", {}, REPLY);
  assertEquals([answers(world), stream.backlog.isWaiting], [[10167], true]);
  await world.pass(10_000);
  assertEquals(answers(world), [MANY + 3, MANY + 4, MANY + 5]);
  world.flushQueue.begin();
  for (let i = 0; i < 3; i++) world.enqueue("a.1", "x", {}, REPLY);
  world.flushQueue.end();
  assertEquals(answers(world), [MANY + 6, MANY + 7, MANY + 8]);
});

Deno.test("rollups - what waits is worked off faster than it comes", async () => {
  const { world, stream } = filled();
  world.publish("a.1", "new", SUB);
  for (let i = 0; i < 300; i++) world.publish("a.1", "x");
  await overIn(world, stream);
  assertEquals(stream.store.lastSequence, MANY + 2);
  let came = 300;
  while (stream.backlog.isWaiting) {
    await world.scheduler.step();
    for (let i = 0; i < 10; i++, came++) world.publish("a.1", "x");
    assertLess(came, 2000);
  }
  assertEquals(stream.store.lastSequence, MANY + 2 + came);
});

Deno.test("rollups - a stream that ends in the middle answers nobody", async () => {
  for (const end of ["stop", "delete"] as const) {
    const { world, stream } = filled();
    world.publish("a.1", "new", SUB, REPLY);
    world.publish("a.1", "behind", {}, REPLY);
    const { store } = stream;
    const { messages } = store;
    await world.scheduler.step();
    assertLess(store.messages, messages);
    if (end === "stop") finish(stream.stopping());
    else await Promise.all([stream.delete(), world.pass(1000)]);
    await world.pass(100_000);
    assertEquals(world.seen, []);
    assertEquals(world.used.memory, 0);
    assertEquals(world.scheduler.next, Infinity);
    assertEquals([stream.rollups.isBusy, stream.toil.isBusy], [false, false]);
  }
});

Deno.test("rollups - one that the disk does not let finish is refused, and what waits too", async () => {
  const files = new FileWorld({ blockSize: 10_000 });
  const world = new StreamWorld({ stores: files.stores() });
  const stream = world.stream({ ...CONFIG, storage: "file" });
  fill(world);
  slowDown(world.clock);
  world.publish("a.1", "new", SUB, REPLY);
  world.publish("a.1", "behind", {}, REPLY);
  await world.scheduler.step();
  assertEquals(answers(world), []);
  files.disk.stopAfter(0);
  await world.pass(10_000);
  assertEquals(answers(world), [10077, 10077]);
  assertEquals([stream.busy, stream.backlog.isWaiting], [null, false]);
  assert(world.events.some(([event]) => event === "failed"));
});

Deno.test("rollups - a schedule that is being displaced does not fire", async () => {
  const { world, stream } = filled({ allow_msg_schedules: true });
  const at = new Date(world.clock.now() + 3000).toISOString();
  world.publish("a.5", "later", {
    "Nats-Schedule": `@at ${at}`,
    "Nats-Schedule-Target": "a.6",
  });
  await world.pass(2900);
  world.turns.next = () => world.timers.sleep(100);
  const parts = { "Nats-Rollup": "all", "Nats-Batch-Id": "b" };
  stream.config.allow_atomic = true;
  world.publish("a.1", "1", { ...parts, "Nats-Batch-Sequence": "1" });
  world.publish("a.1", "2", {
    "Nats-Batch-Id": "b",
    "Nats-Batch-Sequence": "2",
    "Nats-Batch-Commit": "1",
  });
  await world.pass(1000);
  assert(stream.rollups.isBusy);
  await world.pass(30_000);
  assertEquals(stream.store.messages, 2);
  assertEquals(countOf(stream, "a.6"), 0);
});

Deno.test("rollups - markers wait until there is room for them", async () => {
  const { world, stream } = filled({
    allow_msg_ttl: true,
    subject_delete_marker_ttl: 1_000_000_000,
    max_msgs: MANY + 3,
    discard: "new",
  });
  world.publish("a.7", "short", { "Nats-TTL": "1" });
  await world.pass(990);
  world.turns.next = () => world.timers.sleep(100);
  world.publish("a.1", "new", SUB);
  const expiring = stream.expiring.bind(stream);
  let busy = false;
  stream.expiring = (message) => {
    busy = stream.rollups.isBusy;
    return expiring(message);
  };
  await overIn(world, stream);
  assert(busy);
  assertEquals(stream.store.lastSequence, MANY + 3);
  await world.pass(500);
  assertEquals(stream.store.lastSequence, MANY + 4);
  assertEquals(stream.store.load(MANY + 4)?.subject, "a.7");
});

Deno.test("rollups - what comes from another stream waits for room, too", async () => {
  const room = 2;
  const world = new OriginWorld("source", {}, {
    ...CONFIG,
    name: "C",
    max_msgs: MANY + room,
    discard: "new",
  });
  const { copy } = world;
  const deliver = await world.connect();
  fill(world);
  slowDown(world.clock);
  world.publish("a.1", "new", SUB);
  const sent = MANY / 2;
  world.seen = [];
  for (let i = 1; i <= sent; i++) world.send(deliver, [i, i]);
  world.control(deliver, {}, "fc.1");
  assertEquals(copy.store.lastSequence, MANY + 2);
  await world.pass(5000);
  // It was not asked for anything again, and goes on when all is stored.
  assertEquals(world.seen.map(({ subject }) => subject), ["fc.1"]);
  assertEquals(copy.sourceInfos()[0]?.seq, sent);
  assertEquals(copy.store.messages, room + sent);
});

Deno.test("rollups - what power loss leaves of one was not acknowledged", async () => {
  let acknowledged = 0;
  for (const turns of [0, 1, 10, 40, 60, 70, 80, 1000]) {
    for (const patience of [0, 1000]) {
      const files = new FileWorld({
        blockSize: 100_000,
        syncAlways: true,
        disk: { syncMean: 50, syncSlow: 50 },
      });
      const world = new StreamWorld({ stores: files.stores() });
      world.stream({ ...CONFIG, storage: "file" });
      fill(world);
      await files.pass(1000);
      slowDown(world.clock);
      world.seen = [];
      world.publish("a.1", "new", SUB, REPLY);
      for (let i = 0; i < turns && world.scheduler.next < Infinity; i++) {
        await world.scheduler.step();
      }
      await files.pass(patience);
      const acked = answers(world).length > 0;
      if (acked) acknowledged++;
      files.host.crash({ keepSector: 0.5, keepOperation: 0.5 });
      files.host.restart();
      const store = files.open();
      const count = (subject: string) =>
        store.filteredState(SubjectFilter.of(subject), 1).messages;
      assertEquals(count("a.2"), 1);
      if (acked) assertEquals(count("a.1"), 1, `${turns} turns`);
      else assert(count("a.1") > 0);
    }
  }
  assert(acknowledged > 0 && acknowledged < 8, `${acknowledged}`);
});

Deno.test("rollups - batches go on behind one as if they had not waited", async () => {
  const { world, stream } = filled({ allow_batched: true, allow_atomic: true });
  const fast = (sequence: number, operation: number) =>
    world.enqueue(
      "a.1",
      "x",
      {},
      `_INBOX.f.10.fail.${sequence}.${operation}.$FI`,
    );
  const atomic = (sequence: number, more: Record<string, string> = {}) =>
    world.enqueue("a.2", "x", {
      "Nats-Batch-Id": "b",
      "Nats-Batch-Sequence": `${sequence}`,
      ...more,
    }, REPLY);
  world.flushQueue.begin();
  fast(1, 0);
  atomic(1);
  world.enqueue("a.1", "new", SUB, REPLY);
  fast(2, 1);
  atomic(2, { "Nats-Batch-Commit": "1" });
  fast(3, 2);
  world.flushQueue.end();
  assertEquals(world.seen, []);
  await world.pass(10_000);
  assertEquals(world.seen.map(({ body }) => body), [
    '{"type":"ack","seq":0,"msgs":10}',
    "",
    `{"stream":"S","seq":${MANY + 3}}`,
    `{"stream":"S","seq":${MANY + 6},"batch":"b","count":2}`,
    `{"stream":"S","seq":${MANY + 7},"batch":"f","count":3}`,
  ]);
  assertEquals([countOf(stream, "a.1"), countOf(stream, "a.2")], [3, 3]);
});

Deno.test("rollups - a traced message that waits is told of when it is stored", async () => {
  const { world } = filled();
  world.publish("a.1", "new", SUB);
  const complete: unknown[] = [];
  const ingress = { kind: 0, cid: 1, name: "", acc: "A", subj: "a.1" } as const;
  const trace = new MessageTrace(
    {
      request: { headers: new Map(), size: 1 },
      ingress,
      only: false,
      hop: "",
    },
    () => world.clock.nowNanos(),
    ({ events }) => complete.push(...events.map((each) => each)),
  );
  const message = messageOf("a.1", "x", {}, REPLY);
  message.trace = trace;
  world.hand(message);
  trace.finish();
  assertEquals(complete, []);
  await world.pass(10_000);
  const [, event] = complete as [unknown, { type: string; subject: string }];
  assertEquals([event.type, event.subject], ["js", "a.1"]);
});

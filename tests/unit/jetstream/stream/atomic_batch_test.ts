import { assertEquals } from "@std/assert";
import { SubjectFilter } from "../../../../src/subject/mod.ts";
import { FakeConsumer, StreamWorld } from "./world.ts";

type Headers = Record<string, string>;

/** Publishes to a batch; gives back the error's number, or the answer. */
function send(
  world: StreamWorld,
  sequence: number | string,
  more: Headers = {},
  subject = "a.1",
  batch = "b",
): unknown {
  const answer = world.request(subject, `m${sequence}`, {
    "Nats-Batch-Id": batch,
    "Nats-Batch-Sequence": String(sequence),
    ...more,
  });
  const { error } = answer as { error?: { err_code: number } };
  return error?.err_code ?? answer;
}

const COMMIT = { "Nats-Batch-Commit": "1" };
const END = { "Nats-Batch-Commit": "eob" };
const EMPTY = { subject: "_INBOX.answer", reply: "", headers: "", body: "" };

function subjects(world: StreamWorld): string[] {
  const store = world.streams.get("S")?.store;
  const found: string[] = [];
  for (let i = 1; i <= (store?.lastSequence ?? 0); i++) {
    found.push(store?.load(i)?.subject ?? "");
  }
  return found;
}

function newWorld(more = {}): StreamWorld {
  const world = new StreamWorld();
  world.stream({
    name: "S",
    subjects: ["a.>"],
    allow_atomic: true,
    allow_rollup_hdrs: true,
    ...more,
  });
  return world;
}

Deno.test("atomic batch - nothing is stored before the commit, and all with it", () => {
  const world = newWorld();
  const consumer = new FakeConsumer("c");
  world.streams.get("S")?.addConsumer(consumer);
  assertEquals(send(world, 1), EMPTY);
  assertEquals(send(world, 2), EMPTY);
  assertEquals(subjects(world), []);
  assertEquals(send(world, 3, COMMIT), {
    stream: "S",
    seq: 3,
    batch: "b",
    count: 3,
  });
  assertEquals(subjects(world), ["a.1", "a.1", "a.1"]);
  assertEquals(consumer.log, ["stored 1", "stored 2", "stored 3", "settled"]);
});

Deno.test("atomic batch - a message may end it without being part of it", () => {
  const world = newWorld();
  send(world, 1);
  assertEquals(send(world, 2, END), {
    stream: "S",
    seq: 1,
    batch: "b",
    count: 1,
  });
  const message = world.streams.get("S")?.getMessage({
    seq: 1,
    last_by_subj: "",
    next_by_subj: "",
    start_time: null,
    no_hdr: false,
  });
  assertEquals(
    atob(message?.hdrs ?? ""),
    "NATS/1.0\r\nNats-Batch-Id: b\r\nNats-Batch-Sequence: 1\r\nNats-Batch-Commit: 1\r\n\r\n",
  );
});

Deno.test("atomic batch - gaps, ends without a beginning and unknown batches", () => {
  const world = newWorld();
  assertEquals(send(world, 2), 10176);
  send(world, 1);
  assertEquals(send(world, 3), 10176);
  assertEquals(send(world, 2), 10176);
  assertEquals(send(world, 1, END), 10176);
  assertEquals(send(world, "x"), 10175);
  assertEquals(send(world, 1, {}, "a.1", "x".repeat(65)), 10179);
  assertEquals(send(world, 1, { "Nats-Batch-Commit": "yes" }), 10200);
  assertEquals(world.events.slice(1), [
    ["abandoned", "S", "b", "incomplete"],
    ["abandoned", "S", "b", "incomplete"],
  ]);
});

Deno.test("atomic batch - too many messages, too many batches", () => {
  const world = newWorld();
  for (let i = 1; i <= 1000; i++) send(world, i);
  assertEquals(send(world, 1001), 10199);
  assertEquals(send(world, 1001), 10199);
  assertEquals(world.events.at(-1), ["abandoned", "S", "b", "large"]);
  for (let i = 0; i < 50; i++) send(world, 1, {}, "a.1", `b${i}`);
  assertEquals(send(world, 1, {}, "a.1", "b50"), 10210);
  assertEquals(world.host.openBatches.atomic, 50);
});

Deno.test("atomic batch - one that is not continued ends", async () => {
  const world = newWorld();
  send(world, 1);
  await world.pass(9000);
  send(world, 2);
  await world.pass(10_001);
  assertEquals(world.events.at(-1), ["abandoned", "S", "b", "timeout"]);
  assertEquals(send(world, 3, COMMIT), 10176);
  assertEquals(world.host.openBatches.atomic, 0);
});

Deno.test("atomic batch - what is asked of a batch that can't be had", () => {
  const world = newWorld();
  world.stream({ name: "N", subjects: ["n"] });
  assertEquals(send(world, 1, {}, "n"), 10174);
  assertEquals(
    send(world, 1, { "Nats-Required-Api-Level": "99" }),
    10185,
  );
  assertEquals(world.events.at(-1), ["abandoned", "S", "b", "unsupported"]);
  send(world, 1, { "Nats-Expected-Last-Msg-Id": "x" });
  assertEquals(send(world, 2, COMMIT), 10177);
  assertEquals(subjects(world), []);
});

Deno.test("atomic batch - conditions hold as if the messages before were stored", () => {
  const refused = (first: Headers, second: Headers, subject = "a.1") => {
    const world = newWorld();
    world.publish("a.1", "before");
    send(world, 1, first);
    const answer = send(world, 2, { ...second, ...COMMIT }, subject);
    assertEquals(subjects(world), ["a.1"]);
    return answer;
  };
  const expected = (n: string) => ({ "Nats-Expected-Last-Sequence": n });
  const ofSubject = (n: string) => ({
    "Nats-Expected-Last-Subject-Sequence": n,
  });
  assertEquals(refused(expected("7"), {}), 10071);
  assertEquals(refused({}, expected("2")), 10164);
  assertEquals(refused({}, ofSubject("1")), 10164);
  assertEquals(refused(ofSubject("0"), {}), 10071);
  assertEquals(refused({}, { "Nats-Rollup": "sub" }), 10111);
  assertEquals(refused({}, { "Nats-Rollup": "all" }, "a.2"), 10111);
  const id = { "Nats-Msg-Id": "1" };
  assertEquals(refused(id, id), 10201);
});

Deno.test("atomic batch - what may be asked of the first message of a subject", () => {
  const world = newWorld();
  world.publish("a.1", "before");
  send(world, 1, {
    "Nats-Expected-Last-Sequence": "1",
    "Nats-Expected-Last-Subject-Sequence": "1",
    "Nats-Rollup": "all",
  });
  assertEquals(
    send(world, 2, {
      "Nats-Expected-Last-Subject-Sequence": "0",
      ...COMMIT,
    }, "a.2"),
    { stream: "S", seq: 3, batch: "b", count: 2 },
  );
  assertEquals(subjects(world), ["", "a.1", "a.2"]);
});

Deno.test("atomic batch - counters add up within the batch", () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["c"],
    allow_msg_counter: true,
    allow_atomic: true,
  });
  const add = (sequence: number, value: string, more: Headers = {}) =>
    world.request("c", "", {
      "Nats-Batch-Id": "b",
      "Nats-Batch-Sequence": String(sequence),
      "Nats-Incr": value,
      ...more,
    });
  add(1, "5");
  add(2, "7");
  add(3, "-2", COMMIT);
  const last = stream.store.loadLast(SubjectFilter.of("c"));
  const body = last?.chunk.bytes.subarray(
    last.bodyStart + last.headerSize,
    last.bodyEnd,
  );
  assertEquals(new TextDecoder().decode(body), '{"val":"10"}');
});

Deno.test("atomic batch - a full stream takes all of it or nothing", () => {
  const world = newWorld({ discard: "new", max_msgs: 2 });
  send(world, 1);
  send(world, 2);
  assertEquals(send(world, 3, COMMIT), 10077);
  assertEquals(subjects(world), []);
  send(world, 1);
  assertEquals(send(world, 2, COMMIT), {
    stream: "S",
    seq: 2,
    batch: "b",
    count: 2,
  });
});

Deno.test("atomic batch - what the store refuses takes back the rest", () => {
  const world = newWorld();
  const store = world.streams.get("S")?.store;
  if (store === undefined) throw new Error("no stream");
  const append = store.append.bind(store);
  let room = 1;
  store.append = (message) => {
    if (room-- === 0) throw new Error("disk on fire");
    return append(message);
  };
  send(world, 1);
  assertEquals(send(world, 2, COMMIT), 10077);
  assertEquals([store.messages, store.lastSequence], [0, 0]);
});

Deno.test("atomic batch - one that the account has no room for displaces nothing", () => {
  const world = newWorld({ max_msgs_per_subject: 1 });
  for (const subject of ["a.1", "a.2"]) world.publish(subject, "before");
  world.room = 100;
  assertEquals(send(world, 1), EMPTY);
  assertEquals(send(world, 2, {}, "a.2"), EMPTY);
  assertEquals(send(world, 3, COMMIT, "a.1"), 10002);
  assertEquals(subjects(world), ["a.1", "a.2"]);
  world.room = 1000;
  assertEquals(send(world, 1, {}, "a.1", "c"), EMPTY);
  send(world, 2, COMMIT, "a.2", "c");
  assertEquals(subjects(world), ["", "", "a.1", "a.2"]);
});

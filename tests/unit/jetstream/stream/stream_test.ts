import { assertEquals, assertThrows } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import { ApiError } from "../../../../src/jetstream/errors.ts";
import { Chunk } from "../../../../src/protocol/mod.ts";
import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import {
  missingSequences,
  subjectPage,
} from "../../../../src/jetstream/stream/stream_state.ts";
import type { StoredMsg } from "../../../../src/jetstream/types/infos.ts";
import {
  type AccountStores,
  MemoryAccountStores,
  type StreamStore,
} from "../../../../src/store/mod.ts";
import { FakeConsumer, StreamWorld } from "./world.ts";

const BY_SEQUENCE = {
  last_by_subj: "",
  next_by_subj: "",
  start_time: null,
  no_hdr: false,
};

function message(stream: Stream, seq: number): StoredMsg {
  return stream.getMessage({ ...BY_SEQUENCE, seq });
}

function headersOf(stream: Stream, seq: number): string[] {
  return atob(message(stream, seq).hdrs).split("\r\n").slice(1, -2);
}

function refusal(doIt: () => unknown): string {
  const { err_code, description } = assertThrows(doIt, ApiError);
  return `${err_code} ${description}`;
}

/** The same store again after a restart. */
class LastingStores implements AccountStores {
  #store: StreamStore | null = null;
  readonly #world: StreamWorld;
  constructor(world: StreamWorld) {
    this.#world = world;
  }
  *recovering(): ReturnType<AccountStores["recovering"]> {
    yield;
    return { streams: [], unreadable: [] };
  }
  open(options: Parameters<AccountStores["open"]>[0]): StreamStore {
    this.#store ??= new MemoryAccountStores(this.#world).open(options);
    this.#store.stop = () => {};
    return this.#store;
  }
  stage(): StreamStore {
    throw new Error("nothing is staged");
  }
  staged(): null {
    return null;
  }
  dropStaged(): void {}
}

function lastingWorld(): StreamWorld {
  const world: StreamWorld = new StreamWorld({
    stores: {
      recovering: () => stores().recovering(),
      open: (options) => stores().open(options),
      stage: (_, options) => stores().open(options),
      staged: () => null,
      dropStaged() {},
    },
  });
  let made: LastingStores | null = null;
  const stores = () => made ??= new LastingStores(world);
  return world;
}

Deno.test("stream - tells its state", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a.*"] });
  const empty = stream.state();
  assertEquals([empty.first_seq, empty.last_seq, empty.messages], [0, 0, 0]);
  assertEquals(empty.first_ts, "0001-01-01T00:00:00Z");
  for (const n of [1, 2, 1]) world.publish(`a.${n}`, "x");
  stream.addConsumer(new FakeConsumer("c"));
  stream.addConsumer(new FakeConsumer("i", [], true));
  stream.deleteMessage(2, false);
  const state = stream.state();
  assertEquals(
    [state.messages, state.num_subjects, state.num_deleted],
    [2, 1, 1],
  );
  assertEquals(finish(missingSequences(stream.store)).json, "2");
  assertEquals(state.consumer_count, 1);
  const page = finish(subjectPage(stream.store, "a.>", 0, 10));
  assertEquals(page.subjects.json, '"a.1":2');
  assertEquals(page.total, 1);
});

Deno.test("stream - purges, and tells those whom it concerns", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a.*"] });
  for (const n of [1, 2, 1, 2, 1]) world.publish(`a.${n}`, "x");
  const all = new FakeConsumer("all");
  const one = new FakeConsumer("one", ["a.1"]);
  const two = new FakeConsumer("two", ["a.2"]);
  for (const each of [all, one, two]) stream.addConsumer(each);
  const purge = { seq: 0, filter: "", keep: 0 };
  assertEquals(stream.purge({ ...purge, filter: "a.1", keep: 1 }), 2);
  const purged = (each: FakeConsumer) =>
    each.log.filter((line) => line.startsWith("purged"));
  assertEquals(purged(all), ["purged 2 5 true"]);
  assertEquals(purged(one), ["purged 5 5 false"]);
  assertEquals(purged(two), []);
  assertEquals(stream.purge({ ...purge, seq: 4 }), 1);
  assertEquals(stream.purge({ ...purge, seq: 1 }), 0);
  assertEquals(stream.purge({ ...purge, keep: 1 }), 1);
  assertEquals(stream.purge(purge), 1);
  assertEquals(stream.state().first_seq, 6);
});

Deno.test("stream - messages go one by one where that is allowed", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a"] });
  world.publish("a", "x");
  world.publish("a", "y");
  stream.deleteMessage(1, true);
  assertEquals(
    refusal(() => stream.deleteMessage(1, true)),
    "10043 sequence 1 not found",
  );
  assertEquals(refusal(() => message(stream, 1)), "10037 no message found");
  world.update(stream, { deny_delete: true });
  assertEquals(
    refusal(() => stream.deleteMessage(2, false)),
    "10057 message delete not permitted",
  );
  world.update(stream, { sealed: true });
  assertEquals(
    refusal(() => stream.deleteMessage(2, false)),
    "10109 invalid operation on sealed stream",
  );
});

Deno.test("stream - an update changes subjects and limits at once", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a", "b"] });
  for (const subject of ["a", "b", "a"]) world.publish(subject, "x");
  world.update(stream, { subjects: ["b", "c"], max_msgs: 2 });
  assertEquals(stream.state().messages, 2);
  assertEquals(world.request("a", "x"), undefined);
  assertEquals(world.request("c", "x"), { stream: "S", seq: 4 });
  assertEquals(world.events, [["create", "S"], ["modify", "S"]]);
});

Deno.test("stream - other retention drops what nobody needs", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a"] });
  world.publish("a", "x");
  world.update(stream, { retention: "interest" });
  assertEquals(stream.state().messages, 0);
});

Deno.test("stream - what only an ended consumer needed goes", async () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a"],
    retention: "interest",
  });
  const [one, two] = [new FakeConsumer("1"), new FakeConsumer("2")];
  stream.addConsumer(one);
  stream.addConsumer(two);
  world.publish("a", "x");
  world.publish("a", "y");
  one.wanted.delete(1);
  one.wanted.delete(2);
  two.wanted.delete(1);
  stream.retention.letGo(1);
  assertEquals(stream.state().messages, 1);
  stream.removeConsumer(two);
  two.wanted.clear();
  one.wanted.add(3);
  await world.pass(1);
  assertEquals(stream.state().messages, 0);
});

Deno.test("stream - what nobody wants any more goes from behind what is needed", async () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["s.*"],
    retention: "interest",
  });
  const one = new FakeConsumer("1", ["s.a"]);
  const two = new FakeConsumer("2", ["s.b"]);
  stream.addConsumer(one);
  stream.addConsumer(two);
  for (const token of ["a", "b", "a", "b"]) world.publish(`s.${token}`);
  one.wanted.delete(3);
  stream.refilter(one);
  await world.pass(1);
  assertEquals([...stream.store.deletedSequences()], [3]);
  two.wanted.clear();
  stream.removeConsumer(two);
  await world.pass(1);
  assertEquals(stream.store.messages, 1);
  assertEquals(stream.store.firstSequence, 1);
});

Deno.test("stream - what is stored goes back to the account when it ends", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a"] });
  const consumer = new FakeConsumer("c");
  stream.addConsumer(consumer);
  world.publish("a", "x");
  assertEquals(world.used.memory > 0, true);
  stream.delete();
  assertEquals(world.used.memory, 0);
  assertEquals(consumer.log.at(-1), "deleted");
  assertEquals(world.events.at(-1), ["delete", "S"]);
  assertEquals(world.request("a", "x"), undefined);
});

Deno.test("stream - a restart knows ids, the last id and the charge", async () => {
  const world = lastingWorld();
  const config = { name: "S", subjects: ["a"], duplicate_window: 10e9 };
  world.stream(config);
  world.publish("a", "x", { "Nats-Msg-Id": "old" });
  await world.pass(8000);
  world.publish("a", "x", { "Nats-Msg-Id": "new" });
  const { memory } = world.used;
  finish((world.streams.get("S") as Stream).stopping());
  assertEquals(world.used.memory, 0);
  await world.pass(3000);
  const stream = world.stream(config, true);
  assertEquals(world.used.memory, memory);
  assertEquals(stream.lastMsgId, "new");
  assertEquals(stream.findDuplicate("new"), 2);
  assertEquals(stream.findDuplicate("old"), 0);
});

Deno.test("stream - a restart takes back a batch that was not finished", () => {
  const world = lastingWorld();
  const config = { name: "S", subjects: ["a"], allow_atomic: true };
  const stream = world.stream(config);
  const batch = (id: string, sequence: number, more = {}) =>
    world.publish("a", "x", {
      "Nats-Batch-Id": id,
      "Nats-Batch-Sequence": String(sequence),
      ...more,
    });
  batch("done", 1);
  batch("done", 2, { "Nats-Batch-Commit": "1" });
  // What a crash leaves: messages of a batch without its end.
  world.update(stream, { allow_atomic: false });
  const { store } = stream;
  for (const sequence of [1, 2]) {
    const found = store.load(1);
    if (found === null) throw new Error("no message");
    const { chunk, bodyStart, bodyEnd, headerSize } = found;
    const bytes = chunk.bytes.slice(bodyStart, bodyEnd);
    const body = new TextDecoder().decode(bytes)
      .replace("Batch-Id: done", "Batch-Id: torn")
      .replace("Sequence: 1", `Sequence: ${sequence}`);
    appendText(store, body, headerSize);
  }
  assertEquals(store.lastSequence, 4);
  finish(stream.stopping());
  world.stream(config, true);
  assertEquals(store.lastSequence, 2);
});

function appendText(
  store: StreamStore,
  text: string,
  headerSize: number,
): void {
  const chunk = Chunk.of(new TextEncoder().encode(text));
  store.append({
    subject: "a",
    ttl: 0,
    body: {
      chunk,
      bodyStart: 0,
      bodyEnd: chunk.size,
      headerSize,
    },
  });
}

Deno.test("schedule - a message is published when it is due, and the schedule ends", async () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["s.*", "t.*"],
    allow_msg_schedules: true,
    allow_msg_ttl: true,
  });
  world.publish("s.1", "later", {
    "Nats-Schedule": "@at 2026-01-01T00:00:05Z",
    "Nats-Schedule-Target": "t.1",
    "Nats-Schedule-TTL": "1h",
    "Nats-Msg-Id": "x",
    K: "v",
  });
  await world.pass(4900);
  assertEquals(stream.state().messages, 1);
  await world.pass(500);
  assertEquals(message(stream, 2).subject, "t.1");
  assertEquals(atob(message(stream, 2).data), "later");
  assertEquals(headersOf(stream, 2), [
    "K: v",
    "Nats-Scheduler: s.1",
    "Nats-Schedule-Next: purge",
    "Nats-TTL: 1h",
  ]);
  assertEquals(stream.state().messages, 1);
  assertEquals(stream.scheduler.size, 0);
});

Deno.test("schedule - again and again, with the last message of a source", async () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["s.*", "t.*", "src"],
    allow_msg_schedules: true,
  });
  world.publish("s.1", "own", {
    "Nats-Schedule": "@every 2s",
    "Nats-Schedule-Target": "t.1",
    "Nats-Schedule-Source": "src",
    "Nats-Schedule-Rollup": "sub",
  });
  await world.pass(2500);
  world.publish("src", "theirs");
  await world.pass(2000);
  const last = stream.getMessage({
    ...BY_SEQUENCE,
    seq: 0,
    last_by_subj: "t.1",
  });
  assertEquals(atob(last.data), "theirs");
  assertEquals(atob(last.hdrs).includes("Nats-Schedule-Next: 2026-"), true);
  assertEquals(
    finish(subjectPage(stream.store, "t.1", 0, 1)).subjects.json,
    '"t.1":1',
  );
  world.publish("x", "");
  world.publish("t.1", "", {
    "Nats-Schedule-Next": "purge",
    "Nats-Scheduler": "s.1",
  });
  const { last_seq } = stream.state();
  await world.pass(10_000);
  assertEquals(stream.state().last_seq, last_seq);
});

Deno.test("schedule - one that was overdue fires once after a restart", async () => {
  const world = lastingWorld();
  const config = {
    name: "S",
    subjects: ["s", "t"],
    allow_msg_schedules: true,
  };
  world.stream(config);
  world.publish("s", "x", {
    "Nats-Schedule": "@every 1s",
    "Nats-Schedule-Target": "t",
  });
  await world.pass(1500);
  finish((world.streams.get("S") as Stream).stopping());
  await world.pass(60_000);
  const stream = world.stream(config, true);
  await world.pass(900);
  assertEquals(
    finish(subjectPage(stream.store, "t", 0, 1)).subjects.json,
    '"t":2',
  );
});

Deno.test("schedule - what makes no schedule is refused", () => {
  const world = new StreamWorld();
  world.stream({
    name: "S",
    subjects: ["s", "t", "u"],
    allow_msg_schedules: true,
  });
  world.stream({ name: "N", subjects: ["n"] });
  const at = { "Nats-Schedule": "@at 2027-01-01T00:00:00Z" };
  const to = { ...at, "Nats-Schedule-Target": "t" };
  const cases: [Record<string, string>, number, string?][] = [
    [to, 10188, "n"],
    [{ "Nats-Schedule": "x", "Nats-Schedule-Target": "t" }, 10189],
    [at, 10190],
    [{ ...at, "Nats-Schedule-Target": "s" }, 10190],
    [{ ...at, "Nats-Schedule-Target": "other" }, 10190],
    [{ ...at, "Nats-Schedule-Target": "t.*" }, 10190],
    [{ ...to, "Nats-Schedule-TTL": "x" }, 10191],
    [{ ...to, "Nats-Schedule-TTL": "1h" }, 10166],
    [{ ...to, "Nats-Schedule-Rollup": "all" }, 10192],
    [{ ...to, "Nats-Rollup": "all" }, 10192],
    [{ ...to, "Nats-Schedule-Source": "t" }, 10203],
    [{ ...to, "Nats-Schedule-Source": "other" }, 10203],
    [{ ...to, "Nats-Schedule-Time-Zone": "Mars/Base" }, 10223],
    [{ ...to, "Nats-Schedule-Time-Zone": "UTC" }, 10189],
    [{ "Nats-Schedule-Next": "now", "Nats-Scheduler": "t" }, 10212],
    [{ "Nats-Schedule-Next": "purge" }, 10212],
    [{ "Nats-Scheduler": "t" }, 10212],
    [{ "Nats-Schedule-Next": "purge", "Nats-Scheduler": "s" }, 10212],
  ];
  for (const [headers, code, subject = "s"] of cases) {
    const answer = world.request(subject, "x", headers);
    const { error } = answer as { error: { err_code: number } };
    assertEquals(error.err_code, code, JSON.stringify(headers));
  }
});

Deno.test("delete markers - the end of a subject leaves a marker, and that none", async () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a.*"],
    max_age: 1e9,
    subject_delete_marker_ttl: 3e9,
  });
  world.publish("a.1", "x");
  world.publish("a.1", "y");
  world.publish("a.2", "z", { "KV-Operation": "PURGE" });
  await world.pass(2000);
  assertEquals(stream.state().messages, 1);
  const marker = stream.getMessage({
    ...BY_SEQUENCE,
    seq: 0,
    last_by_subj: "a.1",
  });
  assertEquals(atob(marker.hdrs).split("\r\n").slice(1, -2), [
    "Nats-Marker-Reason: MaxAge",
    "Nats-TTL: 3s",
    "Nats-Rollup: sub",
  ]);
  await world.pass(6000);
  assertEquals(stream.state().messages, 0);
});

Deno.test("delete markers - shorter lives are raised to that of markers", () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a"],
    subject_delete_marker_ttl: 60e9,
  });
  world.publish("a", "x", { "Nats-TTL": "5s", K: "v" });
  world.publish("a", "x", { "Nats-TTL": "never" });
  assertEquals(headersOf(stream, 1), ["K: v", "Nats-TTL: 60"]);
  assertEquals(headersOf(stream, 2), ["Nats-TTL: never"]);
});

import { assertEquals, assertObjectMatch } from "@std/assert";
import { ApiError } from "../../../../src/jetstream/errors.ts";
import { SubjectFilter } from "../../../../src/subject/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { FakeConsumer, StreamWorld } from "./world.ts";

/** `[sequence, subject]` of all messages of a stream. */
function stored(world: StreamWorld, name = "S"): [number, string][] {
  const store = world.streams.get(name)?.store;
  const found: [number, string][] = [];
  let message = store?.loadNext(SubjectFilter.ALL, 1) ?? null;
  while (message !== null) {
    found.push([message.sequence, message.subject]);
    message = store?.loadNext(SubjectFilter.ALL, message.sequence + 1) ?? null;
  }
  return found;
}

/** Number and text of the error in an answer. */
function errorOf(answer: unknown): string {
  const { error } = answer as {
    error: { err_code: number; description: string };
  };
  return `${error.err_code} ${error.description}`;
}

capability("ingest - a message is stored and acknowledged", {
  positive: ["streams/puback"],
}, () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a.>"] });
  const [answer] = world.ask("a.b", "hello");
  assertEquals(answer?.body, '{"stream":"S","seq":1}');
  assertEquals(answer?.headers, "");
  assertEquals(world.request("a.c", "again"), { stream: "S", seq: 2 });
  assertEquals(stored(world), [[1, "a.b"], [2, "a.c"]]);
  assertEquals(world.used.memory > 0, true);
});

capability(
  "ingest - the domain stands in acknowledgements, and not in errors",
  {
    edge: ["streams/puback"],
  },
  () => {
    const world = new StreamWorld({ domain: "hub" });
    world.stream({ name: "S", subjects: ["a"] });
    const [answer] = world.ask("a", "x");
    assertEquals(answer?.body, '{"stream":"S","domain":"hub","seq":1}');
    const [refused] = world.ask("a", "x", { "Nats-Expected-Stream": "T" });
    assertEquals(
      refused?.body,
      '{"error":{"code":400,"err_code":10060,"description":"expected stream does not match"},"stream":"S","seq":0}',
    );
  },
);

Deno.test("ingest - all of a batch is acknowledged at its end", () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a"] });
  world.flushQueue.begin();
  world.enqueue("a", "1", {}, "_INBOX.1");
  world.enqueue("a", "2", {}, "_INBOX.2");
  assertEquals(world.seen, []);
  world.flushQueue.end();
  assertEquals(world.seen.map(({ subject }) => subject), [
    "_INBOX.1",
    "_INBOX.2",
  ]);
});

Deno.test("ingest - without a reply subject, or with no_ack, nothing is answered", () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a"] });
  world.stream({ name: "Q", subjects: ["q"], no_ack: true });
  assertEquals(world.ask("a", "x", {}, ""), []);
  assertEquals(world.ask("q", "x"), []);
  assertEquals(world.ask("q", "x", { "Nats-Expected-Stream": "T" }), []);
  assertEquals(stored(world, "Q").length, 1);
});

Deno.test("ingest - what a message expects of its stream", () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a.*"] });
  world.request("a.1", "x", { "Nats-Msg-Id": "first" });
  const refused = (headers: Record<string, string>) =>
    errorOf(world.request("a.1", "y", headers));
  assertEquals(
    refused({ "Nats-Expected-Last-Sequence": "0" }),
    "10071 wrong last sequence: 1",
  );
  assertEquals(
    refused({ "Nats-Expected-Last-Sequence": "1x" }),
    "10071 wrong last sequence: 1",
  );
  assertEquals(
    refused({ "Nats-Expected-Last-Subject-Sequence": "0" }),
    "10071 wrong last sequence: 1",
  );
  assertEquals(
    refused({ "Nats-Expected-Last-Msg-Id": "other" }),
    "10070 wrong last msg ID: first",
  );
  assertEquals(
    refused({ "Nats-Expected-Last-Subject-Sequence-Subject": "a.1" }),
    "10193 missing sequence for expected last sequence per subject",
  );
  const accepted = (headers: Record<string, string>) =>
    world.request("a.1", "z", headers);
  assertObjectMatch(
    accepted({
      "Nats-Expected-Last-Sequence": "1",
      "Nats-Expected-Last-Subject-Sequence": "1",
      "Nats-Expected-Last-Msg-Id": "first",
      "Nats-Expected-Stream": "S",
    }) as object,
    { seq: 2 },
  );
  assertObjectMatch(
    accepted({
      "Nats-Expected-Last-Subject-Sequence": "2",
      "Nats-Expected-Last-Subject-Sequence-Subject": "a.>",
    }) as object,
    { seq: 3 },
  );
  assertObjectMatch(
    accepted({
      "Nats-Expected-Last-Subject-Sequence": "0",
      "Nats-Expected-Last-Subject-Sequence-Subject": "a.none",
    }) as object,
    { seq: 4 },
  );
});

Deno.test("ingest - repeated ids are acknowledged as the first was", async () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a"], duplicate_window: 1e9 });
  const id = { "Nats-Msg-Id": "1" };
  world.request("a", "x", id);
  const [answer] = world.ask("a", "x", id);
  assertEquals(answer?.body, '{"stream":"S","seq":1,"duplicate": true}');
  assertEquals(stored(world).length, 1);
  await world.pass(1100);
  assertEquals(world.request("a", "x", id), { stream: "S", seq: 2 });
});

Deno.test("ingest - limits of size", () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a"], max_msg_size: 30 });
  world.stream({ name: "H", subjects: ["h"] });
  assertEquals(
    errorOf(world.request("a", "x".repeat(31))),
    "10054 message size exceeds maximum allowed",
  );
  assertEquals(world.request("a", "x".repeat(30)), { stream: "S", seq: 1 });
  assertEquals(
    errorOf(world.request("a", "x".repeat(20), { A: "12" })),
    "10054 message size exceeds maximum allowed",
  );
  assertEquals(
    errorOf(world.request("h", "", { A: "x".repeat(65_520) })),
    "10097 header size exceeds maximum allowed of 64k",
  );
});

Deno.test("ingest - a full stream that discards new messages says so", () => {
  const world = new StreamWorld();
  world.stream({
    name: "S",
    subjects: ["a.*"],
    max_msgs: 2,
    max_msgs_per_subject: 1,
    discard: "new",
    discard_new_per_subject: true,
  });
  world.request("a.1", "x");
  assertEquals(
    errorOf(world.request("a.1", "x")),
    "10077 maximum messages per subject exceeded",
  );
  world.request("a.2", "x");
  assertEquals(
    errorOf(world.request("a.3", "x")),
    "10077 maximum messages exceeded",
  );
});

Deno.test("ingest - what storage and account refuse is not stored", () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a"] });
  world.refusal = new ApiError("accountResourcesExceeded");
  assertEquals(
    errorOf(world.request("a", "x")),
    "10002 resource limits exceeded for account",
  );
  assertEquals(stored(world), []);
});

Deno.test("ingest - what nobody wants takes no room in the account", () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a"],
    retention: "interest",
  });
  world.refusal = new ApiError("accountResourcesExceeded");
  assertEquals(world.request("a", "x"), { stream: "S", seq: 1 });
  assertEquals(stream.store.messages, 0);
  world.refusal = new ApiError("insufficientResources");
  assertEquals(
    errorOf(world.request("a", "x")),
    "10023 insufficient resources",
  );
});

Deno.test("ingest - rollups replace what was before", () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a.*"], allow_rollup_hdrs: true });
  world.stream({ name: "D", subjects: ["d"] });
  for (const subject of ["a.1", "a.2", "a.1"]) world.publish(subject, "x");
  world.request("a.1", "x", { "Nats-Rollup": "SUB" });
  assertEquals(stored(world), [[2, "a.2"], [4, "a.1"]]);
  world.request("a.3", "x", { "Nats-Rollup": "all" });
  assertEquals(stored(world), [[5, "a.3"]]);
  assertEquals(
    errorOf(world.request("a.3", "x", { "Nats-Rollup": "some" })),
    '10111 rollup value invalid: "some"',
  );
  assertEquals(
    errorOf(world.request("d", "x", { "Nats-Rollup": "all" })),
    "10111 rollup not permitted",
  );
});

Deno.test("ingest - times to live are honoured where they are allowed", async () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a"], allow_msg_ttl: true });
  world.stream({ name: "N", subjects: ["n"] });
  world.request("a", "x", { "Nats-TTL": "2s" });
  world.request("a", "x");
  assertEquals(
    errorOf(world.request("a", "x", { "Nats-TTL": "0" })),
    "10165 invalid per-message TTL",
  );
  assertEquals(
    errorOf(world.request("n", "x", { "Nats-TTL": "1" })),
    "10166 per-message TTL is disabled",
  );
  await world.pass(4000);
  assertEquals(stored(world), [[2, "a"]]);
});

Deno.test("ingest - where no consumer is interested, only a sequence is used", () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a.*"],
    retention: "interest",
  });
  assertEquals(world.request("a.1", "x"), { stream: "S", seq: 1 });
  const consumer = new FakeConsumer("c", ["a.2"]);
  stream.addConsumer(consumer);
  world.request("a.1", "x");
  world.request("a.2", "x");
  assertEquals(stored(world), [[3, "a.2"]]);
  assertEquals(consumer.log, ["stored 3", "settled"]);
  consumer.wanted.delete(3);
  assertEquals(stream.retention.letGo(3), true);
  assertEquals(stored(world), []);
});

Deno.test("ingest - a work queue keeps what is not acknowledged", () => {
  const world = new StreamWorld();
  const stream = world.stream({
    name: "S",
    subjects: ["a"],
    retention: "workqueue",
  });
  world.request("a", "x");
  assertEquals(stored(world).length, 1);
  const consumer = new FakeConsumer("c");
  stream.addConsumer(consumer);
  world.request("a", "y");
  assertEquals(stream.retention.letGo(2), false);
  consumer.wanted.delete(2);
  assertEquals(stream.retention.letGo(2), true);
  assertEquals(stream.retention.letGo(2), false);
  assertEquals(stored(world), [[1, "a"]]);
});

Deno.test("ingest - the input transform decides under which subject", () => {
  const world = new StreamWorld();
  world.stream({
    name: "S",
    subjects: ["a.*", "b"],
    subject_transform: { src: "a.*", dest: "t.{{wildcard(1)}}" },
  });
  world.publish("a.1", "x");
  world.publish("b", "x");
  assertEquals(stored(world), [[1, "t.1"], [2, "b"]]);
  assertEquals(
    world.request("a.1", "x", { "Nats-Expected-Last-Subject-Sequence": "1" }),
    { stream: "S", seq: 3 },
  );
});

Deno.test("ingest - what is stored is published again", () => {
  const world = new StreamWorld();
  world.stream({
    name: "S",
    subjects: ["a.*"],
    republish: { src: "a.*", dest: "r.{{wildcard(1)}}", headers_only: false },
  });
  world.stream({
    name: "H",
    subjects: ["h"],
    republish: { src: "", dest: "hr.>", headers_only: true },
  });
  world.listen("r.>");
  world.listen("hr.>");
  world.publish("a.1", "x");
  world.publish("a.1", "y", { A: "b" });
  world.publish("h", "long");
  const time = "2026-01-01T00:00:00";
  assertEquals(
    world.seen.map(({ subject, headers, body }) => [
      subject,
      headers.replaceAll(/(Time-Stamp: \S{19})\S*Z/g, "$1"),
      body,
    ]),
    [
      [
        "r.1",
        `NATS/1.0\r\nNats-Stream: S\r\nNats-Subject: a.1\r\nNats-Sequence: 1\r\nNats-Time-Stamp: ${time}\r\nNats-Last-Sequence: 0\r\n\r\n`,
        "x",
      ],
      [
        "r.1",
        `NATS/1.0\r\nA: b\r\nNats-Stream: S\r\nNats-Subject: a.1\r\nNats-Sequence: 2\r\nNats-Time-Stamp: ${time}\r\nNats-Last-Sequence: 1\r\n\r\n`,
        "y",
      ],
      [
        "hr.h",
        `NATS/1.0\r\nNats-Stream: H\r\nNats-Subject: h\r\nNats-Sequence: 1\r\nNats-Time-Stamp: ${time}\r\nNats-Last-Sequence: 0\r\nNats-Msg-Size: 4\r\n\r\n`,
        "",
      ],
    ],
  );
});

Deno.test("ingest - headers that are not to be kept are taken out", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a"] });
  world.publish("a", "x", { "Nats-Request-Info": "{}", A: "b" });
  const message = stream.getMessage({
    seq: 1,
    last_by_subj: "",
    next_by_subj: "",
    start_time: null,
    no_hdr: false,
  });
  assertEquals(atob(message.hdrs), "NATS/1.0\r\nA: b\r\n\r\n");
  assertEquals(atob(message.data), "x");
});

Deno.test("ingest - headers that only streams may set are refused", () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a"] });
  assertEquals(
    errorOf(world.request("a", "x", { "Nats-Stream-Source": "T 1" })),
    "10227 message stream source header is not allowed",
  );
});

Deno.test("ingest - a sealed stream takes nothing and loses nothing", () => {
  const world = new StreamWorld();
  const stream = world.stream({ name: "S", subjects: ["a"] });
  world.publish("a", "x");
  world.update(stream, { sealed: true, deny_delete: true, deny_purge: true });
  const sealed = "10109 invalid operation on sealed stream";
  assertEquals(errorOf(world.request("a", "x")), sealed);
  assertEquals(stored(world).length, 1);
});

import { assertEquals } from "@std/assert";
import { type Seen, StreamWorld } from "./world.ts";

/** Status line and the numbers in the headers of an answer. */
function brief({ headers, body }: Seen): string {
  const [status = "", ...lines] = headers.split("\r\n");
  const fields = lines
    .filter((line) => !/Time-Stamp|Nats-Stream/.test(line) && line !== "")
    .map((line) => line.replace("Nats-", ""));
  return [status.replace("NATS/1.0", "").trim(), ...fields, body]
    .filter((each) => each !== "").join("|");
}

function newWorld(): StreamWorld {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a.*"], allow_direct: true });
  for (const n of [1, 2, 3, 1, 2]) world.publish(`a.${n}`, `m${n}`);
  return world;
}

function get(world: StreamWorld, request: unknown): string[] {
  const body = typeof request === "string" ? request : JSON.stringify(request);
  return world.ask("$JS.API.DIRECT.GET.S", body).map(brief);
}

Deno.test("direct get - by sequence, time, last and next subject", async () => {
  const world = newWorld();
  await world.pass(1000);
  world.publish("a.9", "late", { K: "v" });
  assertEquals(get(world, { seq: 2 }), ["Subject: a.2|Sequence: 2|m2"]);
  assertEquals(get(world, { last_by_subj: "a.1" }), [
    "Subject: a.1|Sequence: 4|m1",
  ]);
  assertEquals(get(world, { next_by_subj: "a.2", seq: 3 }), [
    "Subject: a.2|Sequence: 5|m2",
  ]);
  assertEquals(get(world, { start_time: "2026-01-01T00:00:00.5Z" }), [
    "K: v|Subject: a.9|Sequence: 6|late",
  ]);
  const [answer] = world.ask("$JS.API.DIRECT.GET.S", '{"seq":6}');
  assertEquals(
    answer?.headers.replace(/Stamp: \S+/, "Stamp: T"),
    "NATS/1.0\r\nK: v\r\nNats-Stream: S\r\nNats-Subject: a.9\r\nNats-Sequence: 6\r\nNats-Time-Stamp: T\r\n\r\n",
  );
  assertEquals(get(world, { seq: 6, no_hdr: true }), ["late"]);
});

Deno.test("direct get - the subject may be part of the request's", () => {
  const world = newWorld();
  const last = (subject: string, body = "") =>
    world.ask(`$JS.API.DIRECT.GET.S.${subject}`, body).map(brief);
  assertEquals(last("a.1"), ["Subject: a.1|Sequence: 4|m1"]);
  assertEquals(last("a.7"), ["404 Message Not Found"]);
  assertEquals(last("a.1", '{"no_hdr":true}'), ["m1"]);
  assertEquals(last("a.1", '{"seq":1}'), ["408 Bad Request"]);
  assertEquals(last("a.1", "{"), ["408 Malformed Request"]);
});

Deno.test("direct get - the short way for a subject answers as the long one does", async () => {
  const world = newWorld();
  const headers = { K: "v", Long: "x".repeat(600) };
  world.publish("a.9", "late", headers);
  await world.pass(1234.567891);
  world.publish(`a.${"z".repeat(500)}`, "y".repeat(5000));
  await world.pass(86_400_000);
  world.publish("a.3", "");
  const subjects = ["a.1", "a.3", "a.9", `a.${"z".repeat(500)}`, "a.*", "a.7"];
  for (const subject of subjects) {
    const ask = (body: string) =>
      world.ask(`$JS.API.DIRECT.GET.S.${subject}`, body);
    const short = ask("");
    assertEquals(short, ask('{"no_hdr":false}'), subject);
    assertEquals(short.length, 1);
  }
});

Deno.test("direct get - the short way does not see what was deleted", () => {
  const world = newWorld();
  const last = () => world.ask("$JS.API.DIRECT.GET.S.a.1").map(brief);
  assertEquals(last(), ["Subject: a.1|Sequence: 4|m1"]);
  world.streams.get("S")?.deleteMessage(4, false);
  assertEquals(last(), ["Subject: a.1|Sequence: 1|m1"]);
  world.streams.get("S")?.deleteMessage(1, true);
  assertEquals(last(), ["404 Message Not Found"]);
});

Deno.test("direct get - requests that make no sense", () => {
  const world = newWorld();
  const bad = "408 Bad Request";
  const time = "2026-01-01T00:00:00Z";
  const cases: [unknown, string][] = [
    ["", "408 Empty Request"],
    ["{}", "408 Empty Request"],
    ['{"seq":"x"}', "408 Malformed Request"],
    [{ seq: 1, last_by_subj: "a" }, bad],
    [{ seq: 1, start_time: time }, bad],
    [{ start_time: time, last_by_subj: "a" }, bad],
    [{ last_by_subj: "a", next_by_subj: "b" }, bad],
    [{ last_by_subj: "a", batch: 2 }, bad],
    [{ last_by_subj: "a", multi_last: ["b"] }, bad],
    [{ next_by_subj: "a", multi_last: ["b"] }, bad],
    [{ seq: 1, up_to_seq: 2, up_to_time: time }, bad],
    [{ seq: 99 }, "404 Message Not Found"],
    [{ multi_last: ["none"] }, "404 No Results"],
  ];
  for (const [request, expected] of cases) {
    assertEquals(get(world, request), [expected], JSON.stringify(request));
  }
  assertEquals(
    world.ask("$JS.API.DIRECT.GET.S", '{"seq":1}', {
      "Nats-Required-Api-Level": "100",
    }).map(brief),
    ["412 Required Api Level"],
  );
  assertEquals(world.ask("$JS.API.DIRECT.GET.S", "", {}, ""), []);
});

Deno.test("direct get - batches step over what is missing and tell what is left", () => {
  const world = newWorld();
  world.streams.get("S")?.deleteMessage(2, false);
  assertEquals(get(world, { seq: 1, batch: 2 }), [
    "Subject: a.1|Sequence: 1|Num-Pending: 3|Last-Sequence: 0|m1",
    "Subject: a.3|Sequence: 3|Num-Pending: 2|Last-Sequence: 1|m3",
    "204 EOB|Num-Pending: 2|Last-Sequence: 3",
  ]);
  assertEquals(get(world, { seq: 5, batch: 9 }), [
    "Subject: a.2|Sequence: 5|Num-Pending: 0|Last-Sequence: 0|m2",
    "204 EOB|Num-Pending: 0|Last-Sequence: 5",
  ]);
  assertEquals(get(world, { seq: 6, batch: 1 }), ["404 Message Not Found"]);
  assertEquals(get(world, { next_by_subj: "a.*", batch: 9, max_bytes: 1 }), [
    "Subject: a.1|Sequence: 1|Num-Pending: 3|Last-Sequence: 0|m1",
    "204 EOB|Num-Pending: 3|Last-Sequence: 1",
  ]);
});

Deno.test("direct get - the last of several subjects, up to a sequence or a time", async () => {
  const world = newWorld();
  assertEquals(get(world, { multi_last: ["a.1", "a.3"] }), [
    "Subject: a.3|Sequence: 3|Num-Pending: 1|Last-Sequence: 0|m3",
    "Subject: a.1|Sequence: 4|Num-Pending: 0|Last-Sequence: 3|m1",
    "204 EOB|Num-Pending: 0|Last-Sequence: 4|UpTo-Sequence: 5",
  ]);
  assertEquals(get(world, { multi_last: ["a.*"], up_to_seq: 3, batch: 1 }), [
    "Subject: a.1|Sequence: 1|Num-Pending: 2|Last-Sequence: 0|m1",
    "204 EOB|Num-Pending: 2|Last-Sequence: 1|UpTo-Sequence: 3",
  ]);
  await world.pass(1000);
  world.publish("a.1", "late");
  const upTo = { multi_last: ["a.1"], up_to_time: "2026-01-01T00:00:00.5Z" };
  assertEquals(get(world, upTo), [
    "Subject: a.1|Sequence: 4|Num-Pending: 0|Last-Sequence: 0|m1",
    "204 EOB|Num-Pending: 0|Last-Sequence: 4|UpTo-Sequence: 5",
  ]);
  assertEquals(
    get(world, { ...upTo, up_to_time: "2025-01-01T00:00:00Z" }),
    ["404 No Results"],
  );
});

Deno.test("direct get - more subjects than one answer can have", () => {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a.*"], allow_direct: true });
  world.flushQueue.begin();
  for (let i = 0; i < 1025; i++) world.enqueue(`a.${i}`);
  world.flushQueue.end();
  assertEquals(get(world, { multi_last: ["a.*"] }), ["413 Too Many Results"]);
});

Deno.test("direct get - only where it is allowed", () => {
  const world = newWorld();
  const stream = world.streams.get("S");
  if (stream === undefined) throw new Error("no stream");
  world.update(stream, { allow_direct: false });
  assertEquals(get(world, { seq: 1 }), []);
  world.update(stream, { allow_direct: true });
  assertEquals(get(world, { seq: 1 }).length, 1);
});

Deno.test("direct get - an empty subject among several is none", () => {
  const world = newWorld();
  assertEquals(get(world, { multi_last: [""] }), ["404 No Results"]);
  assertEquals(get(world, { multi_last: ["", "a.3"] }), [
    "Subject: a.3|Sequence: 3|Num-Pending: 0|Last-Sequence: 0|m3",
    "204 EOB|Num-Pending: 0|Last-Sequence: 3|UpTo-Sequence: 5",
  ]);
});

Deno.test("direct get - a batch of less than none is its end", () => {
  const world = newWorld();
  assertEquals(get(world, { seq: 2, batch: -1 }), [
    "204 EOB|Num-Pending: 4|Last-Sequence: 0",
  ]);
});

Deno.test("direct get - the last of all is there when another was deleted", () => {
  const world = newWorld();
  world.streams.get("S")?.store.remove(5);
  assertEquals(get(world, { last_by_subj: ">" }), [
    "Subject: a.1|Sequence: 4|m1",
  ]);
  assertEquals(get(world, { multi_last: ["a.1"], up_to_seq: 99 }), [
    "Subject: a.1|Sequence: 4|Num-Pending: 0|Last-Sequence: 0|m1",
    "204 EOB|Num-Pending: 0|Last-Sequence: 4|UpTo-Sequence: 99",
  ]);
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  isFastReply,
  parseFastReply,
} from "../../../../src/jetstream/stream/batch/fast_reply.ts";
import { encodeByteString } from "../../../../src/protocol/mod.ts";
import { StreamWorld } from "./world.ts";

/** Publishes to a fast batch; gives back the answers' bodies. */
function send(
  world: StreamWorld,
  sequence: number,
  operation: number,
  { gap = "fail", flow = 2, batch = "b", headers = {}, subject = "a" } = {},
): string[] {
  const reply = `_INBOX.x.${batch}.${flow}.${gap}.${sequence}.${operation}.$FI`;
  return world.ask(subject, `m${sequence}`, headers, reply)
    .map(({ body }) => body);
}

function newWorld(): StreamWorld {
  const world = new StreamWorld();
  world.stream({ name: "S", subjects: ["a"], allow_batched: true });
  return world;
}

const [START, APPEND, COMMIT, END, PING] = [0, 1, 2, 3, 4];

Deno.test("fast batch - acknowledges now and then, and what was committed", () => {
  const world = newWorld();
  assertEquals(send(world, 1, START), ['{"type":"ack","seq":0,"msgs":2}']);
  assertEquals(send(world, 2, APPEND), ['{"type":"ack","seq":2,"msgs":2}']);
  assertEquals(send(world, 3, APPEND), []);
  assertEquals(send(world, 4, COMMIT), [
    '{"stream":"S","seq":4,"batch":"b","count":4}',
  ]);
  assertEquals(world.host.openBatches.fast, 0);
});

Deno.test("fast batch - an end without a message", () => {
  const world = newWorld();
  send(world, 1, START);
  assertEquals(send(world, 2, END), [
    '{"stream":"S","seq":1,"batch":"b","count":1}',
  ]);
  assertEquals(world.streams.get("S")?.store.messages, 1);
});

Deno.test("fast batch - a batch of one message is only acknowledged", () => {
  const world = newWorld();
  assertEquals(send(world, 1, COMMIT), [
    '{"stream":"S","seq":1,"batch":"b","count":1}',
  ]);
});

Deno.test("fast batch - a gap ends it, unless gaps are allowed", () => {
  const world = newWorld();
  send(world, 1, START);
  assertEquals(send(world, 3, APPEND), [
    '{"type":"gap","last_seq":2,"seq":3}',
    '{"stream":"S","seq":1,"batch":"b","count":1}',
  ]);
  const gap = "ok";
  send(world, 1, START, { gap });
  assertEquals(send(world, 3, APPEND, { gap }), [
    '{"type":"gap","last_seq":2,"seq":3}',
    '{"type":"ack","seq":2,"msgs":2}',
  ]);
  assertEquals(send(world, 3, APPEND, { gap }), [
    '{"type":"gap","last_seq":4,"seq":3}',
    '{"stream":"S","seq":3,"batch":"b","count":3}',
  ]);
});

Deno.test("fast batch - it ends behind a message that was refused, too", () => {
  const world = newWorld();
  const gap = "ok";
  send(world, 1, START, { gap });
  const headers = { "Nats-Expected-Stream": "T" };
  assertEquals(send(world, 2, APPEND, { gap, headers }).length, 1);
  assertEquals(send(world, 2, APPEND, { gap }), [
    '{"type":"gap","last_seq":3,"seq":2}',
    '{"stream":"S","seq":1,"batch":"b","count":2}',
  ]);
  assertEquals(world.host.openBatches.fast, 0);
});

Deno.test("fast batch - the last id must be the one that is expected", () => {
  const world = newWorld();
  const headers = { "Nats-Expected-Last-Msg-Id": "other" };
  const refusal =
    '{"error":{"code":400,"err_code":10070,"description":"wrong last msg ID: one"},"stream":"S","seq":0}';
  send(world, 1, START, { headers: { "Nats-Msg-Id": "one" } });
  assertEquals(send(world, 2, APPEND, { headers }), [refusal]);
  const right = { "Nats-Expected-Last-Msg-Id": "one" };
  assertEquals(send(world, 3, APPEND, { headers: right }), [
    '{"type":"ack","seq":2,"msgs":2}',
  ]);
  assertEquals(send(world, 4, COMMIT, { headers: { ...headers } }).length, 1);
  assertEquals(world.host.openBatches.fast, 0);
  assertEquals(world.streams.get("S")?.store.messages, 2);
});

Deno.test("fast batch - a ping tells again, and finds gaps", () => {
  const world = newWorld();
  send(world, 1, START);
  assertEquals(send(world, 1, PING), ['{"type":"ack","seq":0,"msgs":2}']);
  assertEquals(send(world, 5, PING), [
    '{"type":"gap","last_seq":2,"seq":6}',
    '{"stream":"S","seq":1,"batch":"b","count":1}',
  ]);
  assertEquals(
    JSON.parse(send(world, 1, PING)[0] ?? "").error.err_code,
    10208,
  );
});

Deno.test("fast batch - what is wrong with a message", () => {
  const world = newWorld();
  const bad = { headers: { "Nats-Rollup": "all" } };
  assertEquals(
    JSON.parse(send(world, 1, START, bad)[1] ?? "").error.err_code,
    10111,
  );
  send(world, 1, START);
  const [error, ack] = send(world, 2, APPEND, bad);
  assertEquals(JSON.parse(error ?? "").seq, 2);
  assertEquals(JSON.parse(error ?? "").error.err_code, 10111);
  assertEquals(ack, '{"stream":"S","seq":1,"batch":"b","count":1}');
});

Deno.test("fast batch - repeated ids count as stored", () => {
  const world = newWorld();
  const once = { headers: { "Nats-Msg-Id": "1" } };
  send(world, 1, START, once);
  assertEquals(send(world, 2, APPEND, once), [
    '{"type":"ack","seq":2,"msgs":2}',
  ]);
  assertEquals(send(world, 3, COMMIT), [
    '{"stream":"S","seq":2,"batch":"b","count":3}',
  ]);
  assertEquals(send(world, 1, COMMIT, once), [
    '{"stream":"S","seq":1,"duplicate": true,"batch":"b","count":1}',
  ]);
});

Deno.test("fast batch - refused, unknown, misspelt", () => {
  const world = newWorld();
  world.stream({ name: "N", subjects: ["n"] });
  const code = (answers: string[]) =>
    JSON.parse(answers[0] ?? "").error.err_code;
  assertEquals(code(send(world, 1, START, { subject: "n" })), 10205);
  assertEquals(code(send(world, 2, APPEND)), 10208);
  assertEquals(code(send(world, 1, APPEND)), 10206);
  assertEquals(code(send(world, 1, 5)), 10206);
  assertEquals(code(send(world, 1, START, { batch: "x".repeat(65) })), 10207);
});

Deno.test("fast batch - publishers share what may be under way", () => {
  const world = newWorld();
  assertEquals(send(world, 1, START, { flow: 1000 }), [
    '{"type":"ack","seq":0,"msgs":500}',
  ]);
  assertEquals(send(world, 1, START, { flow: 1000, batch: "c" }), [
    '{"type":"ack","seq":0,"msgs":1}',
    '{"type":"ack","seq":1,"msgs":2}',
  ]);
});

Deno.test("fast batch - one that is not continued ends", async () => {
  const world = newWorld();
  send(world, 1, START);
  await world.pass(10_001);
  assertEquals(world.host.openBatches.fast, 0);
});

Deno.test("fast reply - no text leads astray", () => {
  const token = fc.constantFrom(
    "a",
    "1",
    "2",
    "0",
    "ok",
    "fail",
    "",
    "-1",
    "9",
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
      const reply = `${tokens.join(".")}.$FI`;
      const bytes = encodeByteString(reply);
      assertEquals(isFastReply(bytes, 0, bytes.length), reply.length > 4);
      const parsed = parseFastReply(reply);
      if (parsed === null) return;
      assertEquals(tokens.length >= 6, true);
      assertEquals(String(parsed.sequence), tokens.at(-2));
    }),
    { seed: 3, numRuns: 2000 },
  );
});

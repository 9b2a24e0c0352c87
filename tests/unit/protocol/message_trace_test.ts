import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  Chunk,
  encodeByteString,
  mayAskForTrace,
  Message,
  MessageTrace,
  TraceFailure,
  TraceKind,
} from "../../../src/protocol/mod.ts";
import { capability } from "../../tools/capability.ts";

function withHeaders(block: string, before = "HPUB foo 1 1\r\n"): Message {
  const message = new Message();
  message.chunk = Chunk.of(encodeByteString(`${before}${block}payload\r\n`));
  message.bodyStart = before.length;
  message.headerSize = block.length;
  message.bodyEnd = before.length + block.length + "payload".length;
  return message;
}

function asks(block: string): boolean {
  return mayAskForTrace(withHeaders(block));
}

Deno.test("mayAskForTrace - finds both headers anywhere in the block", () => {
  for (const name of ["Nats-Trace-Dest", "traceparent", "TraceParent"]) {
    assertEquals(asks(`NATS/1.0\r\n${name}: x\r\n\r\n`), true, name);
    assertEquals(asks(`NATS/1.0\r\nA: b\r\n${name}:x\r\nC: d\r\n\r\n`), true);
  }
});

Deno.test("mayAskForTrace - does not look outside of the block", () => {
  assertEquals(asks("NATS/1.0\r\nOther: header\r\n\r\n"), false);
  assertEquals(asks(""), false);
  assertEquals(asks("NATS/1.0\r\n\r\n"), false);
  const cut = withHeaders("NATS/1.0\r\nNats-Trace-Dest: x\r\n\r\n");
  cut.headerSize = "NATS/1.0\r\nNats-Trace-Dest".length;
  assertEquals(mayAskForTrace(cut), false);
  const behind = withHeaders("NATS/1.0\r\n\r\n", "traceparent: HPUB\r\n");
  assertEquals(mayAskForTrace(behind), false);
});

Deno.test("mayAskForTrace - never misses a header", () => {
  const text = fc.string({ unit: "binary-ascii", maxLength: 40 });
  const name = fc.constantFrom(
    "Nats-Trace-Dest:",
    "traceparent:",
    "TRACEPARENT:",
  );
  fc.assert(fc.property(text, name, text, (before, header, after) => {
    assertEquals(asks(before + header + after), true);
  }));
});

function traceOf(hop = "") {
  const complete: MessageTrace[] = [];
  let now = 0n;
  const trace = new MessageTrace(
    {
      request: { headers: new Map(), size: 3 },
      ingress: {
        kind: TraceKind.client,
        cid: 7,
        name: undefined,
        acc: "A",
        subj: "foo",
      },
      only: false,
      hop,
    },
    () => ++now,
    (done) => complete.push(done),
  );
  return { trace, complete };
}

Deno.test("MessageTrace - keeps events in order, and is complete once", () => {
  const { trace, complete } = traceOf();
  trace.mapped("bar");
  trace.egress(
    { kind: TraceKind.client, cid: 8, name: "", account: "A", queue: null },
    TraceFailure.noEcho,
  );
  trace.refused("why");
  assertEquals(complete.length, 0);
  trace.finish();
  assertEquals(complete, [trace]);
  assertEquals(JSON.parse(JSON.stringify(trace.events, plain)), [
    { type: "in", ts: 1, kind: 0, cid: 7, acc: "A", subj: "foo", error: "why" },
    { type: "sm", ts: 2, to: "bar" },
    { type: "eg", ts: 3, kind: 0, cid: 8, error: TraceFailure.noEcho },
  ]);
});

Deno.test("MessageTrace - names accounts of receivers that are not the publisher's", () => {
  const { trace } = traceOf();
  trace.egress({ kind: TraceKind.client, cid: 8, name: "n", account: "B" });
  const event = JSON.parse(JSON.stringify(trace.events[1], plain));
  assertEquals(event.acc, "B");
  assertEquals(event.name, "n");
});

Deno.test("MessageTrace - waits for a stream that takes the message in", () => {
  const { trace, complete } = traceOf();
  const stream = trace.jetStream("S");
  trace.finish();
  assertEquals(complete.length, 0);
  stream.stored("foo", false);
  stream.finish("");
  assertEquals(complete.length, 1);
  assertEquals(JSON.parse(JSON.stringify(trace.events[1], plain)), {
    type: "js",
    ts: 3,
    stream: "S",
    subject: "foo",
  });
});

Deno.test("MessageTrace - tells why a stream did not take the message", () => {
  const { trace, complete } = traceOf();
  const stream = trace.jetStream("S");
  stream.stored("foo", true);
  stream.finish("no room");
  assertEquals(complete.length, 0);
  trace.finish();
  const event = JSON.parse(JSON.stringify(complete[0]?.events[1], plain));
  assertEquals(event.nointerest, true);
  assertEquals(event.error, "no room");
});

capability(
  "MessageTrace - numbers the servers to which it goes on",
  { positive: ["system-events/hops"], edge: ["system-events/hops"] },
  () => {
    const { trace } = traceOf();
    assertEquals([trace.nextHop(), trace.nextHop()], ["1", "2"]);
    assertEquals(trace.hops, 2);
    const behind = traceOf("2.1").trace;
    assertEquals([behind.nextHop(), behind.nextHop()], ["2.1.1", "2.1.2"]);
    behind.egress(
      { kind: TraceKind.router, cid: 9, name: "r", account: "A" },
      undefined,
      "2.1.1",
    );
    const event = JSON.parse(JSON.stringify(behind.events[1], plain));
    assertEquals(event.hop, "2.1.1");
  },
);

function plain(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

import { assertEquals } from "@std/assert";
import {
  parseControl,
  parseDelivery,
} from "../../../../src/jetstream/source/delivery.ts";
import { Progress } from "../../../../src/jetstream/source/progress.ts";
import {
  parseSourceHeader,
  sourceHeader,
} from "../../../../src/jetstream/source/source_header.ts";
import { capability } from "../../../tools/capability.ts";
import { messageOf } from "../stream/world.ts";

const DELIVERY = {
  stream: "S",
  consumer: "C",
  deliveries: 1,
  streamSequence: 1,
  consumerSequence: 1,
  time: 0n,
  pending: 3,
};

Deno.test("delivery - both kinds of subjects tell the same", () => {
  const expected = {
    stream: "S",
    consumer: "C",
    deliveries: 1,
    streamSequence: 22,
    consumerSequence: 3,
    time: 1_700_000_000_000_000_001n,
    pending: 4,
  };
  const numbers = "1.22.3.1700000000000000001.4";
  assertEquals(parseDelivery(`$JS.ACK.S.C.${numbers}`), expected);
  assertEquals(parseDelivery(`$JS.ACK._.hash.S.C.${numbers}`), expected);
  assertEquals(
    parseDelivery(`$JS.ACK.hub.hash.S.C.${numbers}.random`),
    expected,
  );
});

Deno.test("delivery - what is none", () => {
  const bad = [
    "",
    "$JS.ACK",
    "$JS.ACK.S.C.1.2.3.4",
    "$JS.ACK.S.C.1.2.3.4.x",
    "$JS.ACK.S.C.1.2.3.4.5.6",
    "$JS.FC.S.C.1.2.3.4.5",
  ];
  for (const reply of bad) assertEquals(parseDelivery(reply), null, reply);
});

Deno.test("control messages - heartbeats, flow control and what is neither", () => {
  const block = (status: string, fields = {}) => {
    const lines = Object.entries(fields).map(([k, v]) => `${k}: ${v}\r\n`);
    const text = `NATS/1.0${status}\r\n${lines.join("")}\r\n`;
    const message = messageOf("d", text, {}, "r");
    message.headerSize = text.length;
    return message;
  };
  assertEquals(parseControl(block(" 100 FlowControl Request")), {
    reply: "r",
    lastConsumer: 0,
    stalled: "",
  });
  assertEquals(
    parseControl(block(" 100 Idle Heartbeat", {
      "Nats-Last-Consumer": "7",
      "Nats-Consumer-Stalled": "fc",
    })),
    { reply: "r", lastConsumer: 7, stalled: "fc" },
  );
  assertEquals(parseControl(block("", { A: "b" })), null);
  assertEquals(parseControl(messageOf("d", "x", { A: "b" }, "")), null);
  assertEquals(parseControl(messageOf("d", "", {}, "")), null);
});

Deno.test("progress - takes what comes next, however the origin counts", () => {
  const progress = new Progress();
  progress.begin(10);
  const judge = (stream: number, consumer: number, deliveries = 1) =>
    progress.judge({
      ...DELIVERY,
      streamSequence: stream,
      consumerSequence: consumer,
      deliveries,
    });
  assertEquals(judge(11, 1), "take");
  assertEquals(progress.lag, 2);
  assertEquals(judge(15, 2), "take");
  assertEquals(judge(15, 3), "ignore");
  assertEquals(judge(16, 4), "take");
  assertEquals(judge(17, 5, 2), "ignore");
  assertEquals(judge(18, 6), "again");
  assertEquals(judge(18, 2), "ignore");
  assertEquals([progress.stream, progress.consumer], [16, 4]);
});

Deno.test("progress - a message that can't be stored is expected again", () => {
  const progress = new Progress();
  progress.begin(0);
  assertEquals(progress.judge(DELIVERY), "take");
  progress.takeBack(0);
  assertEquals(progress.judge(DELIVERY), "take");
});

capability("source header - is read as it was written, also by older servers", {
  positive: [
    "mirror-source/starts-js-ack",
    "mirror-source/2-fields",
    "mirror-source/3-fields",
    "mirror-source/4",
  ],
  edge: [
    "mirror-source/starts-js-ack",
    "mirror-source/2-fields",
    "mirror-source/3-fields",
    "mirror-source/4",
  ],
}, () => {
  for (
    const old of ["$JS.ACK.S.C.1.12.3.4.5", "$JS.ACK._.hash.S.C.1.12.3.4.5.x"]
  ) {
    assertEquals(parseSourceHeader(old), {
      stream: "S",
      key: "",
      sequence: 12,
      identity: "",
    });
  }
  const key = "S:hash a.> b.>";
  const header = sourceHeader(key, 12, "a.1", "identity");
  assertEquals(header, "S:hash 12 a.> b.> a.1 identity");
  assertEquals(parseSourceHeader(header), {
    stream: "S:hash",
    key,
    sequence: 12,
    identity: "identity",
  });
  assertEquals(parseSourceHeader("S 12 > > a"), {
    stream: "S",
    key: "S > >",
    sequence: 12,
    identity: "",
  });
  assertEquals(parseSourceHeader("S 12"), {
    stream: "S",
    key: "",
    sequence: 12,
    identity: "",
  });
  for (const bad of ["", "S", "S 12 x", "S x > > a", "$JS.ACK.S.C"]) {
    assertEquals(parseSourceHeader(bad), null, bad);
  }
});

import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import {
  headerValue,
  replacingHeader,
  withHeader,
  withoutHeader,
  withoutPrefixed,
  withoutStatus,
} from "../../../../src/jetstream/stream/header_block.ts";
import {
  PublishHeaders,
  StreamHeader,
  type StreamHeaderKey,
} from "../../../../src/jetstream/stream/publish_headers.ts";
import { Chunk, encodeByteString } from "../../../../src/protocol/mod.ts";

function scanned(block: string): PublishHeaders {
  const headers = new PublishHeaders();
  const chunk = Chunk.of(encodeByteString(block));
  headers.scan(chunk, 0, chunk.size);
  return headers;
}

Deno.test("publish headers - known names are found, whatever stands around them", () => {
  const headers = scanned(
    "NATS/1.0\r\nX: 1\r\nNats-Msg-Id: a\r\nNats-TTL:5s\r\nNats-Rollup:   all\r\n\r\n",
  );
  assertEquals(headers.count, 3);
  assertEquals(headers.get("msgId"), "a");
  assertEquals(headers.get("ttl"), "5s");
  assertEquals(headers.get("rollup"), "all");
  assertFalse(headers.has("schedule"));
});

Deno.test("publish headers - names are taken as they are, and the first counts", () => {
  const headers = scanned(
    "NATS/1.0\r\nnats-msg-id: no\r\nX-Nats-Msg-Id: no\r\nNats-Msg-Id : no\r\n" +
      "Nats-Msg-Id: yes\r\nNats-Msg-Id: later\r\n\r\n",
  );
  assertEquals(headers.count, 1);
  assertEquals(headers.get("msgId"), "yes");
});

Deno.test("publish headers - an empty value is there and empty", () => {
  const headers = scanned("NATS/1.0\r\nNats-Schedule-Time-Zone:\r\n\r\n");
  assert(headers.has("scheduleTimeZone"));
  assertEquals(headers.get("scheduleTimeZone"), "");
});

Deno.test("publish headers - a line without an end is read to the end", () => {
  assertEquals(scanned("NATS/1.0\r\nNats-Incr: +1").get("increment"), "+1");
  assertEquals(scanned("NATS/1.0\r\nNats-Incr").count, 0);
});

Deno.test("publish headers - no bytes lead astray: equal to a search for each name", () => {
  const pieces = fc.constantFrom(
    "\r\n",
    "\r",
    "\n",
    ":",
    " ",
    "Nats-",
    "a",
    ...Object.values(StreamHeader),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const block = "NATS/1.0" + parts.join("");
      const headers = scanned(block);
      for (const key of Object.keys(StreamHeader) as StreamHeaderKey[]) {
        assertEquals(
          headers.get(key),
          headerValue(block, StreamHeader[key]) ?? "",
        );
      }
    }),
    { seed: 1, numRuns: 3000 },
  );
});

Deno.test("header block - headers are added behind, replaced in place and taken out", () => {
  const block = withHeader(withHeader("", "A", "1"), "B", " 2\r\n3 ");
  assertEquals(block, "NATS/1.0\r\nA: 1\r\nB: 2  3\r\n\r\n");
  assertEquals(
    replacingHeader(block, "A", "long value"),
    "NATS/1.0\r\nA: long value\r\nB: 2  3\r\n\r\n",
  );
  assertEquals(
    replacingHeader(block, "C", "4"),
    "NATS/1.0\r\nA: 1\r\nB: 2  3\r\nC: 4\r\n\r\n",
  );
  assertEquals(withoutHeader(block, "A"), "NATS/1.0\r\nB: 2  3\r\n\r\n");
  assertEquals(withoutHeader(withoutHeader(block, "A"), "B"), "");
  assertEquals(headerValue(block, "B"), "2  3");
  assertEquals(headerValue(block, "C"), null);
});

Deno.test("header block - all headers with a prefix go at once", () => {
  const block =
    "NATS/1.0\r\nNats-Schedule: x\r\nNats-Scheduler: y\r\nK: v\r\nNats-Schedule-TTL: 1\r\n\r\n";
  assertEquals(
    withoutPrefixed(block, "Nats-Schedule"),
    "NATS/1.0\r\nK: v\r\n\r\n",
  );
  assertEquals(withoutPrefixed("NATS/1.0\r\nNats-A: 1\r\n\r\n", "Nats-"), "");
});

Deno.test("header block - what stands behind the version goes", () => {
  assertEquals(withoutStatus("NATS/1.0 503\r\n\r\n"), "");
  assertEquals(
    withoutStatus("NATS/1.0 100 Idle\r\nA: 1\r\n\r\n"),
    "NATS/1.0\r\nA: 1\r\n\r\n",
  );
  const plain = "NATS/1.0\r\nA: 1\r\n\r\n";
  assertEquals(withoutStatus(plain), plain);
});

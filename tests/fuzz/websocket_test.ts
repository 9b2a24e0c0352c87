/** Requests and frames come from whoever connects: nothing in them may hurt. */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { FrameError } from "../../src/websocket/frame.ts";
import { FrameDecoder } from "../../src/websocket/frame_decoder.ts";
import { encodeFrames } from "../../src/websocket/frame_encoder.ts";
import { InflateError, MessageInflater } from "../../src/websocket/deflate.ts";
import { BadRequest, parseHead } from "../../src/websocket/request.ts";
import { frame, joined, textOf } from "../tools/raw_websocket.ts";

/** What a decoder makes of a stream that comes in pieces. */
function decode(
  stream: Uint8Array,
  cuts: readonly number[],
  rules = { masked: true, compression: true },
): string[] {
  const decoder = new FrameDecoder(rules);
  const edges = [...new Set([0, ...cuts, stream.length])]
    .filter((edge) => edge <= stream.length).sort((a, b) => a - b);
  const events: string[] = [];
  let payload = "";
  try {
    for (const [i, from] of edges.entries()) {
      decoder.feed(stream.subarray(from, edges[i + 1] ?? stream.length));
      for (;;) {
        const event = decoder.next();
        if (event === "starved") break;
        if (event === "payload") payload += textOf(decoder.takeAll());
        else {
          events.push(payload, event, textOf(decoder.control));
          payload = "";
        }
      }
    }
  } catch (error) {
    assert(error instanceof FrameError);
    events.push(error.message);
  }
  return [...events, payload];
}

const validFrame = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 9, 10),
  final: fc.boolean(),
  reserved: fc.constantFrom(0, 0, 0, 0x40),
  payload: fc.uint8Array({ maxLength: 300 }),
}).map(frame);
const anyStream = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: validFrame },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  ),
  { maxLength: 12 },
).map(joined);
const anyCuts = fc.array(fc.nat(1000), { maxLength: 20 });

Deno.test("FrameDecoder says the same however its input is cut", () => {
  fc.assert(
    fc.property(anyStream, anyCuts, (stream, cuts) => {
      assertEquals(decode(stream, cuts), decode(stream, []));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("encodeFrames() writes what FrameDecoder reads", () => {
  const rules = fc.record({
    compression: fc.boolean(),
    browser: fc.boolean(),
    wholeCompressed: fc.boolean(),
  });
  const source = fc.uint8Array({
    minLength: 1,
    maxLength: 9000,
    size: "max",
  });
  fc.assert(
    fc.property(source, rules, (bytes, choice) => {
      const decoder = new FrameDecoder({ masked: false, compression: true });
      const inflater = new MessageInflater(() => 0);
      decoder.feed(encodeFrames(bytes, choice));
      let text = "";
      for (;;) {
        const event = decoder.next();
        if (event === "starved") break;
        if (event === "payload" && decoder.compressed) {
          inflater.add(decoder.takeAll());
        } else if (event === "payload") text += textOf(decoder.takeAll());
        else if (decoder.compressed) text += textOf(inflater.finish());
      }
      assertEquals(text, textOf(bytes));
    }),
    { numRuns: 300 },
  );
});

Deno.test("MessageInflater refuses or inflates within its limit", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 600 }),
      fc.nat(500),
      (bytes, max) => {
        const inflater = new MessageInflater(() => max + 1);
        try {
          inflater.add(bytes);
          assert(inflater.finish().length <= max + 1);
        } catch (error) {
          assert(error instanceof InflateError);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("parseHead() understands or refuses whatever comes", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "GET / HTTP/1.1",
      "Host: h",
      "Connection: Upgrade",
      "GET http://h HTTP/1.0",
      ":",
      " x",
    ),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const head = parseHead(`${lines.join("\r\n")}\r\n\r\n`);
      if (head instanceof BadRequest) return;
      assert(/^\S+$/.test(head.method));
      for (const name of head.headers.keys()) assert(/^[^\s:]+$/.test(name));
    }),
    { numRuns: 1000 },
  );
});

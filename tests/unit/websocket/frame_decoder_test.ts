import { assertEquals, assertThrows } from "@std/assert";
import { FrameError } from "../../../src/websocket/frame.ts";
import { FrameDecoder } from "../../../src/websocket/frame_decoder.ts";
import { capability } from "../../tools/capability.ts";
import {
  frame,
  type FrameChoice,
  joined,
  textOf,
} from "../../tools/raw_websocket.ts";

const ROW = "websocket/inbound";
const RULES = { masked: true, compression: false };

/** Events as text; pieces of payload between two of them are one. */
function decode(
  pieces: readonly Uint8Array[],
  rules = RULES,
  room = 1 << 20,
): string[] {
  const decoder = new FrameDecoder(rules);
  const events: string[] = [];
  let payload = "";
  const flush = () => {
    if (payload !== "") events.push(`payload ${payload}`);
    payload = "";
  };
  for (const piece of pieces) {
    decoder.feed(piece);
    for (;;) {
      const event = decoder.next();
      if (event === "starved") break;
      if (event === "payload") {
        const target = new Uint8Array(room);
        payload += textOf(
          target.subarray(0, decoder.take(new DataView(target.buffer), 0)),
        );
        continue;
      }
      flush();
      events.push(
        event === "end"
          ? `end${decoder.compressed ? " compressed" : ""}`
          : `${event} ${textOf(decoder.control)}`,
      );
    }
  }
  flush();
  return events;
}

const STREAM = joined([
  frame({ opcode: 1, payload: "hello" }),
  frame({ final: false, payload: "a" }),
  frame({ opcode: 9, payload: "ping" }),
  frame({ opcode: 0, final: false, payload: "" }),
  frame({ opcode: 10 }),
  frame({ opcode: 0, payload: "bc" }),
  frame(),
  frame({ payload: "x".repeat(126) }),
  frame({ payload: "y", length: [127, 0, 0, 0, 0, 0, 0, 0, 1] }),
  frame({ opcode: 8, payload: "\x03\xe8" }),
]);

const EVENTS = [
  "payload hello",
  "end",
  "payload a",
  "ping ping",
  "pong ",
  "payload bc",
  "end",
  "end",
  `payload ${"x".repeat(126)}`,
  "end",
  "payload y",
  "end",
  "close \x03\xe8",
];

capability("FrameDecoder - takes frames apart", { positive: [ROW] }, () => {
  assertEquals(decode([STREAM]), EVENTS);
});

capability("FrameDecoder - frames may be cut anywhere", { edge: [ROW] }, () => {
  for (let at = 0; at <= STREAM.length; at++) {
    const pieces = [STREAM.subarray(0, at), STREAM.subarray(at)];
    assertEquals(decode(pieces), EVENTS, `cut at ${at}`);
  }
  const bytes = Array.from(STREAM, (byte) => Uint8Array.of(byte));
  assertEquals(decode(bytes), EVENTS);
});

capability(
  "FrameDecoder - keeps its place in the mask when room is short",
  { edge: [ROW] },
  () => {
    for (const room of [1, 2, 3, 5, 7]) {
      assertEquals(decode([STREAM], RULES, room), EVENTS, `room for ${room}`);
    }
  },
);

capability("FrameDecoder - frames without masks", { positive: [ROW] }, () => {
  const rules = { masked: false, compression: false };
  const bare = (choice: FrameChoice) => frame({ ...choice, masked: false });
  const stream = joined([
    bare({ payload: "z".repeat(300) }),
    bare({ opcode: 9, payload: "p" }),
  ]);
  for (let at = 0; at <= stream.length; at++) {
    assertEquals(
      decode([stream.subarray(0, at), stream.subarray(at)], rules),
      [`payload ${"z".repeat(300)}`, "end", "ping p"],
    );
  }
});

capability(
  "FrameDecoder - the first frame tells that a message is compressed",
  { positive: ["websocket/compression-in"] },
  () => {
    const rules = { masked: true, compression: true };
    assertEquals(
      decode([
        frame({ reserved: 0x40, final: false, payload: "a" }),
        frame({ opcode: 0, payload: "b" }),
        frame({ payload: "c" }),
      ], rules),
      ["payload ab", "end compressed", "payload c", "end"],
    );
  },
);

const CONTROL_LENGTH =
  "control frame length bigger than maximum allowed of 125 bytes";
const VIOLATIONS: readonly (readonly [string, ...FrameChoice[]])[] = [
  ["RSV2 and RSV3 must be clear", { reserved: 0x20 }],
  ["RSV2 and RSV3 must be clear", { reserved: 0x10 }],
  [
    "compressed frame received without negotiated permessage-deflate",
    { reserved: 0x40 },
  ],
  ["mask bit missing", { masked: false }],
  ["unknown opcode 3", { opcode: 3 }],
  ["unknown opcode 15", { opcode: 15 }],
  ["invalid continuation frame", { opcode: 0 }],
  ["invalid continuation frame", {}, { opcode: 0 }],
  [
    "new message started before final frame for previous message was received",
    { final: false },
    {},
  ],
  [CONTROL_LENGTH, { opcode: 8, payload: "x".repeat(126) }],
  [CONTROL_LENGTH, { opcode: 9, length: [127, 0, 0, 0, 0, 0, 0, 0, 0] }],
  ["control frame does not have final bit set", { opcode: 9, final: false }],
  [
    "invalid 64-bit payload length",
    { length: [127, 128, 0, 0, 0, 0, 0, 0, 0] },
  ],
];

capability("FrameDecoder - refuses what is malformed", { edge: [ROW] }, () => {
  for (const [text, ...choices] of VIOLATIONS) {
    const stream = joined(choices.map(frame));
    assertThrows(() => decode([stream]), FrameError, text);
    const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
    assertThrows(() => decode(bytes), FrameError, text);
  }
});

capability(
  "FrameDecoder - compression is for the first frame of messages only",
  { edge: [ROW] },
  () => {
    const rules = { masked: true, compression: true };
    const refused = (text: string, ...choices: FrameChoice[]) =>
      assertThrows(() => decode(choices.map(frame), rules), FrameError, text);
    refused("control frame must not be compressed", {
      opcode: 9,
      reserved: 0x40,
    });
    refused("invalid continuation frame", { final: false }, {
      opcode: 0,
      reserved: 0x40,
    });
  },
);

capability(
  "FrameDecoder - a huge length is only a number until bytes come",
  { edge: [ROW] },
  () => {
    const huge = frame({
      payload: "abc",
      length: [127, 127, 255, 255, 255, 255, 255, 255, 255],
    });
    assertEquals(decode([huge]), ["payload abc"]);
  },
);

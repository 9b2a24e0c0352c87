/**
 * Frames, well and badly made.
 *
 * @module
 */

import { deflateRawSync } from "node:zlib";
import {
  bytesOf,
  frame,
  type FrameChoice,
  joined,
  upgradeRequest,
} from "../../tools/raw_websocket.ts";
import {
  COMPRESSED,
  CONNECT,
  text,
  UPGRADE,
  websocket,
  type WebsocketScenario,
} from "./websocket_support.ts";

const PLAIN = websocket();
const COMPRESSING = websocket("compression: true");
const NO_MASKING = upgradeRequest({ "Nats-No-Masking": "true" });

const INBOUND = {
  positive: ["websocket/inbound", "websocket/nats-protocol-stream"],
};
const BAD = { edge: ["websocket/inbound"] };
const CONTROL = {
  positive: ["websocket/ping-pong-close"],
  edge: ["websocket/ping-pong-close"],
};
const DEFLATED = {
  positive: ["websocket/compression-in"],
  edge: ["websocket/compression-in"],
};

function frames(
  name: string,
  proves: WebsocketScenario["proves"],
  ...steps: readonly (Uint8Array | number)[]
): WebsocketScenario {
  return {
    name,
    proves,
    config: PLAIN,
    request: UPGRADE,
    steps: [text(CONNECT), ...steps],
  };
}

function bad(name: string, ...choices: FrameChoice[]): WebsocketScenario {
  return frames(name, BAD, ...choices.map(frame));
}

/** A compressed message as a sender leaves it: without the last four bytes. */
function deflated(payload: string): Uint8Array {
  const all = deflateRawSync(bytesOf(payload), { finishFlush: 2 });
  return new Uint8Array(all.subarray(0, all.length - 4));
}

function compressed(
  name: string,
  ...steps: readonly Uint8Array[]
): WebsocketScenario {
  return {
    name,
    proves: DEFLATED,
    config: COMPRESSING,
    request: COMPRESSED,
    steps: [text(CONNECT), ...steps],
  };
}

const PUBLISHED = "SUB a 1\r\nPUB a 5\r\nhello\r\nPING\r\n";
const LARGE = `SUB a 1\r\nPUB a 70000\r\n${"x".repeat(70_000)}\r\nPING\r\n`;

export const FRAMES: readonly WebsocketScenario[] = [
  frames("several operations in a frame", INBOUND, text(PUBLISHED)),
  frames(
    "an operation in several messages",
    INBOUND,
    ...[...PUBLISHED].map((char) => text(char)),
  ),
  frames("text frames", INBOUND, frame({ opcode: 1, payload: PUBLISHED })),
  frames("64-bit lengths", INBOUND, text(LARGE)),
  frames(
    "longer lengths than needed",
    INBOUND,
    frame({ payload: "PING\r\n", length: [126, 0, 6] }),
    frame({ payload: "PING\r\n", length: [127, 0, 0, 0, 0, 0, 0, 0, 6] }),
  ),
  frames("empty frames", INBOUND, frame(), frame(), text("PING\r\n")),
  frames(
    "fragments with a ping in between",
    INBOUND,
    frame({ final: false, payload: "PI" }),
    frame({ opcode: 0, final: false, payload: "N" }),
    frame({ opcode: 9, payload: "are you there?" }),
    frame({ opcode: 0, payload: "G\r\n" }),
  ),
  frames(
    "frames cut anywhere",
    INBOUND,
    ...Array.from(
      joined([text(PUBLISHED), frame({ opcode: 9, payload: "p" })]),
      (byte) => [Uint8Array.of(byte), 1],
    ).flat(),
  ),
  {
    ...frames("no masks", INBOUND),
    request: NO_MASKING,
    steps: [frame({ masked: false, payload: CONNECT + PUBLISHED })],
  },
  bad("no mask", { masked: false, payload: "PING\r\n" }),
  bad("RSV2", { reserved: 0x20 }),
  bad("RSV3", { reserved: 0x10 }),
  bad("RSV1 without compression", { reserved: 0x40 }),
  bad("an unknown opcode", { opcode: 3 }),
  bad("an unknown control opcode", { opcode: 11 }),
  bad("a continuation of nothing", { opcode: 0 }),
  bad("a message within a message", { final: false, payload: "PI" }, {
    payload: "NG\r\n",
  }),
  bad("a long ping", { opcode: 9, payload: "x".repeat(126) }),
  bad("a fragmented ping", { opcode: 9, final: false }),
  bad("a length of more than 63 bits", {
    length: [127, 128, 0, 0, 0, 0, 0, 0, 0],
  }),
  bad("what comes before a violation counts", { payload: PUBLISHED }, {
    opcode: 5,
  }),
  frames("ping", CONTROL, frame({ opcode: 9 })),
  frames(
    "pings and operations",
    CONTROL,
    frame({ opcode: 9, payload: "1" }),
    frame({ opcode: 9, payload: "2" }),
  ),
  frames("a pong that was not asked for", CONTROL, frame({ opcode: 10 })),
  frames("close without status", CONTROL, frame({ opcode: 8 })),
  frames(
    "close with status",
    CONTROL,
    frame({ opcode: 8, payload: "\x03\xe8" }),
  ),
  frames(
    "close with status and words",
    CONTROL,
    frame({ opcode: 8, payload: "\x0b\xb8good bye" }),
  ),
  frames(
    "close with words that are no UTF-8",
    CONTROL,
    frame({ opcode: 8, payload: "\x03\xe8\xff\xfe" }),
  ),
  frames("close of one byte", CONTROL, frame({ opcode: 8, payload: "\x03" })),
  ...[999, 1004, 1005, 1006, 1015, 1016, 2999, 5000].map((status) =>
    frames(
      `close with status ${status}`,
      CONTROL,
      frame({
        opcode: 8,
        payload: String.fromCharCode(status >> 8, status & 255),
      }),
    )
  ),
  compressed(
    "a compressed message",
    frame({ reserved: 0x40, payload: deflated(PUBLISHED) }),
  ),
  compressed(
    "compressed fragments",
    frame({
      reserved: 0x40,
      final: false,
      payload: deflated(LARGE).subarray(0, 40),
    }),
    frame({ opcode: 9, payload: "in between" }),
    frame({ opcode: 0, payload: deflated(LARGE).subarray(40) }),
  ),
  compressed(
    "compressed and plain messages",
    frame({ reserved: 0x40, payload: deflated("PI") }),
    text("NG\r\n"),
    frame({ reserved: 0x40, payload: deflated("PING\r\n") }),
  ),
  compressed(
    "RSV1 in a continuation",
    frame({ final: false }),
    frame({
      opcode: 0,
      reserved: 0x40,
    }),
  ),
  compressed("a compressed ping", frame({ opcode: 9, reserved: 0x40 })),
  compressed(
    "RSV2 with compression",
    frame({ reserved: 0x60, payload: "x" }),
  ),
];

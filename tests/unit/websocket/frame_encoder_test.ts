import { assertEquals } from "@std/assert";
import { inflateRawSync } from "node:zlib";
import { encodeFrames } from "../../../src/websocket/frame_encoder.ts";
import { capability } from "../../tools/capability.ts";
import {
  bytesOf,
  type Frame,
  joined,
  RawWebsocket,
  textOf,
} from "../../tools/raw_websocket.ts";

const ROW = "websocket/outbound";
const PLAIN = { compression: false, browser: false, wholeCompressed: false };
const COMPRESSING = { ...PLAIN, compression: true };

/** The frames in some bytes. */
async function framesIn(bytes: Uint8Array): Promise<Frame[]> {
  let rest = bytes;
  const reader = new RawWebsocket({
    read(target) {
      if (rest.length === 0) return Promise.resolve(null);
      const part = rest.subarray(0, target.length);
      target.set(part);
      rest = rest.subarray(part.length);
      return Promise.resolve(part.length);
    },
    write: (source) => Promise.resolve(source.length),
    close() {},
  });
  const frames: Frame[] = [];
  for (;;) {
    const next = await reader.frame();
    if (next === null) return frames;
    frames.push(next);
  }
}

function shape(frames: readonly Frame[]): unknown[] {
  return frames.map(({ opcode, final, compressed, payload }) => [
    opcode,
    final,
    compressed,
    payload.length,
  ]);
}

/** Text that does not get smaller by much. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(state & 255);
  }).join("");
}

function inflated(frames: readonly Frame[]): string {
  const tail = Uint8Array.of(0, 0, 255, 255, 1, 0, 0, 255, 255);
  return textOf(
    inflateRawSync(joined([...frames.map(({ payload }) => payload), tail])),
  );
}

capability("encodeFrames - one binary frame", { positive: [ROW] }, async () => {
  for (const length of [1, 125, 126, 65_535, 65_536, 200_000]) {
    const frames = await framesIn(encodeFrames(new Uint8Array(length), PLAIN));
    assertEquals(shape(frames), [[2, true, false, length]]);
  }
  assertEquals(
    encodeFrames(bytesOf("PONG\r\n"), PLAIN),
    bytesOf("\x82\x06PONG\r\n"),
  );
});

capability(
  "encodeFrames - browsers get messages of 4096 bytes at the most",
  { positive: [ROW] },
  async () => {
    const text = noise(10_000);
    const rules = { ...PLAIN, browser: true };
    const frames = await framesIn(encodeFrames(bytesOf(text), rules));
    assertEquals(shape(frames), [
      [2, true, false, 4096],
      [2, true, false, 4096],
      [2, true, false, 1808],
    ]);
    assertEquals(frames.map(({ payload }) => textOf(payload)).join(""), text);
  },
);

capability(
  "encodeFrames - compresses from 65 bytes on",
  { positive: [ROW], edge: [ROW] },
  async () => {
    const short = await framesIn(encodeFrames(new Uint8Array(64), COMPRESSING));
    assertEquals(shape(short), [[2, true, false, 64]]);
    const text = "x".repeat(65);
    const long = await framesIn(encodeFrames(bytesOf(text), COMPRESSING));
    assertEquals(long.map(({ compressed }) => compressed), [true]);
    assertEquals(inflated(long), text);
  },
);

capability(
  "encodeFrames - compressed messages are fragmented for browsers, not for Safari",
  { edge: [ROW] },
  async () => {
    const text = noise(10_000);
    const rules = { ...COMPRESSING, browser: true };
    const frames = await framesIn(encodeFrames(bytesOf(text), rules));
    assertEquals(
      frames.map(({ opcode, final, compressed }) => [
        opcode,
        final,
        compressed,
      ]),
      [[2, false, true], [0, false, false], [0, true, false]],
    );
    assertEquals(inflated(frames), text);
    const whole = await framesIn(
      encodeFrames(bytesOf(text), { ...rules, wholeCompressed: true }),
    );
    assertEquals(whole.length, 1);
    assertEquals(inflated(whole), text);
  },
);

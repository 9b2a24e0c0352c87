import { assertEquals, assertThrows } from "@std/assert";
import { deflateRawSync } from "node:zlib";
import {
  InflateError,
  MessageInflater,
} from "../../../src/websocket/deflate.ts";
import { capability } from "../../tools/capability.ts";
import { bytesOf, textOf } from "../../tools/raw_websocket.ts";

const ROW = "websocket/compression-in";

function deflated(text: string): Uint8Array {
  const all = deflateRawSync(bytesOf(text), { finishFlush: 2 });
  return new Uint8Array(all.subarray(0, all.length - 4));
}

capability("MessageInflater - messages stand for themselves", {
  positive: [ROW],
}, () => {
  const inflater = new MessageInflater(() => 100);
  for (const text of ["hello", "", "hello", "x".repeat(100)]) {
    const bytes = deflated(text);
    for (const byte of bytes) inflater.add(Uint8Array.of(byte));
    assertEquals(textOf(inflater.finish()), text);
  }
});

capability("MessageInflater - limits hold on both sides", {
  edge: [ROW],
}, () => {
  const bomb = new MessageInflater(() => 1000);
  bomb.add(deflated("x".repeat(1001)));
  assertThrows(() => bomb.finish(), InflateError, "maximum payload exceeded");

  const flood = new MessageInflater(() => 100);
  flood.add(new Uint8Array(800));
  assertThrows(
    () => flood.add(new Uint8Array(1)),
    InflateError,
    "maximum payload exceeded",
  );
});

capability("MessageInflater - refuses what can't be inflated", {
  edge: [ROW],
}, () => {
  const inflater = new MessageInflater(() => 0);
  inflater.add(Uint8Array.of(0x07, 0xff, 0xff));
  assertThrows(() => inflater.finish(), InflateError, "flate: corrupt input");
});

import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import { arenaMemory } from "../../../src/protocol/mod.ts";
import { headerAlone } from "../../../src/websocket/frame_encoder.ts";
import { Mask } from "../../../src/websocket/mask.ts";

/** Room for a source and a target, which no connection is using. */
const PLACES = {
  "anywhere": () => [new Uint8Array(200), new Uint8Array(200)],
  "in the arena": () => [
    new Uint8Array(arenaMemory(), arenaMemory().byteLength - 400, 200),
    new Uint8Array(arenaMemory(), arenaMemory().byteLength - 200, 200),
  ],
} as const;

for (const [where, places] of Object.entries(PLACES)) {
  Deno.test(`Mask - does what bytes one by one would do, wherever they stand ${where}`, () => {
    const room = fc.nat(40);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 90 }),
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        room,
        room,
        fc.array(fc.nat(30), { maxLength: 4 }),
        (payload, key, before, after, cuts) => {
          const [source, target] = places() as [Uint8Array, Uint8Array];
          source.set(payload, before);
          target.fill(0xee);
          const mask = new Mask();
          mask.set(key, 0, true);
          let at = 0;
          for (const cut of [...cuts, payload.length]) {
            const count = Math.min(cut, payload.length - at);
            mask.apply(
              viewOf(source),
              before + at,
              viewOf(target),
              after + at,
              count,
            );
            mask.turn(count);
            at += count;
          }
          assertEquals(
            target.slice(after, after + payload.length),
            payload.map((byte, i) => byte ^ (key[i & 3] ?? 0)),
          );
          const around = [
            ...target.subarray(0, after),
            ...target.subarray(after + payload.length),
          ];
          assertEquals(new Set(around), new Set([0xee]));
        },
      ),
    );
  });

  Deno.test(`Mask - goes beyond neither end ${where}`, () => {
    const [source, target] = places() as [Uint8Array, Uint8Array];
    const mask = new Mask();
    const apply = (from: number, at: number) =>
      mask.apply(viewOf(source), from, viewOf(target), at, 100);
    assertThrows(() => apply(101, 0), RangeError);
    assertThrows(() => apply(0, 101), RangeError);
    apply(100, 100);
  });
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

Deno.test("headerAlone - large payloads go as they are, where the peer takes them", () => {
  const plain = { compression: false, browser: false, wholeCompressed: false };
  const large = new Uint8Array(70_000);
  assertEquals(
    headerAlone(large, plain),
    Uint8Array.of(0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70),
  );
  assertEquals(
    headerAlone(large.subarray(0, 16_384), plain),
    Uint8Array.of(0x82, 126, 0x40, 0),
  );
  assertEquals(headerAlone(large.subarray(0, 16_383), plain), null);
  assertEquals(headerAlone(large, { ...plain, browser: true }), null);
  assertEquals(headerAlone(large, { ...plain, compression: true }), null);
});

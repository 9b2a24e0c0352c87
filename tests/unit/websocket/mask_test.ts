import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { headerAlone } from "../../../src/websocket/frame_encoder.ts";
import { Mask } from "../../../src/websocket/mask.ts";

Deno.test("Mask - does what bytes one by one would do, wherever they stand", () => {
  const room = fc.nat(40);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 90 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      room,
      room,
      fc.array(fc.nat(30), { maxLength: 4 }),
      (payload, key, before, after, cuts) => {
        const source = new Uint8Array(before + payload.length);
        source.set(payload, before);
        const target = new Uint8Array(after + payload.length + 8).fill(0xee);
        const mask = new Mask();
        mask.set(key, 0, true);
        let at = 0;
        for (const cut of [...cuts, payload.length]) {
          const count = Math.min(cut, payload.length - at);
          mask.apply(
            new DataView(source.buffer),
            before + at,
            new DataView(target.buffer),
            after + at,
            count,
          );
          mask.turn(count);
          at += count;
        }
        assertEquals(
          target.subarray(after, after + payload.length),
          payload.map((byte, i) => byte ^ (key[i & 3] ?? 0)),
        );
        const around = [
          ...target.subarray(0, after),
          ...target.subarray(after + payload.length),
        ];
        assertEquals(new Set([...around, 0xee]), new Set([0xee]));
      },
    ),
  );
});

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

import { assertEquals, assertThrows } from "@std/assert";
import {
  arenaMemory,
  Chunk,
  CHUNK_SLACK,
  copyChunk,
} from "../../../src/protocol/mod.ts";

const SIZE = 2048;
/** Behind what the pool of connections hands out. */
const AT = arenaMemory().byteLength - 4 * SIZE;

/** Two chunks on both sides of the arena's border, each with a neighbour behind it. */
const PAIRS: readonly (readonly [string, Chunk, Chunk])[] = [
  ["within the arena", inArena(0), inArena(1)],
  ["out of the arena", new Chunk(SIZE), inArena(1)],
  ["into the arena", inArena(0), new Chunk(SIZE)],
  ["elsewhere", new Chunk(SIZE), new Chunk(SIZE)],
];

function inArena(i: number): Chunk {
  return new Chunk(SIZE, arenaMemory(), AT + i * (SIZE + CHUNK_SLACK));
}

for (const [where, target, source] of PAIRS) {
  Deno.test(`copyChunk - copies as much as it is told, ${where}`, () => {
    for (let i = 0; i < SIZE; i++) source.bytes[i] = i * 7 + (i >> 8);
    for (let length = 0; length < 600; length++) {
      const at = length % 13;
      const start = length % 9;
      target.bytes.fill(0);
      const end = copyChunk(target, at, source, start, start + length);
      assertEquals(end, at + length);
      const expected = source.bytes.slice(start, start + length);
      assertEquals(target.bytes.slice(at, end), expected);
      assertEquals(target.bytes.slice(0, at), new Uint8Array(at));
      const behind = target.bytes.slice(end + CHUNK_SLACK - 1);
      assertEquals(behind, new Uint8Array(behind.length));
    }
  });

  Deno.test(`copyChunk - copies nothing beyond a chunk, ${where}`, () => {
    target.bytes.fill(1);
    source.bytes.fill(2);
    for (const length of [40, 60, 300, 1000]) {
      const more = length + CHUNK_SLACK;
      assertThrows(
        () => copyChunk(target, SIZE - length, source, 0, more + 1),
        RangeError,
      );
      assertEquals(source.bytes, new Uint8Array(SIZE).fill(2));
    }
  });
}

Deno.test("copyChunk - reads nothing beyond a chunk in the arena", () => {
  const [target, source] = [inArena(0), inArena(1)];
  assertThrows(
    () => copyChunk(target, 0, source, SIZE - 60, SIZE + 1),
    RangeError,
  );
});

import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import {
  CHUNK_MAX,
  giveChunk,
  READ_MAX,
  takeChunk,
  takeReadChunk,
} from "../../../src/connection/chunk_pool.ts";
import { arenaMemory, type Chunk } from "../../../src/protocol/mod.ts";
import { memoryInUse } from "../../tools/memory.ts";

Deno.test("takeChunk - what busy connections use lies in the arena, apart from each other", () => {
  const chunks = Array.from(
    { length: 20 },
    (_, i) => i % 2 === 0 ? takeReadChunk() : takeChunk(CHUNK_MAX),
  );
  const spans = chunks.map((chunk) => {
    assertEquals(chunk.bytes.buffer, arenaMemory());
    assertEquals(chunk.bytes.byteOffset, chunk.base);
    assertEquals(chunk.base % 4096, chunk.size === READ_MAX ? 0 : 2048);
    return [chunk.base, chunk.base + chunk.view.byteLength] as const;
  }).sort(([a], [b]) => a - b);
  spans.reduce(([, end], next) => {
    assert(next[0] >= end);
    return next;
  });
  chunks.forEach(giveChunk);
});

Deno.test("takeChunk - goes on elsewhere when the arena is full, and takes what is given back", () => {
  const chunks: Chunk[] = [];
  for (let bytes = 0; bytes <= arenaMemory().byteLength; bytes += CHUNK_MAX) {
    chunks.push(takeChunk(CHUNK_MAX));
  }
  const last = chunks.at(-1);
  assertEquals(last?.base, -1);
  assertEquals(last?.size, CHUNK_MAX);
  const [first] = chunks;
  assert(first !== undefined && first.base >= 0);
  giveChunk(first);
  assertEquals(takeChunk(CHUNK_MAX), first);
  chunks.forEach(giveChunk);
});

Deno.test("takeChunk - small chunks leave the arena alone", () => {
  const chunk = takeChunk(READ_MAX / 8);
  assertEquals(chunk.base, -1);
  giveChunk(chunk);
});

Deno.test("giveChunk - only the last user gives back", () => {
  const chunk = takeChunk(CHUNK_MAX);
  chunk.users++;
  giveChunk(chunk);
  const other = takeChunk(CHUNK_MAX);
  assertNotStrictEquals(other, chunk);
  giveChunk(other);
  giveChunk(chunk);
  assertEquals(takeChunk(CHUNK_MAX), chunk);
  giveChunk(chunk);
});

Deno.test("takeChunk - what nobody gave back is there again once it is garbage", async () => {
  const count = Math.ceil(arenaMemory().byteLength / CHUNK_MAX);
  const takeAll = () =>
    Array.from({ length: count }, () => takeChunk(CHUNK_MAX));
  const placed = () => {
    const chunks = takeAll();
    const bases = chunks.map(({ base }) => base).filter((base) => base >= 0);
    chunks.forEach(giveChunk);
    return bases.sort((a, b) => a - b);
  };
  const before = placed();
  takeAll();
  assertEquals(placed(), []);
  await memoryInUse();
  assertEquals(placed(), before);
});

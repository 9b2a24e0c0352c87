import { assert, assertEquals } from "@std/assert";
import { Chunk, isArena } from "../../../src/protocol/mod.ts";
import {
  CHUNK_MAX,
  giveChunk,
  takeChunk,
} from "../../../src/connection/mod.ts";
import { Window } from "../../../src/store/window.ts";

const START = 100;

/** A block, and what has been appended to it. */
class Block {
  readonly chunk = new Chunk(4 * CHUNK_MAX);
  readonly window = new Window();
  end = START;

  /** Appends `size` bytes; tells where they were laid. */
  append(size: number, fill: number): Chunk {
    const chunk = this.window.place(this.chunk, this.end, size);
    const { at } = this.window;
    chunk.bytes.fill(fill, at, at + size);
    this.end += size;
    return chunk;
  }

  /** The bytes that are there, as runs of the same. */
  runs(): [byte: number, count: number][] {
    this.window.settle(this.chunk);
    const runs: [number, number][] = [];
    for (const byte of this.chunk.bytes.subarray(0, this.end)) {
      const last = runs.at(-1);
      if (last?.[0] === byte) last[1]++;
      else runs.push([byte, 1]);
    }
    return runs;
  }
}

Deno.test("window - records are made in the arena and come to their block together", () => {
  const block = new Block();
  const first = block.append(300, 1);
  assert(isArena(first.bytes.buffer));
  assertEquals(block.append(20, 2), first);
  assertEquals([block.window.isEmpty, block.chunk.bytes[START]], [false, 0]);
  assertEquals(block.runs(), [[0, START], [1, 300], [2, 20]]);
  assertEquals(block.window.isEmpty, true);
  // Its memory serves the next.
  assertEquals(block.append(5, 3), first);
  assertEquals(block.runs(), [[0, START], [1, 300], [2, 20], [3, 5]]);
});

Deno.test("window - what does not fit any more begins another one", () => {
  const block = new Block();
  const size = Math.floor(CHUNK_MAX / 2) + 1;
  block.append(size, 1);
  block.append(size, 2);
  assertEquals(block.chunk.bytes[START], 1);
  assertEquals(block.chunk.bytes[START + size], 0);
  assertEquals(block.runs(), [[0, START], [1, size], [2, size]]);
});

Deno.test("window - what is larger than all of it is made in the block", () => {
  const block = new Block();
  block.append(10, 1);
  assertEquals(block.append(CHUNK_MAX + 1, 2), block.chunk);
  assertEquals(block.window.isEmpty, true);
  block.append(10, 3);
  assertEquals(block.runs(), [
    [0, START],
    [1, 10],
    [2, CHUNK_MAX + 1],
    [3, 10],
  ]);
});

Deno.test("window - what is dropped never comes to the block", () => {
  const block = new Block();
  block.append(10, 1);
  block.window.drop();
  assertEquals(block.runs(), [[0, START + 10]]);
});

Deno.test("window - more blocks than there are windows get theirs all the same", () => {
  const blocks = Array.from({ length: 30 }, () => new Block());
  const inArena = blocks.filter((block) => block.append(10, 1) !== block.chunk);
  assert(inArena.length > 0 && inArena.length < blocks.length);
  for (const block of blocks) {
    block.append(10, 2);
    assertEquals(block.runs(), [[0, START], [1, 10], [2, 10]]);
  }
  const after = new Block();
  assert(after.append(10, 1) !== after.chunk);
  after.window.drop();
});

Deno.test("window - without room in the arena, records are made in the block", () => {
  const taken: Chunk[] = [];
  do taken.push(takeChunk(CHUNK_MAX)); while (taken.at(-1)?.base !== -1);
  try {
    const block = new Block();
    assertEquals(block.append(10, 1), block.chunk);
    assertEquals(block.runs(), [[0, START], [1, 10]]);
  } finally {
    taken.forEach(giveChunk);
  }
});

import { assertEquals } from "@std/assert";
import type { Pager } from "../../../src/runtime/mod.ts";
import { BlockSupply, MemoryAccountStores } from "../../../src/store/mod.ts";
import {
  ManualTime,
  message,
  SeededRandom,
  storeOptions,
  textOf,
} from "./support.ts";

/** Streams grow fast when so many blocks are taken at once. */
const MANY = 16;
/** Longer than a supply waits for the next block. */
const LONG = 1000;
const SHORT = 100;

/** Pages in when it is told to. */
class StagedPager implements Pager {
  readonly asked: ArrayBuffer[] = [];
  readonly #waiting: PromiseWithResolvers<void>[] = [];

  pageIn(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const answer = Promise.withResolvers<void>();
    this.asked.push(bytes.buffer);
    this.#waiting.push(answer);
    return answer.promise;
  }

  /** Pages in all there is to, or fails to. */
  async answer(error?: Error): Promise<void> {
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error === undefined) resolve();
      else reject(error);
    }
    await Promise.resolve();
    await Promise.resolve();
  }
}

class World {
  readonly time = new ManualTime();
  readonly pager = new StagedPager();
  readonly supply: BlockSupply;

  constructor(cores = 2) {
    const { time, pager } = this;
    const parts = { clock: time, timers: time, pager, process: { cores } };
    this.supply = new BlockSupply(parts);
  }

  /** Memory of the blocks taken. */
  take(count: number): ArrayBufferLike[] {
    return Array.from(
      { length: count },
      () => this.supply.take().bytes.buffer,
    );
  }
}

Deno.test("while few blocks are taken, none is paged in", async () => {
  const { supply, time, pager } = new World();
  for (let i = 0; i < 10 * MANY; i++) {
    assertEquals(supply.take().size, 1024 * 1024);
    time.pass(SHORT);
  }
  await pager.answer();
  assertEquals(pager.asked.length, 0);
});

Deno.test("while streams grow fast, the next blocks are paged in", async () => {
  const world = new World();
  const { pager, time } = world;
  const first = world.take(MANY);
  const ahead = pager.asked.length;
  assertEquals(ahead > 0, true);
  // What is being paged in belongs to another thread.
  const second = world.take(ahead);
  assertEquals(pager.asked.length, ahead);
  await pager.answer();
  time.pass(SHORT);
  const third = world.take(ahead);
  assertEquals(new Set(third), new Set(pager.asked.slice(0, ahead)));
  // As many as were taken.
  assertEquals(pager.asked.length, 2 * ahead);
  const all = [...first, ...second, ...third];
  assertEquals(new Set(all).size, all.length);
});

Deno.test("when streams grow no more, nothing is kept", async () => {
  const world = new World();
  const { pager, time } = world;
  world.take(MANY);
  await pager.answer();
  const given = world.take(2);
  time.pass(LONG);
  assertEquals(given.some((each) => isGone(each)), false);
  const kept = pager.asked.filter((each) => !given.includes(each));
  const arriving = kept.splice(-2);
  assertEquals(kept.every(isGone), true);
  await pager.answer();
  assertEquals(arriving.every(isGone), true);
  const asked = pager.asked.length;
  world.take(MANY - 1);
  assertEquals(pager.asked.length, asked);
  world.take(1);
  assertEquals(pager.asked.length > asked, true);
});

Deno.test("a platform that can't page in is not asked again", async () => {
  const world = new World();
  world.take(MANY);
  await world.pager.answer(new Error("no such file"));
  const asked = world.pager.asked.length;
  const blocks = world.take(2 * MANY);
  assertEquals(world.pager.asked.length, asked);
  assertEquals(new Set(blocks).size, blocks.length);
});

Deno.test("with one core, nobody could page in meanwhile", () => {
  const world = new World(1);
  world.take(2 * MANY);
  assertEquals(world.pager.asked.length, 0);
});

Deno.test("a stream keeps its messages in blocks that were paged in", async () => {
  const { supply, pager, time } = new World();
  const store = new MemoryAccountStores({
    clock: time,
    timers: time,
    random: new SeededRandom(1),
    turns: { next: () => time.sleep(1) },
    supply,
  }).open(storeOptions());
  const payload = (i: number) => String(i).padStart(4, "0").repeat(100_000);
  const count = 3 * MANY * 2;
  for (let i = 1; i <= count; i++) {
    store.append(message(`a.${i % 3}`, payload(i)));
    await pager.answer();
  }
  assertEquals(pager.asked.length > MANY, true);
  for (let i = 1; i <= count; i++) {
    const stored = store.load(i);
    assertEquals(stored && textOf(stored)[1] === payload(i), true);
  }
  store.stop();
});

function isGone(buffer: ArrayBufferLike): boolean {
  return buffer instanceof ArrayBuffer && buffer.detached;
}

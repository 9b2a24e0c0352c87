import { assert, assertEquals } from "@std/assert";
import { Vigil } from "../../../src/connection/mod.ts";

/** Microtasks within which a vigil, where one is kept, has taken a turn. */
const TURN = 8;

/** A loop whose turns take 10 µs; its clock stands still but for them and pauses. */
class Loop {
  time = 0;
  turns = 0;
  readonly vigil: Vigil;

  constructor(cores = 2) {
    const clock = { monotonic: () => this.time };
    this.vigil = new Vigil({ turns: this, clock, cores });
  }

  next(): Promise<void> {
    this.turns++;
    this.time += 0.01;
    return Promise.resolve();
  }

  /**
   * So many requests, each so many milliseconds after what was sent before and
   * its answer, which take some milliseconds, too.
   */
  async request(
    count: number,
    pause: number,
    { effort = 0, answered = true } = {},
  ): Promise<void> {
    for (let i = 0; i < count; i++) {
      const arrival = this.time + pause;
      while (this.time < arrival) {
        if (await this.#turnless()) this.time = arrival;
      }
      const began = this.time;
      this.time += effort;
      this.vigil.spent(began, this.time, answered ? began - pause : -Infinity);
    }
  }

  /** Turns that a vigil takes after one more request that none follows. */
  async turnsAfterOne(pause = 0.05): Promise<number> {
    await this.request(1, pause);
    const before = this.turns;
    while (!await this.#turnless());
    return this.turns - before;
  }

  async #turnless(): Promise<boolean> {
    const before = this.turns;
    for (let task = 0; task < TURN; task++) await null;
    return this.turns === before;
  }
}

Deno.test("Vigil - is kept while request follows request, for a moment at most", async () => {
  const loop = new Loop();
  await loop.request(1, 0.05);
  assertEquals(loop.turns, 0);
  await loop.request(20, 0.05);
  // Its moment is 0.2 ms.
  const turns = await loop.turnsAfterOne();
  assert(turns > 15 && turns <= 20, `${turns} turns`);
});

Deno.test("Vigil - is kept no more once requests come seldom, and again when they come often", async () => {
  const loop = new Loop();
  await loop.request(20, 0.05);
  await loop.request(3, 5);
  assertEquals(await loop.turnsAfterOne(5), 0);
  assertEquals(await loop.turnsAfterOne(0.05), 0);
  await loop.request(10, 0.05);
  assert(await loop.turnsAfterOne() > 0);
});

Deno.test("Vigil - one miss in ten is forgiven, one in three is not", async () => {
  const forgiven = new Loop();
  await forgiven.request(20, 0.05);
  for (let i = 0; i < 20; i++) {
    await forgiven.request(1, 5);
    await forgiven.request(9, 0.05);
  }
  assert(await forgiven.turnsAfterOne() > 0);

  const wasted = new Loop();
  await wasted.request(20, 0.05);
  for (let i = 0; i < 20; i++) {
    await wasted.request(1, 5);
    await wasted.request(2, 0.05);
  }
  assertEquals(await wasted.turnsAfterOne(), 0);
});

Deno.test("Vigil - is not kept where batches follow each other at once", async () => {
  const loop = new Loop();
  await loop.request(100, 0.001);
  assertEquals(loop.turns, 0);
});

Deno.test("Vigil - is not kept for what is sent without an answer to wait for", async () => {
  const loop = new Loop();
  await loop.request(100, 0.05, { answered: false });
  assertEquals(loop.turns, 0);
  await loop.request(20, 0.05);
  assert(loop.turns > 0);
  await loop.request(3, 0.05, { answered: false });
  assertEquals(await loop.turnsAfterOne(), 0);
});

Deno.test("Vigil - is not kept where answers take their time", async () => {
  const loop = new Loop();
  for (let i = 0; i < 100; i++) {
    loop.time += 2;
    // Its answer has just been sent, long after it had come.
    loop.vigil.spent(loop.time, loop.time, loop.time - 0.05);
  }
  assertEquals(await loop.turnsAfterOne(), 0);
});

Deno.test("Vigil - is not kept for flows, which are handled much at a time", async () => {
  const loop = new Loop();
  await loop.request(100, 0.05, { effort: 0.15 });
  assertEquals(loop.turns, 0);
  await loop.request(100, 0.05, { effort: 0.05 });
  assert(loop.turns > 0);
});

Deno.test("Vigil - the only processor is left to others", async () => {
  const loop = new Loop(1);
  await loop.request(100, 0.05);
  assertEquals(loop.turns, 0);
});

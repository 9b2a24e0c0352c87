import { assert, assertEquals } from "@std/assert";
import { DedupeWindow } from "../../../../src/jetstream/stream/dedupe.ts";
import { StreamWorld } from "./world.ts";

Deno.test("dedupe - an id is known for as long as the window lasts", async () => {
  const world = new StreamWorld();
  const window = new DedupeWindow(1000, world);
  window.add("a", 1, world.clock.now());
  await world.pass(600);
  window.add("b", 2, world.clock.now());
  assertEquals(window.find("a"), 1);
  await world.pass(401);
  assertEquals(window.find("a"), 0);
  assertEquals(window.find("b"), 2);
  await world.pass(700);
  assertEquals(window.size, 0);
});

Deno.test("dedupe - a smaller window forgets at once, none remembers nothing", async () => {
  const world = new StreamWorld();
  const window = new DedupeWindow(10_000, world);
  window.add("old", 1, world.clock.now());
  await world.pass(1000);
  window.add("new", 2, world.clock.now());
  window.resize(500);
  assertEquals(window.find("old"), 0);
  assertEquals(window.find("new"), 2);
  window.resize(0);
  window.add("never", 3, world.clock.now());
  assertEquals(window.find("never"), 0);
});

Deno.test("dedupe - many ids come and go without being kept", async () => {
  const world = new StreamWorld();
  const window = new DedupeWindow(100, world);
  for (let i = 0; i < 5000; i++) {
    window.add(`id-${i}`, i + 1, world.clock.now());
    if (i % 50 === 0) await world.pass(10);
  }
  assertEquals(window.find("id-0"), 0);
  assertEquals(window.find("id-4999"), 5000);
  await world.pass(200);
  assertEquals(window.size, 0);
});

Deno.test("dedupe - very many ids are forgotten little by little", async () => {
  const world = new StreamWorld();
  const window = new DedupeWindow(1000, world);
  const COUNT = 20_000;
  for (let i = 0; i < COUNT; i++) {
    window.add(`id-${i}`, i + 1, world.clock.now());
  }
  await world.pass(1001);
  assert(window.size > COUNT / 2, `${window.size}`);
  assertEquals(window.find("id-0"), 0);
  assertEquals(window.find(`id-${COUNT - 1}`), COUNT);
  await world.pass(200);
  assertEquals(window.size, 0);
});

Deno.test("dedupe - an id that comes again counts from then on", async () => {
  const world = new StreamWorld();
  const window = new DedupeWindow(1000, world);
  window.add("a", 1, world.clock.now());
  await world.pass(600);
  window.add("a", 2, world.clock.now());
  assertEquals(window.size, 1);
  await world.pass(500);
  assertEquals(window.find("a"), 2);
  await world.pass(700);
  assertEquals(window.find("a"), 0);
});

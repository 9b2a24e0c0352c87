/** Maps and tables that take very many entries, compared with simple ones. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { ABSENT, ByteTable } from "../../../src/subject/byte_table.ts";
import { GradualMap, subjectToBytes } from "../../../src/subject/mod.ts";

const MANY = 200_000;

/** Numbers that are the same in every run. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5 | 0;
    return (state >>> 8) % below;
  };
}

Deno.test("a map of many entries is a map", () => {
  const map = new GradualMap<string, number>();
  for (let i = 0; i < MANY; i++) map.set(`${i}`, i);
  for (let i = 0; i < MANY; i += 2) map.set(`${i}`, -i);
  assertEquals(map.size, MANY);
  assertEquals([...map.values()].length, MANY);
  assertEquals([map.get("0"), map.get("1"), map.get("x")], [-0, 1, undefined]);
  assertEquals([map.has("199999"), map.has("200000")], [true, false]);
  for (let i = 0; i < MANY; i++) {
    if (i % 1000 !== 7) assert(map.delete(`${i}`));
  }
  assertEquals(map.delete("0"), false);
  assertEquals(
    [...map.values()],
    Array.from({ length: 200 }, (_, i) => i * 1000 + 7),
  );
  for (let i = 7; i < MANY; i += 1000) assert(map.delete(`${i}`));
  assertEquals([map.size, [...map.values()]], [0, []]);
  map.set("again", 1);
  assertEquals([map.size, map.get("again")], [1, 1]);
});

Deno.test("what changes while a map is read is seen as in a map", () => {
  const map = new GradualMap<number, number>();
  for (let i = 0; i < MANY; i++) map.set(i, i);
  let seen = 0;
  for (const value of map.values()) {
    seen++;
    map.delete(value);
  }
  assertEquals([seen, map.size], [MANY, 0]);
});

/** A table and a map of the same keys. */
class Pair {
  readonly table = new ByteTable();
  readonly ids = new Map<string, number>();

  #key(text: string): [number, DataView, number, number] {
    const bytes = subjectToBytes(text);
    let hash = bytes.length;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    return [hash, new DataView(bytes.buffer), 0, bytes.length];
  }

  find(text: string): number {
    return this.table.find(...this.#key(text));
  }

  add(text: string): void {
    const id = this.table.add(...this.#key(text));
    this.ids.set(text, id);
  }

  delete(text: string): void {
    this.table.delete(this.#key(text)[0], this.ids.get(text) ?? ABSENT);
    this.ids.delete(text);
  }

  check(): void {
    assertEquals(this.table.size, this.ids.size);
    for (const [text, id] of this.ids) {
      if (this.find(text) !== id) assertEquals(this.find(text), id, text);
    }
    assertEquals(new Set(this.ids.values()).size, this.ids.size);
  }
}

Deno.test("a table keeps its keys while it moves", () => {
  const below = chance(4711);
  const pair = new Pair();
  let most = 0;
  // Grows, changes much at about the same size, and shrinks.
  for (const [rounds, wanted] of [[60_000, 9], [60_000, 5], [60_000, 1]]) {
    for (let i = 0; i < (rounds ?? 0); i++) {
      const text = `${below(40_000)}`.padEnd(below(3) * 10, "k");
      const isThere = pair.ids.has(text);
      if (pair.find(text) !== (pair.ids.get(text) ?? ABSENT)) {
        assertEquals(pair.find(text), pair.ids.get(text) ?? ABSENT);
      }
      if (isThere && below(10) >= (wanted ?? 0)) pair.delete(text);
      else if (!isThere && below(10) < (wanted ?? 0)) pair.add(text);
      most = Math.max(most, pair.ids.size);
      if (i % 5_000 === 0) pair.check();
    }
    pair.check();
  }
  assert([...pair.ids.values()].every((id) => id < most));
  for (const text of [...pair.ids.keys()]) pair.delete(text);
  assertEquals([pair.table.size, pair.find("1")], [0, ABSENT]);
  assertLess(pair.table.byteLength, 1000);
});

Deno.test("a large table moves a little with each change", () => {
  const pair = new Pair();
  // The last key before there are too many for 16,384 slots.
  for (let i = 0; i < 12_287; i++) pair.add(`${i}`);
  const before = pair.table.byteLength;
  pair.add("one more");
  const during = pair.table.byteLength;
  for (let i = 0; i < 1100; i++) pair.add(`more ${i}`);
  const after = pair.table.byteLength;
  // Twice as many slots and the old ones; then twice as many.
  assert(during > 2.5 * before, `${during} of ${before}`);
  assert(after < 2.5 * before, `${after} of ${before}`);
  pair.check();
});

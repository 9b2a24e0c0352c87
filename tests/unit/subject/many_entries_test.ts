/** Maps and tables that take very many entries, compared with simple ones. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { ABSENT, ByteTable } from "../../../src/subject/byte_table.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { GradualMap } from "../../../src/subject/gradual_map.ts";
import { ByteStringMap, subjectToBytes } from "../../../src/subject/mod.ts";

const MANY = 100_000;

/** Numbers that are the same in every run. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5 | 0;
    return (state >>> 8) % below;
  };
}

/** What both maps have in common. */
interface AnyMap<K> {
  readonly size: number;
  get(key: K): number | undefined;
  has(key: K): boolean;
  set(key: K, value: number): void;
  delete(key: K): boolean;
  values(): IteratorObject<number>;
}

function sorted(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b);
}

function behavesAsMap<K>(map: AnyMap<K>, key: (i: number) => K): void {
  for (let i = 0; i < MANY; i++) map.set(key(i), i);
  for (let i = 0; i < MANY; i += 2) map.set(key(i), 2 * i);
  assertEquals(map.size, MANY);
  assertEquals([...map.values()].length, MANY);
  assertEquals([0, 1, 2, MANY].map((i) => map.get(key(i))), [
    0,
    1,
    4,
    undefined,
  ]);
  assertEquals([map.has(key(MANY - 1)), map.has(key(MANY))], [true, false]);
  for (let i = 0; i < MANY; i++) {
    if (i % 1000 !== 7 && !map.delete(key(i))) assert(false, `${i}`);
  }
  assertEquals(map.delete(key(0)), false);
  const left = Array.from({ length: MANY / 1000 }, (_, i) => i * 1000 + 7);
  assertEquals(sorted(map.values()), left);
  for (const i of left) assert(map.delete(key(i)));
  assertEquals([map.size, [...map.values()]], [0, []]);
  map.set(key(1), 1);
  assertEquals([map.size, map.get(key(1))], [1, 1]);
}

Deno.test("maps of many entries are maps", () => {
  behavesAsMap(new GradualMap<number, number>(), (i) => i);
  behavesAsMap(
    new ByteStringMap<number>(denoRuntime().random),
    (i) => `\xff${i}`,
  );
});

Deno.test("what is deleted while a map is read is read once", () => {
  const map = new GradualMap<number, number>();
  for (let i = 0; i < MANY; i++) map.set(i, i);
  let seen = 0;
  for (const value of map.values()) {
    seen++;
    map.delete(value);
  }
  assertEquals([seen, map.size], [MANY, 0]);
  const texts = new ByteStringMap<number>(denoRuntime().random);
  for (let i = 0; i < MANY; i++) texts.set(`${i}`, i);
  for (const value of texts.values()) {
    seen--;
    texts.delete(`${value}`);
  }
  assertEquals([seen, texts.size], [0, 0]);
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
  for (const [rounds, wanted] of [[40_000, 9], [40_000, 5], [40_000, 1]]) {
    for (let i = 0; i < (rounds ?? 0); i++) {
      const text = `${below(30_000)}`.padEnd(below(3) * 10, "k");
      const isThere = pair.ids.has(text);
      if (pair.find(text) !== (pair.ids.get(text) ?? ABSENT)) {
        assertEquals(pair.find(text), pair.ids.get(text) ?? ABSENT);
      }
      if (isThere && below(10) >= (wanted ?? 0)) pair.delete(text);
      else if (!isThere && below(10) < (wanted ?? 0)) pair.add(text);
      most = Math.max(most, pair.ids.size);
      if (i % 10_000 === 0) pair.check();
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

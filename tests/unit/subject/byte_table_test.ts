import { assert, assertEquals, assertLess } from "@std/assert";
import { ABSENT, ByteTable } from "../../../src/subject/byte_table.ts";
import { subjectToBytes } from "../../../src/subject/mod.ts";

/** A table fed with strings, all of which hash to one of a few values. */
class Table {
  readonly table = new ByteTable();

  constructor(readonly hashes: number) {}

  #key(text: string): [number, DataView, number, number] {
    const bytes = subjectToBytes(text);
    return [
      text.length % this.hashes,
      new DataView(bytes.buffer),
      0,
      bytes.length,
    ];
  }

  find(text: string): number {
    return this.table.find(...this.#key(text));
  }

  add(text: string): number {
    return this.table.add(...this.#key(text));
  }

  delete(text: string): void {
    this.table.delete(this.#key(text)[0], this.find(text));
  }
}

Deno.test("colliding keys are told apart by their bytes", () => {
  const table = new Table(1);
  const keys = Array.from({ length: 300 }, (_, i) => `key${i}`);
  const ids = keys.map((key) => table.add(key));
  assertEquals(new Set(ids).size, keys.length);
  assertEquals(keys.map((key) => table.find(key)), ids);
  assertEquals(table.find("key"), ABSENT);
  assertEquals(table.find("key300"), ABSENT);
});

Deno.test("removing keys from a run leaves the others in reach", () => {
  const table = new Table(3);
  const keys = Array.from({ length: 100 }, (_, i) => "k".repeat(i));
  for (const key of keys) table.add(key);
  for (let i = 0; i < keys.length; i += 2) table.delete(keys[i] ?? "");
  for (const [i, key] of keys.entries()) {
    assertEquals(table.find(key) === ABSENT, i % 2 === 0, `${i}`);
  }
  assertEquals(table.table.size, 50);
});

Deno.test("ids stay dense and the arena doesn't grow with churn", () => {
  const table = new Table(7);
  table.add("resident");
  for (let i = 0; i < 10_000; i++) {
    const key = `${i}`.padStart(50, "x");
    assertLess(table.add(key), 2);
    assertEquals(table.find("resident"), 0);
    table.delete(key);
  }
  assertEquals(table.table.size, 1);
  assertLess(table.table.byteLength, 1000);
});

Deno.test("a table shrinks when most keys have gone", () => {
  const table = new Table(100);
  const keys = Array.from({ length: 2000 }, (_, i) => `${i}`.padEnd(i % 99));
  for (const key of keys) table.add(key);
  const full = table.table.byteLength;
  for (const key of keys.slice(20)) table.delete(key);
  // The arena follows when it next runs out of room.
  for (let i = 0; i < 4000; i++) {
    const key = `${i}`.padEnd(98);
    table.add(key);
    table.delete(key);
  }
  assertLess(8 * table.table.byteLength, full);
  assert(keys.slice(0, 20).every((key) => table.find(key) !== ABSENT));
});

Deno.test("a table that was emptied starts over", () => {
  const table = new Table(50);
  for (let round = 0; round < 3; round++) {
    const keys = Array.from({ length: 1000 }, (_, i) => `${round}.${i}`);
    const ids = keys.map((key) => table.add(key));
    assertEquals(Math.max(...ids), 999);
    for (const key of keys) table.delete(key);
    assertEquals(table.table.size, 0);
    assert(keys.every((key) => table.find(key) === ABSENT));
  }
});

Deno.test("the empty key is a key", () => {
  const table = new Table(2);
  assertEquals(table.find(""), ABSENT);
  const id = table.add("");
  assertEquals(table.find(""), id);
});

Deno.test("one key may be longer than all that the arena has held", () => {
  const table = new Table(5);
  for (const length of [60, 55, 400, 3000, 100_000]) {
    const key = "k".repeat(length);
    table.add("x".repeat(length / 2));
    table.delete("x".repeat(length / 2));
    table.add(key);
    assertEquals(table.find(key), 0, `${length}`);
    table.delete(key);
  }
});

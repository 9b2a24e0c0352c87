/**
 * Names in the order in which they came, against a list of them.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { NameQueue } from "../../../../src/store/index/name_queue.ts";

const random = { below: (limit: number) => Math.floor(limit / 3) };

interface Entry {
  readonly name: string;
  readonly sequence: number;
  readonly time: number;
  known: boolean;
}

/** What a queue is to be. */
class Model {
  readonly entries: Entry[] = [];

  find(name: string): number {
    const found = this.entries.find((each) => each.known && each.name === name);
    return found?.sequence ?? 0;
  }

  push(name: string, sequence: number, time: number): void {
    for (const each of this.entries) {
      if (each.name === name) each.known = false;
    }
    this.entries.push({ name, sequence, time, known: true });
  }
}

const LONG = ["x".repeat(70_000), "y".repeat(70_000)];
const names = fc.constantFrom(
  ...["", "a", "b", "ab", "é", "a".repeat(300)],
  ...LONG,
  ...Array.from({ length: 40 }, (_, i) => `id-${i}`),
);
const actions = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ push: names }) },
    { weight: 4, arbitrary: fc.constant({ push: null }) },
  ),
  { maxLength: 200 },
);

Deno.test("name queue - names are known until they go or come again", () => {
  fc.assert(fc.property(actions, (list) => {
    const queue = new NameQueue(random);
    const model = new Model();
    for (const [i, { push }] of list.entries()) {
      // Sequences and times may need more than 32 bits.
      const sequence = 2 ** 40 + i;
      const time = 1_700_000_000_000 + i;
      if (push === null) {
        queue.shift();
        model.entries.shift();
      } else {
        queue.push(push, sequence, time);
        model.push(push, sequence, time);
        assertEquals(queue.find(push), sequence);
      }
      const known = model.entries.filter((each) => each.known);
      assertEquals(queue.size, known.length);
      assertEquals(queue.firstTime, model.entries[0]?.time ?? Infinity);
      if (i % 10 > 0) continue;
      for (const { name } of model.entries) {
        assertEquals(queue.find(name), model.find(name));
      }
      assertEquals(queue.find("never"), 0);
    }
  }));
});

Deno.test("name queue - the empty name is one like others", () => {
  const queue = new NameQueue(random);
  queue.push("", 1, 1);
  assertEquals(queue.find("other"), 0);
  assertEquals(queue.find(""), 1);
  queue.push("", 2, 2);
  assertEquals([queue.size, queue.find("")], [1, 2]);
});

Deno.test("name queue - memory is used again, and given back at the end", () => {
  const queue = new NameQueue(random);
  const COUNT = 20_000;
  let most = 0;
  for (let i = 0; i < 10 * COUNT; i++) {
    queue.push(`some-longer-id-${i}`, i + 1, i);
    if (i >= COUNT) queue.shift();
    most = Math.max(most, i % 1000 === 0 ? queue.byteLength : 0);
  }
  assertEquals(queue.size, COUNT);
  assertEquals(queue.find(`some-longer-id-${10 * COUNT - 1}`), 10 * COUNT);
  assert(most < 200 * COUNT, `${most}`);
  while (queue.firstTime < Infinity) queue.shift();
  assertEquals(queue.size, 0);
  assert(queue.byteLength < 10_000, `${queue.byteLength}`);
});

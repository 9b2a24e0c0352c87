/** The order of what is listed. */

import { assert, assertEquals } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import { byName } from "../../../../src/jetstream/api/paging.ts";
import { compareBytes } from "../../../../src/jetstream/json/kind.ts";

/** Entries that count how often they are asked for their names. */
function entries(names: readonly string[]) {
  const count = { asked: 0 };
  const all = names.map((text) => ({
    get name() {
      count.asked++;
      return text;
    },
  }));
  return { all, count };
}

function shuffled(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `c${(i * 7919) % count}`);
}

Deno.test("lists are in the order of names, however long they are", () => {
  for (const count of [0, 1, 2, 511, 512, 513, 1500, 5000]) {
    const names = shuffled(count);
    const sorted = finish(byName(entries(names).all)).map(({ name }) => name);
    assertEquals(sorted, names.toSorted(compareBytes));
  }
  const strange = ["ä", "a", "\u{1f600}", "\uffff", "", "Z", "aa"];
  assertEquals(
    finish(byName(entries(strange).all)).map(({ name }) => name),
    ["", "Z", "a", "aa", "ä", "\uffff", "\u{1f600}"],
  );
});

Deno.test("very long lists are sorted in small steps", () => {
  const { all, count } = entries(shuffled(10_000));
  const work = byName(all);
  let steps = 0;
  for (;; steps++) {
    count.asked = 0;
    const { done } = work.next();
    // Comparing each of a run with half of the others of it would be more.
    assert(count.asked < 12_000, `${count.asked} names in one step`);
    if (done) break;
  }
  assert(steps > 60, `${steps} steps`);
});

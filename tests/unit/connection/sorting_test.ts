import { assert, assertEquals } from "@std/assert";
import { finish, sorting } from "../../../src/connection/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";

const random = new SeededRandom(7n);

function numbers(count: number, below: number): number[] {
  return Array.from({ length: count }, () => random.below(below));
}

Deno.test("sorting - orders as Array.sort does, whatever the length", () => {
  for (const count of [0, 1, 2, 511, 512, 513, 1024, 1025, 5000]) {
    const given = numbers(count, 1 << 30);
    const kept = [...given];
    const sorted = finish(sorting(given, (a, b) => a - b));
    assertEquals(sorted, given.toSorted((a, b) => a - b));
    assertEquals(given, kept);
  }
});

Deno.test("sorting - leaves what is equal in its order", () => {
  const given = numbers(3000, 10).map((key, place) => ({ key, place }));
  const sorted = finish(sorting(given, (a, b) => a.key - b.key));
  assertEquals(sorted, given.toSorted((a, b) => a.key - b.key));
});

Deno.test("sorting - compares little in one step", () => {
  let comparisons = 0;
  const work = sorting(numbers(50_000, 1 << 30), (a, b) => {
    comparisons++;
    return a - b;
  });
  let most = 0;
  for (let step = work.next(); !step.done; step = work.next()) {
    most = Math.max(most, comparisons);
    comparisons = 0;
  }
  assert(most > 0 && most < 10_000, `${most} comparisons`);
});

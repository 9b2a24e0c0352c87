import { assert, assertEquals, assertGreater } from "@std/assert";
import { drawMember } from "../../../src/subject/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { indexOf, matchIn, member, withAndWithoutCache } from "./support.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

withAndWithoutCache(
  "a weighted queue subscription is one member that is drawn by weight",
  { positive: [id("remote-queue-weight")] },
  (cacheSize) => {
    const index = indexOf([
      member("foo", "q", "local1"),
      member("foo", "q", "local2"),
      member("*", "q", "local3"),
      member("foo", "q", "remote", 7),
    ], cacheSize);
    const result = matchIn(index, "foo");
    assertEquals(result.queues.map((group) => group.length), [4]);
    assertEquals(result.weights, [10]);
    const random = new SeededRandom(1n);
    const drawn = new Map<string, number>();
    for (let i = 0; i < 100_000; i++) {
      const name = result.queues[0]?.[drawMember(result, 0, random)]?.name ??
        "";
      drawn.set(name, (drawn.get(name) ?? 0) + 1);
    }
    for (const [name, share] of drawn) {
      const expected = name === "remote" ? 70_000 : 10_000;
      assert(Math.abs(share - expected) < 1500, `${name}: ${share}`);
    }
    assertEquals(drawn.size, 4);
  },
);

withAndWithoutCache(
  "a changed weight reaches later results, and an earlier one stays usable",
  { edge: [id("remote-queue-weight")] },
  (cacheSize) => {
    for (const subject of ["foo", "*"]) {
      const remote = member(subject, "q", "remote", 5);
      const index = indexOf([member("foo", "q"), remote], cacheSize);
      const before = matchIn(index, "foo");
      assertEquals(before.weights, [6]);
      const { generation } = index;
      remote.queueWeight = 1;
      index.updateWeight(remote);
      assertGreater(index.generation, generation);
      assertEquals(matchIn(index, "foo").weights, [2]);
      const random = new SeededRandom(2n);
      for (let i = 0; i < 100; i++) {
        assert(drawMember(before, 0, random) < 2);
      }
    }
  },
);

Deno.test("drawing from a group without weights is uniform", () => {
  const index = indexOf(
    ["a", "b", "c"].map((name) => member("foo", "q", name)),
  );
  const result = matchIn(index, "foo");
  const random = new SeededRandom(3n);
  const drawn = [0, 0, 0];
  for (let i = 0; i < 30_000; i++) {
    const place = drawMember(result, 0, random);
    drawn[place] = (drawn[place] ?? 0) + 1;
  }
  for (const share of drawn) assert(Math.abs(share - 10_000) < 500, `${share}`);
});

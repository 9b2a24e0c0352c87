/** How it is found out whether filters of consumers have subjects in common. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Claims } from "../../../../src/jetstream/stream/claims.ts";
import { ConsumerIndex } from "../../../../src/jetstream/stream/consumer_index.ts";
import { subjectsCollide } from "../../../../src/subject/mod.ts";
import { FakeConsumer } from "./world.ts";

const MANY = 3000;

/** Short, so that they have much in common. */
const FILTER = fc.tuple(
  fc.array(fc.constantFrom("a", "b", "*"), { minLength: 1, maxLength: 3 }),
  fc.boolean(),
).map(([tokens, rest]) => [...tokens, ...(rest ? [">"] : [])].join("."));

Deno.test("claims - filters collide if a comparison of each with each says so", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(FILTER, fc.integer({ min: 0, max: 3 })), {
      maxLength: 8,
    }),
    fc.array(FILTER, { minLength: 1, maxLength: 4 }),
    fc.nat(),
    (held, asked, gone) => {
      const claims = new Claims();
      const holders = [0, 1, 2, 3].map((i) => new FakeConsumer(`C${i}`));
      // Nobody hears of these.
      (holders[3] as FakeConsumer).config.direct = true;
      for (const [filter, i] of held) {
        claims.add(holders[i] as FakeConsumer, filter);
      }
      const left = held.filter((_, i) => i !== gone % (held.length + 1));
      for (
        const [filter, i] of held.slice(gone % (held.length + 1)).slice(0, 1)
      ) {
        claims.remove(holders[i] as FakeConsumer, filter);
      }
      for (const filter of asked) {
        assertEquals(
          claims.collide(filter, "C1"),
          left.some(([other, i]) =>
            i !== 1 && i !== 3 && subjectsCollide(filter, other)
          ),
          `${filter} among ${left.join(" ")}`,
        );
      }
    },
  ));
});

/** Counts how often anybody's name is looked at. */
class Named extends FakeConsumer {
  static looks = 0;
  readonly #name: string;

  constructor(name: string, filters: readonly string[]) {
    super(name, filters);
    this.#name = name;
    Object.defineProperty(this, "name", {
      get: () => {
        Named.looks++;
        return this.#name;
      },
    });
  }
}

Deno.test("claims - of very many consumers few are compared with a new one", () => {
  const index = new ConsumerIndex(1);
  const filter = (i: number) => i % 2 === 0 ? `w.${i}.*` : `w.${i}.x`;
  for (let i = 0; i < MANY; i++) {
    index.add(new Named(`C${i}`, [filter(i)]));
  }
  Named.looks = 0;
  for (let i = 0; i < MANY; i++) {
    assertEquals(index.isClaimed([filter(i)], `C${i}`), false);
    assert(index.isClaimed([filter(i)], "other"));
  }
  assert(Named.looks < 5 * MANY, `${Named.looks} looks`);
});

Deno.test("claims - follow consumers that come, change and go", () => {
  const index = new ConsumerIndex(1);
  assertEquals(index.isClaimed(["a"], ""), false);
  const one = new FakeConsumer("one", ["a.*"]);
  index.add(one);
  assert(index.isClaimed(["*.b"], "other"));
  assertEquals(index.isClaimed(["*.b"], "one"), false);
  Object.assign(one, { filters: ["b"] });
  index.refilter(one);
  assertEquals(index.isClaimed(["*.b"], "other"), false);
  assert(index.isClaimed(["b"], "other"));
  const all = new FakeConsumer("all");
  index.add(all);
  assert(index.isClaimed(["c"], "one"));
  index.remove(all);
  index.remove(one);
  assertEquals(index.isClaimed([">"], ""), false);
});

import { assert, assertEquals, assertFalse } from "@std/assert";
import { SubjectFilter } from "../../../src/subject/mod.ts";

Deno.test("subject filter - no patterns, an empty one and `>` let all through", () => {
  for (const filter of [[], [""], [">"], ["a", ">"]]) {
    const { isAll, literal } = SubjectFilter.of(...filter);
    assert(isAll);
    assertEquals(literal, null);
  }
  assert(SubjectFilter.ALL.matches("any.thing"));
});

Deno.test("subject filter - one literal is known as such", () => {
  const filter = SubjectFilter.of("a.b");
  assertEquals(filter.literal, "a.b");
  assert(filter.matches("a.b"));
  assertFalse(filter.matches("a.b.c"));
});

Deno.test("subject filter - literals and patterns add up", () => {
  const filter = SubjectFilter.of("a.b", "c.*", "d.>");
  assertEquals(filter.literal, null);
  const matching = ["a.b", "c.x", "d.e.f"];
  assert(matching.every((subject) => filter.matches(subject)));
  const others = ["a", "a.b.c", "c", "c.x.y", "d"];
  assertFalse(others.some((subject) => filter.matches(subject)));
});

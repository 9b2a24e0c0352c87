/**
 * Searches among the subjects of a stream, against a list of them.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SubjectTable } from "../../../../src/store/index/subject_table.ts";
import { SubjectFilter } from "../../../../src/subject/mod.ts";

const random = { below: (limit: number) => Math.floor(limit / 3) };
const token = fc.constantFrom("a", "b", "ab", "abc", "b0", "0", "9", "é");
const subjects = fc.array(
  fc.array(token, { minLength: 1, maxLength: 4 }).map((t) => t.join(".")),
  { maxLength: 60 },
);
const pattern = fc.tuple(
  fc.array(fc.oneof(token, fc.constant("*")), { minLength: 1, maxLength: 4 }),
  fc.boolean(),
).map(([tokens, open]) => [...tokens, ...(open ? [">"] : [])].join("."));
const patterns = fc.array(fc.oneof(pattern, fc.constant(">")), {
  minLength: 1,
  maxLength: 4,
});

function tableOf(names: Iterable<string>): SubjectTable {
  const table = new SubjectTable(random);
  for (const name of new Set(names)) table.add(name);
  return table;
}

Deno.test("subject search - finds each subject that matches once", () => {
  fc.assert(fc.property(subjects, patterns, (names, wanted) => {
    const table = tableOf(names);
    const filter = SubjectFilter.of(...wanted);
    const found: string[] = [];
    table.match(filter, (id) => found.push(table.name(id)));
    const expected = [...new Set(names)].filter((name) => filter.matches(name));
    assertEquals(found.sort(), expected.sort());
  }));
});

Deno.test("subject search - one pattern finds subjects in the order of their bytes", () => {
  fc.assert(fc.property(subjects, pattern, (names, wanted) => {
    const table = tableOf(names);
    const found: string[] = [];
    table.match(SubjectFilter.of(wanted), (id) => found.push(table.name(id)));
    assertEquals(found, [...found].sort());
  }));
});

/** What happens while a search rests. */
const change = fc.record({
  steps: fc.integer({ min: 1, max: 6 }),
  add: fc.option(
    fc.array(token, { minLength: 1, maxLength: 4 }).map((t) => t.join(".")),
  ),
  remove: fc.nat(),
});

Deno.test("subject search - subjects may come and go while it rests", () => {
  fc.assert(
    fc.property(
      subjects,
      patterns,
      fc.array(change, { maxLength: 30 }),
      (names, wanted, changes) => {
        const table = tableOf(names);
        const filter = SubjectFilter.of(...wanted);
        const there = new Set(names);
        const always = new Set(there);
        const ever = new Set(there);
        const found: string[] = [];
        const search = table.search(filter);
        const visit = (id: number) => found.push(table.name(id));
        for (const { steps, add, remove } of changes) {
          if (!search.step(steps, visit)) return;
          for (const name of ever) {
            if (!always.has(name) || !filter.matches(name)) continue;
            assertEquals(search.hasFound(name), found.includes(name), name);
          }
          if (add !== null && !there.has(add)) {
            table.add(add);
            there.add(add);
            ever.add(add);
          }
          const gone = [...there][remove % (there.size + 1)];
          if (gone === undefined) continue;
          table.delete(table.find(gone));
          there.delete(gone);
          always.delete(gone);
        }
        search.run(visit);
        for (const name of always) {
          if (!filter.matches(name)) continue;
          assertEquals(found.filter((each) => each === name).length, 1, name);
        }
        for (const name of found) {
          assert(ever.has(name) && filter.matches(name));
        }
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("subject search - passes over what can't match", () => {
  const table = new SubjectTable(random);
  for (let group = 0; group < 100; group++) {
    for (let i = 0; i < 1000; i++) table.add(`s.${1000 + group}.${1000 + i}`);
  }
  let steps = 0;
  let found = 0;
  const search = table.search(SubjectFilter.of("s.*.1007"));
  while (search.step(1, () => found++)) steps++;
  assertEquals(found, 100);
  // What comes behind a match is not looked at, but for the first of it.
  assert(steps <= 100 * 6, `${steps} steps`);
});

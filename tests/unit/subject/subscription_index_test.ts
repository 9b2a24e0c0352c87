import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { EMPTY_RESULT, SubjectIndexError } from "../../../src/subject/mod.ts";
import {
  groupNames,
  indexOf,
  matchIn,
  member,
  namesOf,
  plain,
  plainNames,
  withAndWithoutCache,
} from "./support.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

withAndWithoutCache(
  "insert() takes a subscription once and counts it",
  { positive: [id("insert")] },
  (cacheSize) => {
    const foo = plain("foo");
    const wild = plain("foo.*");
    const index = indexOf(
      [foo, foo, wild, wild, plain("foo", "other")],
      cacheSize,
    );
    assertEquals(index.count, 3);
    assertEquals(plainNames(index, "foo"), ["foo", "other"]);
    assertEquals(plainNames(index, "foo.bar"), ["foo.*"]);
  },
);

withAndWithoutCache(
  "insert() refuses malformed subjects",
  { edge: [id("insert")] },
  (cacheSize) => {
    const index = indexOf([], cacheSize);
    for (
      const subject of ["", ".", ".foo", "foo.", "foo..bar", "foo.>.bar", ">.a"]
    ) {
      assertThrows(
        () => index.insert(plain(subject)),
        SubjectIndexError,
        "sublist: invalid subject",
      );
    }
    assertEquals(index.count, 0);
    assertEquals(index.generation, 0);
  },
);

withAndWithoutCache(
  "match() finds literals, * and >",
  { positive: [id("match")] },
  (cacheSize) => {
    const subjects = [
      "foo",
      "foo.bar",
      "*.bar",
      "foo.*",
      "foo.>",
      "*",
      ">",
      "*.*",
    ];
    const index = indexOf(subjects.map((subject) => plain(subject)), cacheSize);
    for (let round = 0; round < 2; round++) {
      assertEquals(plainNames(index, "foo"), ["*", ">", "foo"]);
      assertEquals(
        plainNames(index, "foo.bar"),
        ["*.*", "*.bar", ">", "foo.*", "foo.>", "foo.bar"],
      );
      assertEquals(plainNames(index, "a.bar"), ["*.*", "*.bar", ">"]);
      assertEquals(plainNames(index, "foo.bar.baz"), [">", "foo.>"]);
    }
  },
);

withAndWithoutCache(
  "> does not match zero tokens, nor a prefix a longer subject",
  { edge: [id("match")] },
  (cacheSize) => {
    const index = indexOf(
      [plain("foo.>"), plain("foo.*.bar"), plain("foo.bar.baz")],
      cacheSize,
    );
    assertEquals(plainNames(index, "foo"), []);
    assertEquals(plainNames(index, "foo.bar"), ["foo.>"]);
    assertEquals(plainNames(index, "fo.bar.baz"), []);
    assertEquals(plainNames(index, "foo.bar.baz.x"), ["foo.>"]);
  },
);

withAndWithoutCache(
  "queue groups form one group over all matching subjects",
  { positive: [id("match")] },
  (cacheSize) => {
    const index = indexOf([
      member("foo", "q1", "a"),
      member("*", "q1", "b"),
      member(">", "q1", "c"),
      member("foo", "q2", "d"),
      plain("foo"),
      member("bar", "q1", "e"),
    ], cacheSize);
    assertEquals(groupNames(index, "foo"), { q1: ["a", "b", "c"], q2: ["d"] });
    assertEquals(plainNames(index, "foo"), ["foo"]);
    assertEquals(groupNames(index, "bar"), { q1: ["b", "c", "e"] });
  },
);

withAndWithoutCache(
  "wildcard characters inside a token are literal",
  { positive: [id("tokens")], edge: [id("tokens")] },
  (cacheSize) => {
    const subjects = ["foo.*-", "foo.>-", "*x", "foo.**"];
    const index = indexOf(subjects.map((subject) => plain(subject)), cacheSize);
    for (const subject of subjects) {
      assertEquals(plainNames(index, subject), [subject]);
    }
    assertEquals(plainNames(index, "foo.a-"), []);
    assertEquals(plainNames(index, "ax"), []);
    for (const subscription of [...index]) index.remove(subscription);
    assertEquals(index.count, 0);
  },
);

withAndWithoutCache(
  "a subject with an empty token matches nothing, not even >",
  {
    positive: [id("empty-tokens-in-match")],
    edge: [id("empty-tokens-in-match")],
  },
  (cacheSize) => {
    const index = indexOf([
      plain(">"),
      plain("*.*"),
      plain("*.*.*"),
      plain("foo.>"),
      member(">", "q"),
    ], cacheSize);
    for (
      const subject of ["", ".", ".foo", "..foo", "foo.", "foo..", "foo..bar"]
    ) {
      assertStrictEquals(matchIn(index, subject), EMPTY_RESULT, subject);
      assertFalse(index.hasInterest(subject), subject);
    }
    assertEquals(plainNames(index, "foo.bar"), ["*.*", ">", "foo.>"]);
  },
);

withAndWithoutCache(
  "a wildcard token in a published subject is only matched by wildcards",
  { edge: [id("match")] },
  (cacheSize) => {
    const index = indexOf(
      [plain("foo.bar"), plain("foo.*"), plain("foo.>"), plain("*.bar")],
      cacheSize,
    );
    assertEquals(plainNames(index, "foo.*"), ["foo.*", "foo.>"]);
    assertEquals(plainNames(index, "foo.>"), ["foo.*", "foo.>"]);
    assertEquals(plainNames(index, "*.bar"), ["*.bar"]);
  },
);

withAndWithoutCache(
  "remove() takes out the very object",
  { positive: [id("remove")] },
  (cacheSize) => {
    const all = [
      plain("a.b.c.d", "1"),
      plain("a.b.c.d", "2"),
      plain("a.b.c.*", "3"),
      plain("a.*.c.>", "4"),
      member("a.b.c.d", "q", "5"),
      member("a.b.c.d", "q", "6"),
      member("a.>", "q", "7"),
    ];
    const index = indexOf(all, cacheSize);
    const left = new Set(all);
    for (const subscription of all) {
      matchIn(index, "a.b.c.d");
      index.remove(subscription);
      left.delete(subscription);
      assertEquals(index.count, left.size);
      const result = matchIn(index, "a.b.c.d");
      assertEquals(
        namesOf([...result.plain, ...result.queues.flat()]),
        namesOf(left),
      );
    }
    assertStrictEquals(matchIn(index, "a.b.c.d"), EMPTY_RESULT);
    assertEquals([...index], []);
  },
);

withAndWithoutCache(
  "remove() reports what is not there and what can't be",
  { edge: [id("remove")] },
  (cacheSize) => {
    const present = [
      plain("foo"),
      plain("foo.bar.*"),
      member("foo.q", "q"),
      plain("foo.>"),
    ];
    const index = indexOf(present, cacheSize);
    const absent = [
      plain("foo"),
      plain("foo.bar.*"),
      plain("foo.bar"),
      plain("foo.>"),
      plain("foo.*.>"),
      plain("fooo"),
      plain(">"),
      plain("foo.bar.*.*"),
      member("foo.q", "q"),
      member("foo.q", "other"),
      member("foo", "q"),
    ];
    for (const subscription of absent) {
      assertThrows(
        () => index.remove(subscription),
        SubjectIndexError,
        "sublist: no matches found",
      );
    }
    for (const subject of ["a..b", "", "a.>.b", "."]) {
      assertThrows(
        () => index.remove(plain(subject)),
        SubjectIndexError,
        "sublist: invalid subject",
      );
    }
    assertEquals(index.count, present.length);
    assertEquals(plainNames(index, "foo"), ["foo"]);
  },
);

withAndWithoutCache(
  "removeBatch() removes many and drops cached results",
  { positive: [id("removebatch")] },
  (cacheSize) => {
    const going = Array.from({ length: 100 }, (_, i) => plain(`a.${i}.b`));
    const staying = [plain("a.*.b"), plain("a.7.b", "other")];
    const index = indexOf([...going, ...staying], cacheSize);
    assertEquals(plainNames(index, "a.7.b").length, 3);
    index.removeBatch(going);
    assertEquals(index.count, 2);
    assertEquals(plainNames(index, "a.7.b"), ["a.*.b", "other"]);
    index.removeBatch([]);
    assertEquals(index.cacheEnabled, cacheSize > 0);
  },
);

withAndWithoutCache(
  "removeBatch() goes on after errors and throws the first",
  { edge: [id("removebatch")] },
  (cacheSize) => {
    const index = indexOf([plain("keep")], cacheSize);
    const going = [plain("a"), plain("b.*"), plain("c")];
    for (const subscription of going) index.insert(subscription);
    assertThrows(
      () => index.removeBatch([plain("none"), ...going, plain("a..b")]),
      SubjectIndexError,
      "sublist: no matches found",
    );
    assertEquals(index.count, 1);
    assertEquals(namesOf(index), ["keep"]);
  },
);

withAndWithoutCache(
  "thousands of subscriptions to one subject come and go",
  { positive: [id("large-psub-lists")], edge: [id("large-psub-lists")] },
  (cacheSize) => {
    const all = Array.from({ length: 5000 }, (_, i) => plain("foo", `${i}`));
    const index = indexOf(all, cacheSize);
    assertEquals(new Set(matchIn(index, "foo").plain).size, 5000);
    const gone = all.filter((_, i) => i % 3 !== 0);
    for (const subscription of gone) index.remove(subscription);
    assertEquals(
      namesOf(matchIn(index, "foo").plain),
      namesOf(all.filter((_, i) => i % 3 === 0)),
    );
    const [one] = gone;
    assert(one !== undefined);
    assertThrows(() => index.remove(one), SubjectIndexError);
    index.insert(one);
    index.insert(one);
    assertEquals(matchIn(index, "foo").plain.length, 1667 + 1);
    // Down to few and none: the memory of positions must not go stale.
    index.removeBatch([...index]);
    assertStrictEquals(matchIn(index, "foo"), EMPTY_RESULT);
  },
);

withAndWithoutCache(
  "no match gives the one shared empty result",
  { positive: [id("shared-empty-result")], edge: [id("shared-empty-result")] },
  (cacheSize) => {
    const index = indexOf([plain("foo"), plain("a.*")], cacheSize);
    assertStrictEquals(matchIn(index, "bar"), EMPTY_RESULT);
    assertStrictEquals(matchIn(index, "bar"), EMPTY_RESULT);
    assertStrictEquals(index.matchSubject("a.b.c"), EMPTY_RESULT);
    index.insert(plain("bar"));
    assertEquals(matchIn(index, "bar").plain.length, 1);
    assertEquals(EMPTY_RESULT.plain.length, 0);
    assertEquals(EMPTY_RESULT.queues.length, 0);
    assert(EMPTY_RESULT.isEmpty);
  },
);

withAndWithoutCache(
  "thousands of queue groups on one subject are found by name",
  { edge: [id("insert"), id("remove")] },
  (cacheSize) => {
    const members = Array.from(
      { length: 20_000 },
      (_, i) => member("jobs", `q${i}`, `${i}`),
    );
    const began = performance.now();
    const index = indexOf(members, cacheSize);
    assertEquals(index.matchSubject("jobs").queues.length, members.length);
    for (const each of members.slice(10)) index.remove(each);
    // A search through all groups took seconds.
    assert(performance.now() - began < 1000);
    assertEquals(
      groupNames(index, "jobs"),
      Object.fromEntries(
        members.slice(0, 10).map(({ queue, name }) => [queue, [name]]),
      ),
    );
  },
);

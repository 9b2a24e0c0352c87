import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  drawMember,
  EMPTY_RESULT,
  SubjectIndexError,
  SubscriptionIndex,
} from "../../../src/subject/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { capability, type Claims } from "../../tools/capability.ts";
import {
  groupNames,
  indexOf,
  matchIn,
  member,
  type Named,
  namesOf,
  plain,
  plainNames,
} from "./support.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

/** Runs a test with and without the result cache. */
function withAndWithoutCache(
  name: string,
  claims: Claims,
  fn: (cacheSize: number) => void,
): void {
  capability(name, claims, () => fn(1024));
  capability(`${name}, without a cache`, claims, () => fn(0));
}

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

withAndWithoutCache(
  "hasInterest() and numInterest() agree with match()",
  { positive: [id("hasinterest-numinterest")] },
  (cacheSize) => {
    const index = indexOf([
      plain("foo"),
      plain("a.*"),
      plain("b.>"),
      plain("b.c"),
      member("b.*", "q", "1"),
      member("b.c", "q", "2"),
      member("z", "q"),
    ], cacheSize);
    const counts = {
      "foo": [1, 0],
      "a.x": [1, 0],
      "b.c": [2, 2],
      "b.x": [1, 1],
      "z": [0, 1],
    };
    for (const [subject, [plains, queued]] of Object.entries(counts)) {
      assert(index.hasInterest(subject), subject);
      assertEquals(
        index.numInterest(subject),
        { plain: plains ?? 0, queue: queued ?? 0 },
      );
      assert(index.hasInterest(subject), subject);
    }
  },
);

withAndWithoutCache(
  "interest ends with the last subscription and needs all tokens",
  { edge: [id("hasinterest-numinterest")] },
  (cacheSize) => {
    const literal = plain("stream.A.child");
    const wild = plain("stream.*");
    const index = indexOf([literal, wild], cacheSize);
    assert(index.hasInterest("stream.A.child"));
    assert(index.hasInterest("stream.A"));
    for (const subject of ["stream", "stream.A.other", "stream.A.child.x"]) {
      assertFalse(index.hasInterest(subject), subject);
      assertEquals(index.numInterest(subject), { plain: 0, queue: 0 });
    }
    index.remove(wild);
    assertFalse(index.hasInterest("stream.A"));
    const buffer = new TextEncoder().encode("stream.A.child");
    assert(index.hasInterestIn(buffer, 0, buffer.length));
    assertFalse(index.hasInterestIn(buffer, 0, 8));
  },
);

withAndWithoutCache(
  "reverseMatch() finds what a pattern covers",
  { positive: [id("reversematch")] },
  (cacheSize) => {
    const subjects = ["foo", "bar", "foo.bar", "foo.baz", "foo.bar.baz"];
    const index = indexOf(subjects.map((subject) => plain(subject)), cacheSize);
    const found = {
      "foo": ["foo"],
      "*": ["bar", "foo"],
      "baz": [],
      "foo.*": ["foo.bar", "foo.baz"],
      "*.*": ["foo.bar", "foo.baz"],
      "*.bar": ["foo.bar"],
      "bar.*": [],
      "foo.>": ["foo.bar", "foo.bar.baz", "foo.baz"],
      ">": subjects.toSorted(),
    };
    for (const [pattern, expected] of Object.entries(found)) {
      assertEquals(
        namesOf(index.reverseMatch(pattern).plain),
        expected,
        pattern,
      );
    }
    assertStrictEquals(index.reverseMatch("bar.*"), EMPTY_RESULT);
  },
);

withAndWithoutCache(
  "reverseMatch() also finds wider subscriptions",
  { edge: [id("reversematch")] },
  (cacheSize) => {
    const index = indexOf(
      [plain("uplink.*.*.>"), member("uplink.1.>", "q"), plain("down.>")],
      cacheSize,
    );
    for (const pattern of ["uplink.1.*.*.>", "uplink.1.2.3.>"]) {
      const result = index.reverseMatch(pattern);
      assertEquals(namesOf(result.plain), ["uplink.*.*.>"]);
      assertEquals(result.queues.map(namesOf), [["uplink.1.>"]]);
    }
  },
);

withAndWithoutCache(
  "stats have the names and figures of the Go server",
  { positive: [id("stats")] },
  (cacheSize) => {
    const going = plain("c.*");
    const index = indexOf(
      [plain("a"), plain("a", "2"), plain("*"), member("a", "q"), going],
      cacheSize,
    );
    index.remove(going);
    for (const subject of ["a", "a", "b", "none.at.all"]) {
      matchIn(index, subject);
    }
    const cached = cacheSize > 0;
    assertEquals(JSON.parse(JSON.stringify(index.stats())), {
      num_subscriptions: 4,
      num_cache: cached ? 3 : 0,
      num_inserts: 5,
      num_removes: 1,
      num_matches: 4,
      cache_hit_rate: cached ? 0.25 : 0,
      max_fanout: cached ? 4 : 0,
      avg_fanout: cached ? 5 / 3 : 0,
    });
  },
);

capability(
  "stats of several indexes add up, rates by what they are about",
  { edge: [id("stats")] },
  () => {
    const one = indexOf([plain("a")]);
    for (let i = 0; i < 4; i++) matchIn(one, "a");
    const other = indexOf([plain("a", "1"), plain("a", "2"), plain("b")]);
    matchIn(other, "a");
    const sum = one.stats();
    sum.add(other.stats());
    sum.add(new SubscriptionIndex<Named>({ seed: 1 }).stats());
    assertEquals(sum.toJSON(), {
      num_subscriptions: 4,
      num_cache: 2,
      num_inserts: 4,
      num_removes: 0,
      num_matches: 5,
      cache_hit_rate: 0.6,
      max_fanout: 2,
      avg_fanout: 1.5,
    });
  },
);

capability(
  "all subscriptions are iterated, some are filtered",
  {
    positive: [id("local-subs-collection")],
    edge: [id("local-subs-collection")],
  },
  () => {
    const all = [
      plain("foo", "client"),
      plain("foo", "route"),
      plain("foo.*", "client"),
      plain("foo.>", "system"),
      plain("*.x", "leaf"),
      member("foo", "q", "client"),
      member("foo.*.>", "q", "route"),
    ];
    const index = indexOf(all);
    assertEquals(new Set(index), new Set(all));
    const local = new Set(["client", "system"]);
    assertEquals(
      namesOf(index.filter(({ name }) => local.has(name))),
      ["client", "client", "client", "system"],
    );
    assertEquals(index.filter(() => false), []);
    assertEquals([...indexOf([])], []);
  },
);

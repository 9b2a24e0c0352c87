import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
} from "@std/assert";
import { EMPTY_RESULT, SubscriptionIndex } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import {
  indexOf,
  matchIn,
  member,
  type Named,
  namesOf,
  plain,
  withAndWithoutCache,
} from "./support.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

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

import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { indexOf, matchIn, member, plain, plainNames } from "./support.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

capability(
  "a repeated match gives the very same result from the cache",
  { positive: [id("cache")] },
  () => {
    const index = indexOf([plain("foo.bar"), plain("foo.*")]);
    const result = matchIn(index, "foo.bar");
    assertStrictEquals(matchIn(index, "foo.bar"), result);
    assertStrictEquals(index.matchSubject("foo.bar"), result);
    assertEquals(index.stats().cacheHits, 2);
    assertEquals(index.stats().cached, 1);
  },
);

capability(
  "a literal change renews its own subject only, and never a result",
  { positive: [id("cache")], edge: [id("cache")] },
  () => {
    const index = indexOf([plain("a.b"), plain("a.c")]);
    const ab = matchIn(index, "a.b");
    const ac = matchIn(index, "a.c");
    const second = plain("a.b", "second");
    index.insert(second);
    assertStrictEquals(matchIn(index, "a.c"), ac);
    assertEquals(plainNames(index, "a.b"), ["a.b", "second"]);
    assertEquals(ab.plain.length, 1);
    const both = matchIn(index, "a.b");
    index.remove(second);
    assertEquals(plainNames(index, "a.b"), ["a.b"]);
    assertEquals(both.plain.length, 2);
    assertStrictEquals(matchIn(index, "a.c"), ac);
  },
);

capability(
  "a cached result is renewed when its subject gains a queue member",
  { edge: [id("cache")] },
  () => {
    const index = indexOf([member("a", "q", "1")]);
    const before = matchIn(index, "a");
    index.insert(member("a", "q", "2"));
    index.insert(member("*", "q", "3"));
    assertEquals(before.queues[0]?.length, 1);
    assertEquals(matchIn(index, "a").queues[0]?.length, 3);
  },
);

capability(
  "no match is cached, and renewed by a later insert",
  { edge: [id("cache")] },
  () => {
    const index = indexOf([]);
    for (const pattern of ["foo.bar", "foo.*", "*.bar", "foo.>", ">"]) {
      assertEquals(plainNames(index, "foo.bar"), []);
      assertEquals(plainNames(index, "foo.bar"), []);
      const subscription = plain(pattern);
      index.insert(subscription);
      assertEquals(plainNames(index, "foo.bar"), [pattern]);
      index.remove(subscription);
    }
    assertEquals(plainNames(index, "foo.bar"), []);
    assertEquals(index.stats().cacheHits, 5);
  },
);

capability(
  "a wildcard change spares results whose first token it can't match",
  { positive: [id("cache")] },
  () => {
    const index = indexOf([plain("orders.new")]);
    const orders = matchIn(index, "orders.new");
    const inbox = plain("_INBOX.abc.*");
    index.insert(inbox);
    index.remove(inbox);
    assertStrictEquals(matchIn(index, "orders.new"), orders);
    index.insert(plain("orders.*"));
    assertNotStrictEquals(matchIn(index, "orders.new"), orders);
    assertEquals(orders.plain.length, 1);
  },
);

capability(
  "the cache keeps at most as many results as it may",
  { edge: [id("cache")] },
  () => {
    for (const size of [1, 4, 100, 1024]) {
      const index = indexOf([plain(">")], size);
      for (let i = 0; i < 5000; i++) matchIn(index, `a.${i}`);
      const most = Math.max(size, 4);
      assertEquals(index.stats().cached <= most, true, `${size}`);
      for (let i = 0; i < 5000; i += 7) {
        assertEquals(plainNames(index, `a.${i}`), [">"]);
      }
    }
  },
);

capability(
  "without a cache nothing is kept, but matches count",
  { positive: [id("cache")] },
  () => {
    const index = indexOf([plain("foo"), plain("*")], 0);
    assertNotStrictEquals(matchIn(index, "foo"), matchIn(index, "foo"));
    const { cached, cacheHits, matches } = index.stats();
    assertEquals({ cached, cacheHits, matches }, {
      cached: 0,
      cacheHits: 0,
      matches: 2,
    });
  },
);

capability(
  "the generation grows with every change and stands still otherwise",
  { positive: [id("cache")] },
  () => {
    const index = indexOf([]);
    const seen = [index.generation];
    const literal = plain("a");
    const wild = plain("a.*");
    index.insert(literal);
    seen.push(index.generation);
    index.insert(wild);
    seen.push(index.generation);
    index.remove(literal);
    seen.push(index.generation);
    index.removeBatch([wild]);
    seen.push(index.generation);
    matchIn(index, "a.b");
    index.hasInterest("a");
    seen.push(index.generation);
    assertEquals(seen, [0, 1, 2, 3, 4, 4]);
  },
);

capability(
  "subjects too long for the cache are matched all the same",
  { edge: [id("cache")] },
  () => {
    const long = `a.${"x".repeat(5000)}`;
    const index = indexOf([plain(long), plain("a.*")]);
    for (let i = 0; i < 3; i++) {
      assertEquals(plainNames(index, long), ["a.*", long]);
    }
    assertEquals(plainNames(index, `${long}y`), ["a.*"]);
    assertEquals(index.stats().cached, 0);
  },
);

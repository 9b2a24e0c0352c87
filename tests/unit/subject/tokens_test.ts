import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  isSubsetMatch,
  matchesPattern,
  numTokens,
  subjectsCollide,
  tokenAt,
} from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

capability(
  "tokens are counted and found by position",
  { positive: [id("token-helpers")], edge: [id("token-helpers")] },
  () => {
    assertEquals(numTokens("foo"), 1);
    assertEquals(numTokens("foo.bar.*.baz"), 4);
    assertEquals(numTokens(""), 0);
    assertEquals(numTokens("."), 2);
    assertEquals(tokenAt("foo.bar.baz.*", 1), "foo");
    assertEquals(tokenAt("foo.bar.baz.*", 2), "bar");
    assertEquals(tokenAt("foo.bar.baz.*", 4), "*");
    assertEquals(tokenAt("foo.bar.baz.*", 5), "");
    assertEquals(tokenAt("foo.bar.baz.*", 0), "");
    assertEquals(tokenAt("foo..baz", 2), "");
    assertEquals(tokenAt("", 1), "");
  },
);

capability(
  "a subset is matched by a wider pattern only",
  { positive: [id("subset-match")], edge: [id("subset-match")] },
  () => {
    const subsets = [
      ["foo.bar", "foo.bar"],
      ["foo.*", ">"],
      ["foo.*", "*.*"],
      ["foo.*", "foo.*"],
      ["foo.*", "foo.>"],
      ["foo.>", "foo.>"],
      ["foo.bar.>", "foo.>"],
      [">", ">"],
      ["foo.bar", "foo.*"],
      ["foo.*bar", "foo.*"],
    ];
    for (const [subject = "", pattern = ""] of subsets) {
      assert(isSubsetMatch(subject, pattern), `${subject} in ${pattern}`);
    }
    const others = [
      ["foo.*", "foo.bar"],
      ["foo.>", "foo.*"],
      ["foo.>", "foo.bar.>"],
      [">", "*"],
      ["foo", "foo.>"],
      ["foo.bar", "foo"],
      ["foo", "foo.bar"],
      ["foo..bar", "foo.*.bar"],
      ["foo.x", "foo.*bar"],
      ["foo", "foo."],
    ];
    for (const [subject = "", pattern = ""] of others) {
      assertFalse(isSubsetMatch(subject, pattern), `${subject} in ${pattern}`);
    }
  },
);

capability(
  "patterns collide when one literal subject can match both",
  { positive: [id("collision")], edge: [id("collision")] },
  () => {
    const colliding = [
      ["foo", "foo"],
      ["foo.*", "foo.foo"],
      ["foo.*", "*.foo"],
      ["foo.bar.>", "*.bar.foo"],
      ["foo.>", "foo.*.bar.>"],
      [">", "foo"],
      [">", "*.*"],
      ["foo.*", "foo.>"],
      ["foo..bar", "foo.>"],
      ["", ">"],
    ];
    for (const [a = "", b = ""] of colliding) {
      assert(subjectsCollide(a, b), `${a} and ${b}`);
      assert(subjectsCollide(b, a), `${b} and ${a}`);
    }
    // Of unequal lengths, only a shorter one that ends in > collides.
    const apart = [
      ["foo", "bar"],
      ["foo.*", "foo.*.bar.>"],
      ["foo.*", "foo"],
      ["foo.>", "foo"],
      ["*", "*.*"],
      ["foo.*.a", "foo.bar.b"],
      ["foo.*x", "foo.y"],
      ["foo..bar", "foo.*.bar"],
      ["foo..*", "foo.>"],
    ];
    for (const [a = "", b = ""] of apart) {
      assertFalse(subjectsCollide(a, b), `${a} and ${b}`);
      assertFalse(subjectsCollide(b, a), `${b} and ${a}`);
    }
  },
);

capability(
  "a literal subject matches a pattern token by token",
  { positive: [id("matchliteral")], edge: [id("matchliteral")] },
  () => {
    const matching = [
      ["foo", "foo"],
      ["foo", "*"],
      ["foo", ">"],
      ["foo.bar", ">"],
      ["foo.bar", "foo.>"],
      ["stats.test.22", "stats.>"],
      ["stats.test.22", "stats.*.*"],
      ["*bar", "*bar"],
      ["foo*bar", "foo*bar"],
      ["foo.***.bar", "foo.***.bar"],
      ["foo.>>>.bar", "foo.*.bar"],
    ];
    for (const [literal = "", pattern = ""] of matching) {
      assert(matchesPattern(literal, pattern), `${literal} by ${pattern}`);
    }
    const others = [
      ["foo", "bar"],
      ["foo.bar", "bar.>"],
      ["foo.bar", "foo"],
      ["foo", "foo.>"],
      ["stats.test", "stats.test.*"],
      ["stats.test.foos", "stats.*"],
      ["stats.test.foos", "stats.*.*.foos"],
      ["foobar", "*bar"],
      ["foo..bar", "foo.*.bar"],
      ["foo.", "foo.>"],
    ];
    for (const [literal = "", pattern = ""] of others) {
      assertFalse(matchesPattern(literal, pattern), `${literal} by ${pattern}`);
    }
  },
);

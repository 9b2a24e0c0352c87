import { assert, assertEquals, assertFalse } from "@std/assert";
import { KeyedHash } from "../../../src/subject/hash.ts";
import { MatchCollector } from "../../../src/subject/match_collector.ts";
import { subjectToBytes } from "../../../src/subject/mod.ts";
import { WildcardTrie } from "../../../src/subject/wildcard_trie.ts";
import { capability } from "../../tools/capability.ts";
import { type Named, plain } from "./support.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

function setUp() {
  const trie = new WildcardTrie<Named>(KeyedHash.fromSeed(3));
  const place = (subject: string) => {
    const bytes = subjectToBytes(subject);
    return [new DataView(bytes.buffer), 0, bytes.length] as const;
  };
  return {
    trie,
    insert: (sub: Named) => trie.insert(...place(sub.subject), sub),
    remove: (sub: Named) => trie.remove(...place(sub.subject), sub),
    match: (subject: string) => {
      const matches = new MatchCollector<Named>();
      trie.match(...place(subject), matches);
      return matches.take().plain.map(({ name }) => name).sort();
    },
  };
}

capability(
  "levels that empty are pruned, with the tokens that only they used",
  { positive: [id("remove")] },
  () => {
    const { trie, insert, remove, match } = setUp();
    const patterns = ["a.*", "a.b.*", "a.b.c.>", "*.b.c.*", "a.*.d.e.>"];
    const subs = patterns.map((pattern) => plain(pattern));
    for (const sub of subs) assert(insert(sub));
    assertEquals(trie.tokenCount, 5); // a b c d e
    assertEquals(match("a.b.c.x"), ["*.b.c.*", "a.b.c.>"]);
    const left = [5, 5, 5, 3, 0];
    for (const [i, sub] of subs.entries()) {
      assert(remove(sub));
      assertEquals(trie.tokenCount, left[i], sub.subject);
    }
    assertEquals(trie.size, 0);
    assertEquals([...trie.subscribers()], []);
  },
);

capability(
  "pruning stops where something is left",
  { edge: [id("remove")] },
  () => {
    const { trie, insert, remove, match } = setUp();
    const short = plain("a.*");
    const long = plain("a.*.b.c.*");
    insert(short);
    insert(long);
    assert(remove(short));
    assertFalse(remove(short));
    assertEquals(match("a.x.b.c.y"), ["a.*.b.c.*"]);
    insert(short);
    assert(remove(long));
    assertEquals(match("a.x"), ["a.*"]);
    assertEquals(match("a.x.b.c.y"), []);
    assertEquals(trie.tokenCount, 1);
    // An id that came free may stand for another token now.
    insert(plain("b.*"));
    assertEquals(match("b.x"), ["b.*"]);
    assertEquals(match("a.x"), ["a.*"]);
  },
);

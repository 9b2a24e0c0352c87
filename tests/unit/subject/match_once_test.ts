import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  subjectToBytes,
  type SubscriptionIndex,
} from "../../../src/subject/mod.ts";
import { indexOf, member, type Named, namesOf, plain } from "./support.ts";

function once(index: SubscriptionIndex<Named>, subject: string) {
  return index.matchOnce(subjectToBytes(subject), 0, subject.length);
}

Deno.test("replies to one receiver share a result, until anything changes", () => {
  const inbox = plain("_INBOX.a.*");
  const index = indexOf([inbox, plain("_INBOX.b.1")]);
  const first = once(index, "_INBOX.a.1");
  assertEquals(first.plain, [inbox]);
  assertStrictEquals(once(index, "_INBOX.a.2"), first);
  assertEquals(namesOf(once(index, "_INBOX.b.1").plain), ["_INBOX.b.1"]);
  assertEquals(namesOf(once(index, "_INBOX.a.3").plain), ["_INBOX.a.*"]);
  assertEquals(once(index, "_INBOX.c.1").isEmpty, true);
  index.remove(inbox);
  assertEquals(once(index, "_INBOX.a.4").isEmpty, true);
  index.insert(inbox);
  const again = once(index, "_INBOX.a.5");
  assertEquals(again.plain, [inbox]);
  assertNotStrictEquals(again, first);
  assertEquals(first.plain, [inbox]);
});

Deno.test("who receives together with others, or in a queue, is told apart", () => {
  const index = indexOf([
    plain("a.*"),
    plain("a.b"),
    plain("c", "one"),
    plain("c", "two"),
    member("d", "workers"),
  ]);
  assertEquals(namesOf(once(index, "a.x").plain), ["a.*"]);
  assertEquals(namesOf(once(index, "a.b").plain), ["a.*", "a.b"]);
  assertEquals(namesOf(once(index, "a.x").plain), ["a.*"]);
  assertEquals(namesOf(once(index, "c").plain), ["one", "two"]);
  const { plain: none, queues } = once(index, "d");
  assertEquals(none, []);
  assertEquals(queues.map(namesOf), [["d"]]);
});

import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import fc from "fast-check";
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

Deno.test("one reply for all shares a result, until anything changes", () => {
  const index = indexOf([plain("acks", "one")]);
  const first = once(index, "acks");
  assertEquals(namesOf(first.plain), ["one"]);
  assertStrictEquals(once(index, "acks"), first);
  assertEquals(once(index, "ackt").isEmpty, true);
  const second = plain("acks", "two");
  index.insert(second);
  assertEquals(namesOf(once(index, "acks").plain), ["one", "two"]);
  index.remove(second);
  assertEquals(namesOf(once(index, "acks").plain), ["one"]);
  const long = "a".repeat(200);
  index.insert(plain(long));
  assertEquals(namesOf(once(index, long).plain), [long]);
  assertEquals(once(index, `${long}a`).isEmpty, true);
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

Deno.test("whoever tells last tokens apart gets just what is theirs", () => {
  const token = fc.constantFrom("a", "b", "c");
  const wild = fc.oneof(token, token, fc.constant("*"));
  const pattern = fc.tuple(
    fc.array(wild, { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "", ".>"),
  ).map(([tokens, end]) => tokens.join(".") + end);
  const subscription = fc.tuple(pattern, fc.constantFrom(null, "queue"))
    .map(([each, queue]) => queue === null ? plain(each) : member(each, queue));
  const subject = fc.array(fc.oneof(token, fc.constantFrom("", "d")), {
    minLength: 1,
    maxLength: 3,
  }).map((tokens) => tokens.join("."));
  fc.assert(
    fc.property(
      fc.array(subscription, { maxLength: 6 }),
      fc.array(fc.oneof(subject, subject, fc.nat(5)), { maxLength: 40 }),
      (subscriptions, steps) => {
        const index = indexOf(subscriptions);
        for (const step of steps) {
          if (typeof step === "number") {
            const one = subscriptions[step];
            if (one === undefined) continue;
            if ([...index].includes(one)) index.remove(one);
            else index.insert(one);
            continue;
          }
          const afresh = indexOf([...index], 0);
          const [got, expected] = [
            once(index, step),
            afresh.matchSubject(step),
          ].map(({ plain, queues }) => [
            namesOf(plain).sort(),
            queues.map((members) => namesOf(members).sort()),
          ]);
          assertEquals(got, expected, step);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

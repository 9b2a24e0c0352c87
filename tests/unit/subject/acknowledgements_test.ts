import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { indexOf, member, namesOf, plain } from "./support.ts";

Deno.test("acknowledgements find their consumer and take nobody's place in the cache", () => {
  const index = indexOf([
    plain("$JS.ACK.S.C.*.*.*.*.*"),
    plain("orders.*"),
  ]);
  const match = (subject: string) => namesOf(index.matchSubject(subject).plain);
  assertEquals(match("orders.new"), ["orders.*"]);
  const { cached } = index.stats();
  for (let i = 1; i <= 100; i++) {
    assertEquals(match(`$JS.ACK.S.C.1.${i}.${i}.1700000000000000000.0`), [
      "$JS.ACK.S.C.*.*.*.*.*",
    ]);
  }
  assertEquals(match("$JS.ACK.S.D.1.1.1.1.1"), []);
  assertEquals(index.stats().cached, cached);
  // What looks almost like one is cached as ever.
  match("$JS.ACKS.x");
  assertEquals(index.stats().cached, cached + 1);
});

Deno.test("acknowledgements of one consumer share a result, until anything changes", () => {
  const consumer = plain("$JS.ACK.S.C.*.*.*.*.*");
  const index = indexOf([consumer, plain("$JS.ACK.S.D.*.*.*.*.*")]);
  const match = (subject: string) => index.matchSubject(subject);
  const first = match("$JS.ACK.S.C.1.1.1.1.0");
  assertStrictEquals(match("$JS.ACK.S.C.1.2.2.1.0"), first);
  assertEquals(namesOf(match("$JS.ACK.S.D.1.2.2.1.0").plain), [
    "$JS.ACK.S.D.*.*.*.*.*",
  ]);
  assertEquals(match("$JS.ACK.S.C.1.2.2.1").isEmpty, true);
  assertEquals(match("$JS.ACK.S.C.1..2.1.0").isEmpty, true);
  assertEquals(match("$JS.ACK.S.C.1.2.2.1.").isEmpty, true);
  assertEquals(match("$JS.ACK.S.C.1.2.2.1.0.0").isEmpty, true);
  assertStrictEquals(match("$JS.ACK.S.C.1.3.3.1.0"), first);
  index.remove(consumer);
  assertEquals(match("$JS.ACK.S.C.1.4.4.1.0").isEmpty, true);
  index.insert(consumer);
  assertEquals(match("$JS.ACK.S.C.1.4.4.1.0").plain, [consumer]);
});

Deno.test("whoever listens to some numbers only gets just these", () => {
  const token = fc.constantFrom("*", "1", "2");
  const subject = fc.tuple(
    fc.constantFrom("$JS", "*"),
    fc.constantFrom("ACK", "*", "FC"),
    fc.constantFrom("S", "*"),
    fc.constantFrom("C", "D", "*"),
    fc.array(token, { maxLength: 6 }),
    fc.constantFrom("", ".>"),
  ).map(([a, b, c, d, rest, end]) => [a, b, c, d, ...rest].join(".") + end);
  const subscription = fc.tuple(subject, fc.constantFrom(null, "queue"))
    .map(([each, queue]) => queue === null ? plain(each) : member(each, queue));
  const digit = fc.constantFrom("1", "2", "3");
  const ack = fc.tuple(
    fc.constantFrom("C", "D", "E"),
    fc.array(digit, { minLength: 4, maxLength: 6 }),
  ).map(([consumer, rest]) => `$JS.ACK.S.${consumer}.${rest.join(".")}`);
  fc.assert(
    fc.property(
      fc.array(subscription, { maxLength: 6 }),
      fc.array(fc.oneof(ack, fc.nat(5)), { maxLength: 30 }),
      (subscriptions, steps) => {
        const index = indexOf(subscriptions);
        const plainly = indexOf(subscriptions, 0);
        for (const step of steps) {
          if (typeof step === "number") {
            const one = subscriptions[step];
            if (one === undefined) continue;
            for (const each of [index, plainly]) {
              if ([...each].includes(one)) each.remove(one);
              else each.insert(one);
            }
            continue;
          }
          const [got, expected] = [index, plainly].map((each) => {
            const { plain, queues } = each.matchSubject(step);
            return [namesOf(plain), queues.map(namesOf)];
          });
          assertEquals(got, expected, step);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

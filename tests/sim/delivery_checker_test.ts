/** The checker finds every breach of the delivery guarantees. */

import { assertEquals, assertThrows } from "@std/assert";
import { DeliveryChecker } from "./nats/delivery_checker.ts";

/** A checker and messages 1 to `count` of one publisher to one subject. */
function published(count: number) {
  const checker = new DeliveryChecker();
  const messages = Array.from({ length: count }, () => ({
    subject: "data",
    sid: "1",
    payload: checker.next("p", "data", 20),
  }));
  const [first, second, third] = messages;
  if (first === undefined || second === undefined || third === undefined) {
    throw new RangeError("At least three messages are needed");
  }
  return { checker, first, second, third };
}

Deno.test("DeliveryChecker - accepts what core NATS guarantees", () => {
  const { checker, first, second, third } = published(3);
  checker.deliver("a", first, true);
  checker.deliver("a", second, true);
  checker.deliver("late", second, true);
  checker.deliver("late", third, true);
  checker.deliver("m", first, true, "queue");
  checker.deliver("n", second, true, "queue");
  checker.deliver("m", third, true, "queue");
  assertEquals(checker.count, 7);
});

Deno.test("DeliveryChecker - finds disorder, gaps and repetition", () => {
  const disorder = published(3);
  disorder.checker.deliver("a", disorder.second, true);
  assertThrows(() => disorder.checker.deliver("a", disorder.first, true));
  const gap = published(3);
  gap.checker.deliver("a", gap.first, true);
  assertThrows(() => gap.checker.deliver("a", gap.third, true));
  const twice = published(3);
  twice.checker.deliver("a", twice.first, true);
  assertThrows(() => twice.checker.deliver("a", twice.first, true));
});

Deno.test("DeliveryChecker - finds a message that two queue members got", () => {
  const { checker, first, second } = published(3);
  checker.deliver("m", second, true, "queue");
  assertThrows(
    () => checker.deliver("n", second, true, "queue"),
    Error,
    "delivered twice",
  );
  assertThrows(
    () => checker.deliver("m", first, true, "queue"),
    Error,
    "out of order",
  );
});

Deno.test("DeliveryChecker - finds what was not asked for, or not sent", () => {
  const { checker, first } = published(3);
  assertThrows(() => checker.deliver("a", first, false), Error, "subscription");
  assertThrows(
    () => checker.deliver("a", { ...first, subject: "other" }, true),
    Error,
    "subject changed",
  );
  const damaged = { ...first, payload: first.payload.replace("b", "x") };
  assertThrows(() => checker.deliver("a", damaged, true));
  const invented = new DeliveryChecker();
  assertThrows(
    () => invented.deliver("a", first, true),
    Error,
    "was never published",
  );
});

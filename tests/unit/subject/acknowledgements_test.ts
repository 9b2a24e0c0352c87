import { assertEquals } from "@std/assert";
import { indexOf, namesOf, plain } from "./support.ts";

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

import { assert, assertEquals } from "@std/assert";
import { RequestLines } from "../../../src/jetstream/api/lines.ts";

const of = (key: string, name: string) => ({ key, name });

Deno.test("request lines - what is about the same thing comes one after the other", () => {
  const lines = new RequestLines<ReturnType<typeof of>>(10);
  assert(!lines.wait(of("a", "1")));
  lines.begin("a");
  assert(lines.wait(of("a", "2")));
  assert(lines.wait(of("a", "3")));
  assert(!lines.wait(of("b", "1")));
  assertEquals(lines.shift(), undefined);
  lines.end("a");
  assertEquals(lines.shift(), of("a", "2"));
  // Who comes now waits behind the others.
  assert(lines.wait(of("a", "4")));
  assertEquals(lines.shift(), undefined);
  lines.end("a");
  assertEquals(lines.shift(), of("a", "3"));
  lines.end("a");
  assertEquals(lines.shift(), of("a", "4"));
  lines.end("a");
  assert(!lines.wait(of("a", "5")));
});

Deno.test("request lines - a line may be let go as a whole", () => {
  const lines = new RequestLines<ReturnType<typeof of>>(2);
  lines.begin("a");
  lines.wait(of("a", "1"));
  assert(!lines.isFull);
  lines.wait(of("a", "2"));
  assert(lines.isFull);
  lines.endAll("a");
  assert(!lines.isFull);
  assertEquals(lines.shift(), of("a", "1"));
  assertEquals(lines.shift(), of("a", "2"));
  assertEquals(lines.shift(), undefined);
});

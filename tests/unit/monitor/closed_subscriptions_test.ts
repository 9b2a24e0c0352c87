import { assertEquals, assertStrictEquals } from "@std/assert";
import { ClosedSubscriptions } from "../../../src/monitor/closed_subscriptions.ts";

const PORTION = 1024;

/** Subscriptions by sid, and the event loop in slow motion. */
function leave(count: number) {
  const source = new Map(Array.from({ length: count }, (_, i) => {
    const sid = String(i);
    return [sid, { subject: `s.${i}`, queue: null, sid, delivered: i, max: 0 }];
  }));
  const waiting: (() => void)[] = [];
  const closed = new ClosedSubscriptions(source, {
    next: () => new Promise((resolve) => waiting.push(resolve)),
  });
  /** Lets the event loop turn once; false if nobody waits for it. */
  const turn = async () => {
    const next = waiting.shift();
    next?.();
    await new Promise((resolve) => setTimeout(resolve));
    return next !== undefined;
  };
  return { source, waiting, turn, closed };
}

Deno.test("ClosedSubscriptions - few are copied at once", () => {
  const { source, waiting, closed } = leave(2);
  assertEquals(waiting.length, 0);
  assertEquals([...closed], [...source.values()]);
  source.clear();
  assertEquals([...closed].length, 2);
  assertEquals(closed.size, 2);
  assertEquals([...leave(0).closed], []);
});

Deno.test("ClosedSubscriptions - many are all there at any time, in order", async () => {
  const { source, turn, closed } = leave(3 * PORTION);
  const all = [...source.keys()];
  do assertEquals([...closed].map(({ sid }) => sid), all); while (await turn());
  source.clear();
  assertEquals([...closed].map(({ sid }) => sid), all);
});

Deno.test("ClosedSubscriptions - reading goes on while the rest is copied", async () => {
  const { source, turn, closed } = leave(2 * PORTION);
  const reading = closed[Symbol.iterator]();
  const seen = Array.from({ length: 10 }, () => reading.next().value?.sid);
  while (await turn());
  for (const { sid } of reading) seen.push(sid);
  assertEquals(seen, [...source.keys()]);
});

Deno.test("ClosedSubscriptions - nothing of the client is held on to", () => {
  const { source, closed } = leave(1);
  const [first] = closed;
  assertEquals(first, source.get("0"));
  assertStrictEquals(first === source.get("0"), false);
});

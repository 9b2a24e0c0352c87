import { assertEquals, assertStrictEquals } from "@std/assert";
import { ClosedSubscriptions } from "../../../src/monitor/closed_subscriptions.ts";

const PORTION = 4096;

/** Subscriptions by sid, and turns of the event loop that the test takes. */
function leave(count: number) {
  const source = new Map(Array.from({ length: count }, (_, i) => {
    const sid = String(i);
    return [sid, { subject: `s.${i}`, queue: null, sid, delivered: i, max: 0 }];
  }));
  const turns: (() => void)[] = [];
  const timers = {
    soon: (callback: () => void) => {
      turns.push(callback);
      return { cancel() {} };
    },
  };
  return { source, turns, closed: new ClosedSubscriptions(source, timers) };
}

Deno.test("ClosedSubscriptions - few are copied at once", () => {
  const { source, turns, closed } = leave(2);
  assertEquals(turns.length, 0);
  assertEquals([...closed], [...source.values()]);
  source.clear();
  assertEquals([...closed].length, 2);
  assertEquals(closed.size, 2);
  assertEquals([...leave(0).closed], []);
});

Deno.test("ClosedSubscriptions - many are all there at any time, in order", () => {
  const { source, turns, closed } = leave(3 * PORTION);
  const all = [...source.keys()];
  for (let turn = 0; turns.length > 0; turn++) {
    assertEquals([...closed].map(({ sid }) => sid), all, `turn ${turn}`);
    turns.shift()?.();
  }
  source.clear();
  assertEquals([...closed].map(({ sid }) => sid), all);
});

Deno.test("ClosedSubscriptions - reading goes on while the rest is copied", () => {
  const { source, turns, closed } = leave(2 * PORTION);
  const reading = closed[Symbol.iterator]();
  const seen = Array.from({ length: 10 }, () => reading.next().value?.sid);
  while (turns.length > 0) turns.shift()?.();
  for (const { sid } of reading) seen.push(sid);
  assertEquals(seen, [...source.keys()]);
});

Deno.test("ClosedSubscriptions - nothing of the client is held on to", () => {
  const { source, closed } = leave(1);
  const [first] = closed;
  assertEquals(first, source.get("0"));
  assertStrictEquals(first === source.get("0"), false);
});

/**
 * Which message expires next, against a list of them.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ExpiryQueue } from "../../../../src/store/index/expiry_queue.ts";

const START = 1_700_000_000_000_000_000n;

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ add: fc.nat(1000) }) },
  { weight: 3, arbitrary: fc.constant({ shift: true }) },
  { weight: 3, arbitrary: fc.record({ gone: fc.nat() }) },
  { weight: 2, arbitrary: fc.constant({ tidy: true }) },
  { weight: 1, arbitrary: fc.constant({ sweep: true }) },
);

Deno.test("expiry queue - the first that is there comes first", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const queue = new ExpiryQueue();
      const there = new Map<number, bigint>();
      const isThere = (sequence: number) => there.has(sequence);
      for (const [i, each] of actions.entries()) {
        if ("add" in each) {
          there.set(i + 1, START + BigInt(each.add));
          queue.add(i + 1, START + BigInt(each.add));
        } else if ("gone" in each) {
          there.delete([...there.keys()][each.gone % there.size] ?? 0);
        } else if ("tidy" in each) queue.tidy(isThere);
        else if ("sweep" in each) {
          queue.sweep(isThere);
          assertEquals(queue.size, there.size);
        } else {
          there.delete(queue.sequence);
          queue.shift();
        }
        assert(queue.size >= there.size);
      }
      const left = [...queue.entries()]
        .filter(({ sequence }) => isThere(sequence));
      assertEquals(left.length, there.size);
      const times: bigint[] = [];
      for (; queue.next !== null; queue.shift()) {
        if (isThere(queue.sequence)) times.push(queue.next);
      }
      assertEquals(times, [...there.values()].sort((a, b) => Number(a - b)));
    }),
    { numRuns: 300 },
  );
});

Deno.test("expiry queue - what has gone otherwise does not pile up, nor holds up who adds", () => {
  const queue = new ExpiryQueue();
  const THERE = 10_000;
  let asked = 0;
  let most = 0;
  for (let i = 1; i <= 20 * THERE; i++) {
    let now = 0;
    queue.tidy((sequence) => {
      now++;
      return sequence > i - THERE;
    });
    asked = Math.max(asked, now);
    queue.add(i, START + BigInt((i * 7919) % 100_003));
    most = Math.max(most, queue.size);
  }
  assert(asked <= 2, `${asked}`);
  assert(most < 3 * THERE, `${most}`);
});

import { assertEquals } from "@std/assert";
import { LoopDelay } from "../../../src/monitor/loop_delay.ts";
import {
  cpuSamples,
  heapSamples,
  loopSamples,
} from "../../../src/monitor/profiling/conversion.ts";

function frame(functionName: string, lineNumber = 1) {
  return { functionName, url: "file:///m.ts", lineNumber };
}

const NODES = [
  { id: 1, callFrame: frame("(root)"), children: [2, 3, 5] },
  { id: 2, callFrame: frame("(program)") },
  { id: 3, callFrame: frame("main"), children: [4] },
  { id: 4, callFrame: frame("", 9) },
  { id: 5, callFrame: frame("(idle)") },
];

const MAIN = { name: "main", file: "/m.ts", line: 2 };
const INNER = { name: "(anonymous)", file: "/m.ts", line: 10 };
const NATIVE = { name: "(outside of JavaScript)", file: "", line: 0 };

Deno.test("profiles - a sample stands for the time until the next", () => {
  const profile = {
    nodes: NODES,
    startTime: 100,
    endTime: 200,
    samples: [3, 4, 2, 4],
    timeDeltas: [10, 20, 30, 15],
  };
  // main 20, its inner function 30 and, at the end, 25; the rest is native.
  assertEquals(cpuSamples(profile, 90_000), [
    { stack: [MAIN], values: [20_000] },
    { stack: [INNER, MAIN], values: [55_000] },
    { stack: [NATIVE], values: [15_000] },
  ]);
});

Deno.test("profiles - no more processor time is told of than was used", () => {
  const profile = {
    nodes: NODES,
    startTime: 0,
    endTime: 100,
    samples: [3, 4, 5],
    timeDeltas: [0, 30, 10],
  };
  assertEquals(cpuSamples(profile, 20_000), [
    { stack: [MAIN], values: [15_000] },
    { stack: [INNER, MAIN], values: [5_000] },
  ]);
  assertEquals(cpuSamples({ nodes: [], startTime: 0, endTime: 9 }, 0), []);
});

Deno.test("profiles - bytes belong to the path that allocated them", () => {
  const leaf = { id: 3, callFrame: frame("", 9), selfSize: 7.6, children: [] };
  const main = { id: 2, callFrame: frame("main"), selfSize: 0 };
  const head = { id: 1, callFrame: frame("(root)"), selfSize: 4 };
  assertEquals(
    heapSamples({
      head: { ...head, children: [{ ...main, children: [leaf] }] },
    }),
    [
      { stack: [], values: [4] },
      { stack: [INNER, MAIN], values: [8] },
    ],
  );
});

Deno.test("loop delay - delays are counted by class", () => {
  const delay = new LoopDelay({ monotonic: () => 0 });
  for (const each of [0, 0.9, 1, 19.5, 4000]) delay.note(each);
  const { count, total, longest, buckets } = delay.summary();
  assertEquals([count, total, longest], [5, 4021.4, 4000]);
  assertEquals(buckets.filter(({ count }) => count > 0), [
    { least: 0, most: 1, count: 2, total: 0.9 },
    { least: 1, most: 2, count: 1, total: 1 },
    { least: 10, most: 20, count: 1, total: 19.5 },
    { least: 1000, most: Infinity, count: 1, total: 4000 },
  ]);
  assertEquals(loopSamples(delay.summary()).at(-1), {
    stack: [{ name: "1000 ms and more", file: "event loop delay", line: 0 }],
    values: [1, 4e9],
  });
});

Deno.test("loop delay - the time between two calls beyond the interval is delay", () => {
  let now = 0;
  let tick = () => {};
  const delay = new LoopDelay({ monotonic: () => now });
  delay.start({
    every: (_interval, callback) => {
      tick = callback;
      return { cancel: () => {} };
    },
  });
  for (const at of [50, 103, 150]) {
    now = at;
    tick();
  }
  assertEquals([delay.summary().count, delay.summary().total], [3, 3]);
});

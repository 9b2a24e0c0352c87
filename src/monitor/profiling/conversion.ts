/**
 * Profiles of the engine in the terms of pprof.
 *
 * @module
 */

import type {
  CodeFrame,
  CpuProfile,
  CpuProfileNode,
  HeapProfile,
  HeapProfileNode,
} from "../../runtime/mod.ts";
import type { LoopDelaySummary } from "../loop_delay.ts";
import type { ProfileFrame, ProfileSample } from "./pprof.ts";

/** What the engine calls that no code of the program runs. */
const OUTSIDE = new Set(["(program)", "(idle)"]);

const NATIVE: ProfileFrame = {
  name: "(outside of JavaScript)",
  file: "",
  line: 0,
};

/**
 * Processor time by call path, nanoseconds.
 *
 * The engine looks at the clock on the wall, and can't tell native code from
 * waiting. So what the samples give to code of the program is taken as it is,
 * and the rest of the processor time that the system counted for all threads
 * is that of native code. Where the samples come to more than was counted, the
 * loop had to wait for a processor, and they are cut down in proportion.
 *
 * @param processorTime of the process meanwhile, nanoseconds
 */
export function cpuSamples(
  profile: CpuProfile,
  processorTime: number,
): ProfileSample[] {
  const times = timesByNode(profile);
  const stacks = stacksByNode(profile.nodes);
  const inside = [...times].filter(([id]) => stacks.has(id));
  const total = inside.reduce((sum, [, time]) => sum + time, 0);
  const share = total > processorTime ? processorTime / total : 1;
  const samples = inside.map(([id, time]) => ({
    stack: stacks.get(id) ?? [],
    values: [Math.round(time * share)],
  }));
  const rest = Math.round(processorTime - total * share);
  if (rest > 0) samples.push({ stack: [NATIVE], values: [rest] });
  return samples;
}

/** A sample stands for the time until the next. */
function timesByNode(
  { samples = [], timeDeltas = [], startTime, endTime }: CpuProfile,
): Map<number, number> {
  const times = new Map<number, number>();
  let at = startTime;
  samples.forEach((id, index) => {
    at += timeDeltas[index] ?? 0;
    const lasted = timeDeltas[index + 1] ?? Math.max(0, endTime - at);
    times.set(id, (times.get(id) ?? 0) + Math.max(0, lasted) * 1000);
  });
  return times;
}

/** Call paths of the program by the id of their last node. */
function stacksByNode(
  nodes: readonly CpuProfileNode[],
): Map<number, ProfileFrame[]> {
  const stacks = new Map<number, ProfileFrame[]>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (node: CpuProfileNode, stack: ProfileFrame[]) => {
    if (stack.length > 0) stacks.set(node.id, stack);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child === undefined) continue;
      if (OUTSIDE.has(child.callFrame.functionName)) continue;
      visit(child, [frameOf(child.callFrame), ...stack]);
    }
  };
  const [root] = nodes;
  if (root !== undefined) visit(root, []);
  return stacks;
}

/** Bytes by call path. */
export function heapSamples({ head }: HeapProfile): ProfileSample[] {
  const samples: ProfileSample[] = [];
  const visit = (node: HeapProfileNode, above: ProfileFrame[]) => {
    const stack = node === head ? above : [frameOf(node.callFrame), ...above];
    if (node.selfSize > 0) {
      samples.push({ stack, values: [Math.round(node.selfSize)] });
    }
    for (const child of node.children) visit(child, stack);
  };
  visit(head, []);
  return samples;
}

/** Turns of the loop and their delay in nanoseconds, by the class of the delay. */
export function loopSamples({ buckets }: LoopDelaySummary): ProfileSample[] {
  return buckets.filter(({ count }) => count > 0).map((
    { least, most, count, total },
  ) => ({
    stack: [{
      name: most === Infinity ? `${least} ms and more` : `${least}-${most} ms`,
      file: "event loop delay",
      line: 0,
    }],
    values: [count, Math.round(total * 1e6)],
  }));
}

function frameOf(
  { functionName, url, lineNumber }: CodeFrame,
): ProfileFrame {
  return {
    name: functionName === "" ? "(anonymous)" : functionName,
    file: url.replace(/^file:\/\//, ""),
    line: lineNumber + 1,
  };
}

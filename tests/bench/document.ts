/**
 * `docs/performance.md` and its chart.
 *
 * @module
 */

import { PROJECT_ROOT } from "../tools/oracle_binaries.ts";
import { ratioChart } from "./chart.ts";
import { markdownReport } from "./report.ts";
import type { Results } from "./results.ts";
import type { Scenario } from "./scenario.ts";

/** How the results came about. */
export interface Circumstances {
  readonly runs: number;
  /** Milliseconds of measured load per run. */
  readonly duration: number;
  readonly servers: readonly string[];
  readonly scenarios: readonly Scenario[];
}

/** Writes the page and the chart. */
export async function saveDocument(
  results: Results,
  circumstances: Circumstances,
): Promise<void> {
  const chart = ratioChart(
    "Messages per second, ours to Go",
    results.rows("throughput"),
  );
  await Deno.writeTextFile(`${PROJECT_ROOT}docs/performance.svg`, chart);
  await Deno.writeTextFile(
    `${PROJECT_ROOT}docs/performance.md`,
    page(results, circumstances),
  );
}

function page(results: Results, circumstances: Circumstances): string {
  const { runs, duration, servers, scenarios } = circumstances;
  return `# Performance

This page is written by \`deno task bench --save\`. Both servers and the load
generator share one machine (${machine()}), so the absolute figures say little;
the ratios say more. Every figure is the median of ${runs} runs of ${
    duration / 1000
  } s
(publishing to streams: of twice that) after a warm-up (0.6 s; 4 s where one thing is done at a time, which is so little that
code is compiled late), the servers taking turns, each run on a server started
for it with its default settings. A run ends when every receiver has got exactly
the bytes that it is owed.

![Ratios of messages per second](performance.svg)

${markdownReport(results, servers)}
## What is measured

${scenarios.map(({ name, about }) => `- **${name}**: ${about}.`).join("\n")}

The generator writes batches that were encoded beforehand and counts what comes
back by bytes. \`deno task bench --ceiling\` adds a server that does no work per
message, which shows how much the generator alone can do. CPU time is that of
the server's process, user and system.

What streams keep takes fresh memory, in files as well, whose pages the system
caches. On a virtual machine whose host takes free memory back, a page of 4 KiB
costs up to 9 µs when it is touched first, for either server: publishing 1 KiB
would be bound by that rather than by the server, with ratios of 1.3 to 2. So
memory is touched before each such run.
`;
}

/** The machine in general terms. */
function machine(): string {
  const info = Deno.readTextFileSync("/proc/cpuinfo");
  const kind = info.match(/model name\s*:\s*(.*)/)?.[1]?.trim() ?? "unknown";
  const memory = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return `${navigator.hardwareConcurrency} cores, ${kind}, ${memory} GiB, ${Deno.build.os}`;
}

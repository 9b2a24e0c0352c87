/**
 * `/debug/vars` and `/stacksz`: a look into the process.
 *
 * @module
 */

import { redactArguments } from "../log/mod.ts";
import { encodeGoJson } from "../protocol/mod.ts";
import type { HttpResponse } from "../runtime/mod.ts";
import { textResponse } from "./endpoint.ts";
import type { LoopDelaySummary } from "./loop_delay.ts";
import type { MonitoredServer } from "./monitored_server.ts";

/** The command line without secrets, and memory in the terms of Go's runtime. */
export function debugVariables({ process, usage }: MonitoredServer): object {
  return {
    memstats: { Sys: usage.memory },
    cmdline: [process.name, ...redactArguments(process.args)],
  };
}

/** The same and the event loop by HTTP: one variable a line, in order. */
export function debugVariablesResponse(server: MonitoredServer): HttpResponse {
  const variables = {
    ...debugVariables(server),
    eventloop: loopVariable(server.loopDelay.summary()),
  };
  const lines = Object.entries(variables).sort().map((
    [name, value],
  ) => `"${name}": ${encodeGoJson(value)}`);
  return textResponse(200, `{\n${lines.join(",\n")}\n}\n`, {
    "Content-Type": "application/json; charset=utf-8",
  });
}

/** Milliseconds; a class of delays is named by its lower bound. */
function loopVariable({ count, total, longest, buckets }: LoopDelaySummary) {
  return {
    turns: count,
    delay_total_ms: total,
    delay_max_ms: longest,
    turns_by_delay_ms: Object.fromEntries(
      buckets.map(({ least, count }) => [String(least), count]),
    ),
  };
}

/** What the event loop does while it answers: there is no other stack. */
export function stacks(): string {
  const frames = new Error().stack?.split("\n").slice(1).join("\n") ?? "";
  return `event loop [running]:\n${frames}\n`;
}

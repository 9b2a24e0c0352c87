/**
 * `/debug/vars` and `/stacksz`: a look into the process.
 *
 * @module
 */

import { redactArguments } from "../log/mod.ts";
import { encodeGoJson } from "../protocol/mod.ts";
import type { MonitoredServer } from "./monitored_server.ts";

/** The command line without secrets, and memory in the terms of Go's runtime. */
export function debugVariables({ process, usage }: MonitoredServer): object {
  return {
    memstats: { Sys: usage.memory },
    cmdline: [process.name, ...redactArguments(process.args)],
  };
}

/** The same as text: one variable a line, in order. */
export function debugVariablesText(server: MonitoredServer): string {
  const lines = Object.entries(debugVariables(server)).sort().map((
    [name, value],
  ) => `"${name}": ${encodeGoJson(value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

/** What the event loop does while it answers: there is no other stack. */
export function stacks(): string {
  const frames = new Error().stack?.split("\n").slice(1).join("\n") ?? "";
  return `event loop [running]:\n${frames}\n`;
}

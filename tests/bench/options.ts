/**
 * The command line of the benchmarks.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";

/** What to run, and what to do with the results. */
export interface BenchOptions {
  /** Runs only benchmarks whose name contains one of these. */
  readonly only: readonly string[];
  /** Runs per benchmark and server; the median counts. */
  readonly runs: number;
  /** Milliseconds of measured load per run; undefined: the usual. */
  readonly duration: number | undefined;
  /** Messages of the large stream; undefined: the usual. */
  readonly messages: number | undefined;
  /** Path of the `main.ts` or the executable that stands for ours. */
  readonly ours: string | undefined;
  /** Also measures the server that does no work. */
  readonly ceiling: boolean;
  /** Prints JSON instead of tables. */
  readonly json: boolean;
  /** Writes `docs/performance.md` and `docs/performance.svg`. */
  readonly save: boolean;
  readonly help: boolean;
}

export const USAGE = `deno task bench [options]

  --only <text>      run only benchmarks whose name contains the text (repeatable)
  --runs <n>         runs per benchmark and server, alternating (default 3)
  --duration <s>     seconds of measured load per run (default 1.5; publishing
                     to streams takes twice as long)
  --messages <n>     messages of the large stream of JetStream (default 1000000)
  --ours <path>      main.ts or executable of our server (default main.ts)
  --ceiling          measure a server that does no work as well: the generator's limit
  --json             print JSON instead of tables
  --save             write docs/performance.md and docs/performance.svg
  --help             print this and the list of benchmarks

The Go server is the one that NATS_SERVER_GO names, else .cache/oracle/nats-server.`;

/** @throws Error with a message for the user */
export function parseOptions(args: string[]): BenchOptions {
  const found = parseArgs(args, {
    boolean: ["ceiling", "json", "save", "help"],
    string: ["only", "runs", "duration", "messages", "ours"],
    collect: ["only"],
    unknown: (arg) => {
      throw new Error(`unknown option ${arg}`);
    },
  });
  const duration = found.duration === undefined
    ? undefined
    : positive("--duration", found.duration) * 1000;
  return {
    only: found.only,
    runs: Math.ceil(positive("--runs", found.runs ?? "3")),
    duration,
    messages: found.messages === undefined
      ? undefined
      : Math.ceil(positive("--messages", found.messages)),
    ours: found.ours,
    ceiling: found.ceiling,
    json: found.json,
    save: found.save,
    help: found.help,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} wants a positive number: ${text}`);
  return value;
}

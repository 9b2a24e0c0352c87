/**
 * Compares our server with the Go server on this machine.
 *
 *     deno task bench [--only <text>] [--runs <n>] [--duration <s>]
 *       [--messages <n>] [--ours <path>] [--ceiling] [--json] [--save]
 *
 * @module
 */

import { complain, print } from "../tools/print.ts";
import { saveDocument } from "./document.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { jsonReport, textReport } from "./report.ts";
import { Results } from "./results.ts";
import { FULL, type Scale, type Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import {
  BenchServer,
  type Contestant,
  goServer,
  nullServer,
  ourServer,
} from "./server.ts";
import { THROUGHPUT } from "./throughput.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs the benchmarks; returns the exit code. */
export async function main(args: string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return 2;
  }
  if (options.help) {
    const list = SCENARIOS.map(({ name, about }) => `  ${name}: ${about}`);
    print(`${USAGE}\n\nBenchmarks:\n${list.join("\n")}`);
    return 0;
  }
  const scenarios = SCENARIOS.filter(({ name }) =>
    options.only.length === 0 ||
    options.only.some((text) => name.includes(text))
  );
  const contestants = [await ourServer(options.ours), await goServer()];
  if (options.ceiling) contestants.push(nullServer());
  const scale = {
    ...FULL,
    duration: options.duration ?? FULL.duration,
    largeStream: options.messages ?? FULL.largeStream,
  };
  const results = new Results();
  let failures = 0;
  for (const scenario of scenarios) {
    failures += await compare(scenario, contestants, scale, options, results);
  }
  const servers = contestants.map(({ name }) => name);
  print(options.json ? jsonReport(results) : textReport(results, servers));
  if (options.save) {
    const { runs } = options;
    const { duration } = scale;
    await saveDocument(results, { runs, duration, servers, scenarios });
  }
  return failures === 0 ? 0 : 1;
}

/** Lets the servers take turns; returns the number of runs that failed. */
async function compare(
  scenario: Scenario,
  contestants: readonly Contestant[],
  scale: Scale,
  options: BenchOptions,
  results: Results,
): Promise<number> {
  let failures = 0;
  for (let run = 1; run <= options.runs; run++) {
    for (const contestant of contestants) {
      if (!takesPart(contestant, scenario)) continue;
      const what = `${scenario.name}, ${contestant.name}, run ${run}`;
      complain(what);
      try {
        await using server = await BenchServer.start(
          contestant,
          scenario.config?.(scale),
        );
        results.add(contestant.name, await scenario.run(server, scale));
      } catch (error) {
        failures++;
        complain(`${what} failed: ${error}`);
      }
    }
  }
  return failures;
}

/** The null server knows plain flows of one subject only. */
function takesPart(contestant: Contestant, scenario: Scenario): boolean {
  return contestant.name !== "null" ||
    (THROUGHPUT.includes(scenario) && /^(publish|1→|4→)/.test(scenario.name));
}

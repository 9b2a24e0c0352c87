/**
 * `deno task suites --checkouts <folder> [--server <path>] [--reference <path>]
 * [--only <text>]`: runs the test suites of the NATS clients with our server
 * and with the Go server, and reports every test that passes with the Go
 * server only and is not accounted for in `docs/parity/client_suites.toml`.
 *
 * The suites start the `nats-server` that is first on the PATH. Their
 * checkouts must be ready to run; the file says at which commit, in which
 * folder and by which command. Nothing is fetched.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { GO_SERVER, locate, PROJECT_ROOT } from "./oracle_binaries.ts";
import {
  type ClientSuite,
  parseClientSuites,
  parseJUnit,
  unaccounted,
} from "./parity/mod.ts";
import { complain, print } from "./print.ts";

const SUITES = `${PROJECT_ROOT}docs/parity/client_suites.toml`;
const REPORTS = `${PROJECT_ROOT}.cache/suites`;
/** Milliseconds for one suite with one server: some tests wait forever. */
const TIME_LIMIT = 30 * 60_000;

interface Options {
  readonly checkouts: string;
  /** Path of a `main.ts` or of an executable. */
  readonly server: string;
  readonly reference: string | undefined;
  /** Runs only suites whose name contains this. */
  readonly only: string;
}

function parseOptions(args: string[]): Options {
  const found = parseArgs(args, {
    string: ["checkouts", "server", "reference", "only"],
    unknown: (arg) => {
      throw new Error(`unknown option ${arg}`);
    },
  });
  if (found.checkouts === undefined) {
    throw new Error("--checkouts must name the folder of prepared checkouts");
  }
  return {
    checkouts: found.checkouts,
    server: found.server ?? `${PROJECT_ROOT}main.ts`,
    reference: found.reference,
    only: found.only ?? "",
  };
}

/** Runs the suites; returns what is wrong. */
async function main(options: Options): Promise<string[]> {
  const reference = options.reference ?? await locate(GO_SERVER);
  const suites = parseClientSuites(await Deno.readTextFile(SUITES))
    .filter(({ name }) => name.includes(options.only));
  const problems: string[] = [];
  for (const suite of suites) {
    const folder = `${options.checkouts}/${suite.folder}`;
    const expected = await passed(suite, folder, reference, "go");
    const actual = await passed(suite, folder, options.server, "ours");
    print(`${suite.name}: ${expected.size} with Go, ${actual.size} with ours`);
    problems.push(...unaccounted(suite, expected, actual));
  }
  return problems;
}

/** Runs a suite with a server; returns the names of the tests that pass. */
async function passed(
  suite: ClientSuite,
  cwd: string,
  server: string,
  label: string,
): Promise<Set<string>> {
  await Deno.mkdir(REPORTS, { recursive: true });
  const stem = `${suite.name.replaceAll(" ", "_")}.${label}`;
  const report = `${REPORTS}/${stem}.xml`;
  const [program = "", ...args] = suite.command
    .map((word) => word.replace("{report}", report));
  await Deno.writeTextFile(report, "");
  const bin = await Deno.makeTempDir({ prefix: "suites-" });
  try {
    await Deno.writeTextFile(`${bin}/nats-server`, launcher(server), {
      mode: 0o755,
    });
    const path = `${bin}:${Deno.env.get("PATH") ?? ""}`;
    const { stdout, stderr } = await new Deno.Command(program, {
      args,
      cwd,
      env: { PATH: path, TMPDIR: bin },
      signal: AbortSignal.timeout(TIME_LIMIT),
    }).output();
    await Deno.writeFile(`${REPORTS}/${stem}.log`, stdout);
    await Deno.writeFile(`${REPORTS}/${stem}.log`, stderr, { append: true });
  } finally {
    await Deno.remove(bin, { recursive: true });
  }
  const results = parseJUnit(stem, await Deno.readTextFile(report));
  if (results.length === 0) {
    throw new Error(
      `${suite.name} reports nothing: see ${REPORTS}/${stem}.log`,
    );
  }
  const names = new Set(results.map(({ name }) => name));
  // A test counts as passed when all of its name pass.
  for (const { name, outcome } of results) {
    if (outcome !== "passed") names.delete(name);
  }
  return names;
}

/** The script that stands for `nats-server` on the PATH. */
function launcher(server: string): string {
  const path = Deno.realPathSync(server);
  const words = path.endsWith(".ts")
    ? [Deno.execPath(), "run", "-A", "--config", `${PROJECT_ROOT}deno.json`]
    : [];
  const quoted = [...words, path].map((word) =>
    `'${word.replaceAll("'", `'\\''`)}'`
  );
  return `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`;
}

if (import.meta.main) {
  try {
    const problems = await main(parseOptions(Deno.args));
    for (const problem of problems) complain(problem);
    if (problems.length > 0) Deno.exit(1);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}

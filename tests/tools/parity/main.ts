/**
 * `deno task parity [--check] [--update-status]`: judges the registry by the
 * last test runs and writes the documents.
 *
 * `--check` writes nothing and fails when a document is stale;
 * `--update-status` closes open rows that are proven. A closed row that lost
 * its proof fails; it is never reopened silently.
 *
 * @module
 */

import { GO_SERVER, PROJECT_ROOT } from "../oracle_binaries.ts";
import { complain, print } from "../print.ts";
import { parseClientSuites } from "./client_suites.ts";
import { parseDifferences, renderDifferences } from "./differences.ts";
import { parseJUnit, type TestResult } from "./junit.ts";
import { renderMap } from "./map.ts";
import { type Area, parseArea } from "./registry.ts";
import { closeProvenRows } from "./status.ts";
import { renderVerification } from "./verification.ts";
import { judge, type Verdict } from "./verdict.ts";

const REGISTRY = `${PROJECT_ROOT}docs/parity`;
const REPORTS = `${PROJECT_ROOT}.cache/junit`;
const GENERAL = "differences";
const SUITES = "client_suites";
const OPTIONS: readonly string[] = ["--check", "--update-status"];

/** Runs the gate; returns what is wrong. */
async function main(options: readonly string[]): Promise<string[]> {
  const unknown = options.filter((option) => !OPTIONS.includes(option));
  if (unknown.length > 0) {
    return unknown.map((option) => `unknown option ${option}`);
  }
  const results = await readResults();
  if (options.includes("--update-status")) {
    await updateStatus(await readAreas(), results);
  }
  const areas = await readAreas();
  const verdict = judge(areas, results);
  const stale = await writeDocuments(
    areas,
    verdict,
    options.includes("--check"),
  );
  const closed = areas.flatMap(({ capabilities }) => capabilities)
    .filter(({ status }) => status === "closed");
  print(
    `${results.length} test results, ${verdict.proofs.size} rows, ${closed.length} closed`,
  );
  return [...verdict.problems, ...stale];
}

async function readAreas(): Promise<Area[]> {
  const names = await stems(REGISTRY, ".toml");
  return Promise.all(
    names.filter((name) => name !== GENERAL && name !== SUITES)
      .map(async (name) =>
        parseArea(name, await Deno.readTextFile(`${REGISTRY}/${name}.toml`))
      ),
  );
}

async function readResults(): Promise<TestResult[]> {
  const names = await stems(REPORTS, ".xml").catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  });
  const reports = names.map(async (name) =>
    parseJUnit(name, await Deno.readTextFile(`${REPORTS}/${name}.xml`))
  );
  return (await Promise.all(reports)).flat();
}

/** Names of a folder's files that end so, without the ending, sorted. */
async function stems(folder: string, ending: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return names.filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

async function updateStatus(
  areas: readonly Area[],
  results: readonly TestResult[],
): Promise<void> {
  const verdict = judge(areas, results);
  for (const area of areas) {
    const path = `${REGISTRY}/${area.name}.toml`;
    const before = await Deno.readTextFile(path);
    const after = closeProvenRows(area, before, verdict);
    if (after !== before) await Deno.writeTextFile(path, after);
  }
}

/** Writes what changed, or only says what is stale. */
async function writeDocuments(
  areas: readonly Area[],
  verdict: Verdict,
  checkOnly: boolean,
): Promise<string[]> {
  const general = parseDifferences(
    await readIfThere(`${REGISTRY}/${GENERAL}.toml`),
  );
  const suites = parseClientSuites(
    await readIfThere(`${REGISTRY}/${SUITES}.toml`),
  );
  const documents = {
    "differences.md": renderDifferences(areas, general, GO_SERVER.version),
    "docs/parity-map.md": renderMap(areas, GO_SERVER.version, suites),
    "docs/parity-verification.md": renderVerification(
      areas,
      verdict,
      GO_SERVER.version,
    ),
  };
  const stale: string[] = [];
  for (const [path, text] of Object.entries(documents)) {
    if (await readIfThere(PROJECT_ROOT + path) === text) continue;
    if (checkOnly) stale.push(`${path} is stale: run \`deno task parity\``);
    else await Deno.writeTextFile(PROJECT_ROOT + path, text);
  }
  return stale;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

if (import.meta.main) {
  const problems = await main(Deno.args);
  for (const problem of problems) complain(problem);
  if (problems.length > 0) Deno.exit(1);
}

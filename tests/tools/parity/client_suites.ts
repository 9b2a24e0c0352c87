/**
 * How the test suites of the NATS clients fare: `docs/parity/client_suites.toml`
 * and its section of the parity map.
 *
 * @module
 */

import { parse } from "@std/toml";
import { table } from "./markdown.ts";
import { requiredText } from "./registry.ts";

/** How many tests of a suite ended how. */
export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Tests that pass with the Go server and not with ours, for one reason. */
export interface MissingTests {
  /** The subsystem, or the behaviour, that they need. */
  readonly needs: string;
  readonly reason: string;
  readonly tests: readonly string[];
}

/** The suite of one client at one commit. */
export interface ClientSuite {
  readonly name: string;
  readonly repository: string;
  readonly version: string;
  readonly commit: string;
  /** Where to run it, below the folder of prepared checkouts. */
  readonly folder: string;
  /** What runs it; `{report}` stands for the path of the JUnit report. */
  readonly command: readonly string[];
  /** What was different from a plain run. */
  readonly conditions: string;
  readonly go: SuiteCounts;
  readonly ours: SuiteCounts;
  readonly missing: readonly MissingTests[];
}

type Row = Readonly<Record<string, unknown>>;

const FILE = "client_suites.toml";

/** Reads `[[suite]]` and its `[[suite.missing]]`. @throws Error that names the suite and the field */
export function parseClientSuites(text: string): ClientSuite[] {
  return rows(parse(text), "suite", FILE).map((row) => {
    const name = requiredText(row, "name", FILE);
    const where = `${FILE}, ${name}`;
    return {
      name,
      repository: requiredText(row, "repository", where),
      version: requiredText(row, "version", where),
      commit: requiredText(row, "commit", where),
      folder: requiredText(row, "folder", where),
      command: texts(row, "command", where),
      conditions: requiredText(row, "conditions", where),
      go: counts(row, "go", where),
      ours: counts(row, "ours", where),
      missing: rows(row, "missing", where).map((missing) => ({
        needs: requiredText(missing, "needs", where),
        reason: requiredText(missing, "reason", where),
        tests: texts(missing, "tests", where),
      })),
    };
  });
}

/** Renders the section; nothing when there is no suite. */
export function renderClientSuites(suites: readonly ClientSuite[]): string[] {
  if (suites.length === 0) return [];
  const missing = suites.flatMap((suite) =>
    suite.missing.map(({ needs, reason, tests }) => [
      suite.name,
      needs,
      String(tests.length),
      reason,
    ])
  );
  return [
    "",
    "## Client suites",
    "",
    "Test suites of NATS clients, run with either server (`deno task suites`):",
    "",
    ...table(
      ["Suite", "Version", "Pass with the Go server", "Pass with this server"],
      suites.map(({ name, version, commit, go, ours }) => [
        name,
        `${version} (\`${commit.slice(0, 7)}\`)`,
        `${go.passed} of ${total(go)}`,
        `${ours.passed} of ${total(ours)}`,
      ]),
    ),
    ...missing.length === 0 ? [] : [
      "",
      "Tests that pass with the Go server and not with this one yet:",
      "",
      ...table(["Suite", "Need", "Tests", "Why"], missing),
    ],
  ];
}

/**
 * What the file gets wrong about a run: tests that only the Go server passes
 * and the file doesn't name, and tests it names that pass with ours by now.
 */
export function unaccounted(
  suite: ClientSuite,
  passedWithGo: ReadonlySet<string>,
  passedWithOurs: ReadonlySet<string>,
): string[] {
  const named = new Set(suite.missing.flatMap(({ tests }) => tests));
  return [
    ...[...passedWithGo]
      .filter((test) => !passedWithOurs.has(test) && !named.has(test))
      .map((test) => `${suite.name}: only the Go server passes ${test}`),
    ...[...named]
      .filter((test) => passedWithOurs.has(test))
      .map((test) => `${suite.name}: ${test} passes; take it out of ${FILE}`),
  ];
}

/** Tests that ran: a suite skips by itself what a platform can't do. */
function total({ passed, failed }: SuiteCounts): number {
  return passed + failed;
}

function rows(table: Row, field: string, where: string): Row[] {
  const value = table[field] ?? [];
  if (!Array.isArray(value)) {
    throw new Error(`${where}: [[${field}]] must be a list`);
  }
  return value;
}

function texts(row: Row, field: string, where: string): string[] {
  const value = row[field];
  if (
    !Array.isArray(value) || value.length === 0 ||
    !value.every((item) => typeof item === "string")
  ) {
    throw new Error(`${where}: ${field} must be a list of texts`);
  }
  return value;
}

function counts(row: Row, field: string, where: string): SuiteCounts {
  const value = row[field];
  const found: Row = typeof value === "object" && value !== null
    ? { ...value }
    : {};
  const count = (kind: string) => {
    const number = found[kind];
    if (typeof number !== "number") {
      throw new Error(`${where}: ${field}.${kind} is missing`);
    }
    return number;
  };
  return {
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
  };
}

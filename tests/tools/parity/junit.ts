/**
 * Reads the JUnit reports that `deno test --junit-path` writes.
 *
 * @module
 */

/** How one test, or one step of a test, ended. */
export interface TestResult {
  /** Name as registered; a step's name follows its test's after ` > `. */
  readonly name: string;
  /** Path of the test file, relative to the project. */
  readonly file: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

const SUITE = /<testsuite\s([^>]*?)>(.*?)<\/testsuite>/gs;
const TEST_CASE = /<testcase\s([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs;

/** Reads one report. A suite is a test file; a case's own class names its helper, if any. */
export function parseJUnit(xml: string): TestResult[] {
  return [...xml.matchAll(SUITE)].flatMap(([, suite = "", cases = ""]) => {
    const file = attribute(suite, "name").replace(/^\.\//, "");
    return [...cases.matchAll(TEST_CASE)].map((
      [, attributes = "", body = ""],
    ) => ({
      name: attribute(attributes, "name"),
      file,
      outcome: outcomeOf(body),
    }));
  });
}

function outcomeOf(body: string): TestResult["outcome"] {
  if (/<(failure|error)\b/.test(body)) return "failed";
  return /<skipped\b/.test(body) ? "skipped" : "passed";
}

function attribute(attributes: string, name: string): string {
  return unescapeXml(
    attributes.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? "",
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescapeXml(text: string): string {
  return text.replace(/&(#x?[\da-f]+|\w+);/gi, (whole, entity: string) => {
    if (entity.startsWith("#x")) {
      return String.fromCodePoint(parseInt(entity.slice(2), 16));
    }
    if (entity.startsWith("#")) {
      return String.fromCodePoint(Number(entity.slice(1)));
    }
    return ENTITIES[entity] ?? whole;
  });
}

/**
 * Reads the JUnit reports that `deno test --junit-path` writes.
 *
 * @module
 */

/** How one test, or one step of a test, ended. */
export interface TestResult {
  /** Name as registered; a step's name follows its test's after ` > `. */
  readonly name: string;
  /**
   * Which run it belongs to: name of the report without `.xml`. The reports
   * don't tell the file of a test that a helper registered.
   */
  readonly run: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

const TEST_CASE = /<testcase\s([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs;

/** Reads the report of one run. */
export function parseJUnit(run: string, xml: string): TestResult[] {
  return [...xml.matchAll(TEST_CASE)].map(([, attributes = "", body = ""]) => ({
    name: attribute(attributes, "name"),
    run,
    outcome: outcomeOf(body),
  }));
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

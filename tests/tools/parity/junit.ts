/**
 * Reads the JUnit reports that `deno test --junit-path` writes.
 *
 * @module
 */

/** How one test, or one step of a test, ended. */
export interface TestResult {
  /** Name as reported: a step's follows its test's after ` > `. */
  readonly name: string;
  /** What it was registered as: of a step, the part after ` > `. */
  readonly title: string;
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
  const cases = [...xml.matchAll(TEST_CASE)].map((
    [, attributes = "", body = ""],
  ) => ({
    name: attribute(attributes, "name"),
    outcome: outcomeOf(body),
  }));
  const names = new Set(cases.map(({ name }) => name));
  return cases.map((result) => ({
    ...result,
    title: titleOf(result.name, names),
    run,
  }));
}

const STEP = " > ";

/** Strips the longest prefix that is itself a test or step; a title may hold ` > ` too. */
function titleOf(name: string, names: ReadonlySet<string>): string {
  for (
    let at = name.lastIndexOf(STEP);
    at > 0;
    at = name.lastIndexOf(STEP, at - 1)
  ) {
    if (names.has(name.slice(0, at))) return name.slice(at + STEP.length);
  }
  return name;
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

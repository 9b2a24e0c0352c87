import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  parseArea,
  parseClientSuites,
  renderClientSuites,
  renderMap,
  unaccounted,
} from "../../tools/parity/mod.ts";

const SUITE = `[[suite]]
name = "client"
repository = "https://example.com/client"
version = "1.2.3"
commit = "0123456789abcdef"
folder = "client"
command = ["run", "{report}"]
conditions = "none"
go = { passed = 10, failed = 1, skipped = 2 }
ours = { passed = 8, failed = 3, skipped = 2 }
`;
const MISSING = `[[suite.missing]]
needs = "the | subsystem"
reason = "It is not there."
tests = ["one", "two"]
`;

Deno.test("client suites - suites and what they miss are read", () => {
  const [suite] = parseClientSuites(SUITE + MISSING);
  assertEquals(suite?.command, ["run", "{report}"]);
  assertEquals(suite?.ours, { passed: 8, failed: 3, skipped: 2 });
  assertEquals(suite?.missing, [{
    needs: "the | subsystem",
    reason: "It is not there.",
    tests: ["one", "two"],
  }]);
});

Deno.test("client suites - a missing field is named with its suite", () => {
  const message = (text: string) =>
    assertThrows(() => parseClientSuites(text), Error).message;
  assertEquals(
    message(SUITE.replace(/^version.*\n/m, "")),
    "client_suites.toml, client: version is missing",
  );
  assertEquals(
    message(SUITE.replace("passed = 8", "passed = true")),
    "client_suites.toml, client: ours.passed is missing",
  );
  assertEquals(
    message(SUITE.replace(/^go = .*$/m, "")),
    "client_suites.toml, client: go.passed is missing",
  );
  assertEquals(
    message(SUITE + MISSING.replace('"one", "two"', "")),
    "client_suites.toml, client: tests must be a list of texts",
  );
});

Deno.test("client suites - the section counts tests that ran and escapes its cells", () => {
  const section = renderClientSuites(parseClientSuites(SUITE + MISSING));
  const text = section.join("\n");
  assertStringIncludes(
    text,
    "| client | 1.2.3 (`0123456`) | 10 of 11 | 8 of 11 |",
  );
  assertStringIncludes(
    text,
    "| client | the \\| subsystem | 2 | It is not there. |",
  );
  const area = parseArea(
    "area",
    `[[capability]]
id = "area/row"
section = "1"
name = "Row"
status = "open"
`,
  );
  const map = renderMap([area], "v0", parseClientSuites(SUITE));
  assertStringIncludes(map, "\n## Client suites\n");
  assertEquals(map.includes("yet:"), false);
  assertEquals(renderMap([area], "v0").includes("Client suites"), false);
});

Deno.test("client suites - a run is held against what the file names", () => {
  const [suite] = parseClientSuites(SUITE + MISSING);
  if (suite === undefined) throw new Error("no suite");
  const go = new Set(["one", "two", "three", "four"]);
  assertEquals(unaccounted(suite, go, new Set(["three", "four"])), []);
  assertEquals(unaccounted(suite, go, new Set(["two", "four", "five"])), [
    "client: only the Go server passes three",
    "client: two passes; take it out of client_suites.toml",
  ]);
});

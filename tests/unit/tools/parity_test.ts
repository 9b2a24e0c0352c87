import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type Area,
  claimsOf,
  closeProvenRows,
  judge,
  parseArea,
  parseDifferences,
  parseJUnit,
  renderDifferences,
  renderMap,
  renderVerification,
  type TestResult,
} from "../../tools/parity/mod.ts";
import { claimedName } from "../../tools/capability.ts";

/** A registry file with one row per given state. */
function registry(rows: Readonly<Record<string, string>>): string {
  return Object.entries(rows).map(([row, more]) =>
    `[[capability]]
id = "area/${row}"
section = "1. Section"
name = "Name of ${row}"
contract = "What ${row} does | and how."
go_tests = []
${more}
`
  ).join("\n");
}

function passing(name: string, run = "test"): TestResult {
  return { name, title: name, run, outcome: "passed" };
}

const problemsOf = (
  rows: Readonly<Record<string, string>>,
  ...results: TestResult[]
) => judge([parseArea("area", registry(rows))], results).problems;

Deno.test("parity - the JUnit report of deno test is read, steps and escapes included", () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="2" errors="0" time="0.008">
  <testsuite name="./p_test.ts" tests="4" disabled="1" errors="0" failures="2">
    <testcase name="outer [+a/b]" classname="./p_test.ts" time="0.002" line="1" col="6">
      <failure message="1 test step failed">1 test step failed.</failure>
    </testcase>
    <testcase name="ign" classname="./p_test.ts" time="0.000" line="2" col="6">
      <skipped/>
    </testcase>
    <testcase name="outer [+a/b] &gt; in &lt;x&gt; &quot;q&quot; &amp;amp; &#x21;" classname="./helper.ts" time="0">
    </testcase>
    <testcase name="short" classname="./p_test.ts"/>
  </testsuite>
</testsuites>`;
  assertEquals(
    parseJUnit("test", xml).map(({ title, outcome }) => [title, outcome]),
    [
      ["outer [+a/b]", "failed"],
      ["ign", "skipped"],
      ['in <x> "q" &amp; !', "passed"],
      ["short", "passed"],
    ],
  );
});

Deno.test("parity - a step proves what it names itself, not what its test names", () => {
  const report = (names: Readonly<Record<string, string>>) =>
    Object.entries(names)
      .map(([name, body]) => `<testcase name="${name}">${body}</testcase>`)
      .join("");
  const results = parseJUnit(
    "test",
    report({
      "a &gt; b [+area/one]": "<failure/>",
      "a &gt; b [+area/one] &gt; good": "",
      "a &gt; b [+area/one] &gt; better [!area/one]": "",
    }),
  );
  assertEquals(results.map(({ title }) => title), [
    "a > b [+area/one]",
    "good",
    "better [!area/one]",
  ]);
  const area = parseArea("area", registry({ one: 'status = "open"' }));
  const proof = judge([area], results).proofs.get("area/one");
  assertEquals(proof?.positive, []);
  assertEquals(proof?.edge.map(({ name }) => name), [
    "a > b [+area/one] > better [!area/one]",
  ]);
});

Deno.test("parity - claims survive the way through a test's name", () => {
  const claims = { positive: ["a/b", "a/c-2"], edge: ["d/e"] };
  assertEquals(claimsOf(claimedName("+OK is [ignored]", claims)), claims);
  assertEquals(claimsOf("nothing [+claimed] here [at all]"), {
    positive: [],
    edge: [],
  });
});

Deno.test("parity - a row is closed by a positive and an edge test", () => {
  const rows = { one: 'status = "closed"' };
  assertEquals(
    problemsOf(rows, passing("p [+area/one]"), passing("e [!area/one]")),
    [],
  );
  assertEquals(problemsOf(rows, passing("both [+area/one !area/one]")), []);
});

Deno.test("parity - a closed row without one of its proofs fails the gate", () => {
  const rows = { one: 'status = "closed"' };
  const noEdge = "area/one is closed but has no passing edge test";
  const noPositive = "area/one is closed but has no passing positive test";
  assertEquals(problemsOf(rows), [noPositive, noEdge]);
  assertEquals(problemsOf(rows, passing("p [+area/one]")), [noEdge]);
  for (const outcome of ["failed", "skipped"] as const) {
    const test: TestResult = { ...passing("e [!area/one]"), outcome };
    assertEquals(problemsOf(rows, passing("p [+area/one]"), test), [noEdge]);
  }
});

Deno.test("parity - a test that names an unknown row fails the gate, passing or not", () => {
  const failed: TestResult = {
    ...passing("f [!area/nine]"),
    outcome: "failed",
  };
  assertEquals(
    problemsOf({ one: 'status = "open"' }, passing("p [+other/one]"), failed),
    [
      'test "f [!area/nine]" of the test run names the unknown row area/nine',
      'test "p [+other/one]" of the test run names the unknown row other/one',
    ],
  );
});

Deno.test("parity - what is partial or deferred must name blocker and evidence", () => {
  assertEquals(
    problemsOf({
      one: 'status = "deferred"',
      two: 'status = "deferred"\nblocker = "b"\nevidence = "e"',
      three: 'status = "partial"\nblocker = "b"',
      four: 'status = "open"',
    }),
    [
      "area/one is deferred but names no blocker",
      "area/one is deferred but names no evidence",
      "area/three is partial but names no evidence",
    ],
  );
});

Deno.test("parity - mistakes in the registry are named", () => {
  const broken: [string, string][] = [
    ["other", "other.toml, area/one: the id must begin with other/"],
    ["area", "area.toml, area/one: unknown status done"],
  ];
  for (const [area, message] of broken) {
    assertThrows(
      () => parseArea(area, registry({ one: 'status = "done"' })),
      Error,
      message,
    );
  }
  const twice = registry({ one: 'status = "open"' }).repeat(2);
  assertThrows(
    () => parseArea("area", twice),
    Error,
    "area.toml: area/one stands twice",
  );
  assertThrows(
    () => parseArea("area", ""),
    Error,
    "area.toml has no [[capability]]",
  );
  assertThrows(
    () => parseDifferences('[[difference]]\ntitle = "t"'),
    Error,
    "entry 1: difference is missing",
  );
});

Deno.test("parity - proven open rows are closed in place, all others stay", () => {
  const text = registry({
    one: 'status = "open"',
    two: 'status = "open"',
    three:
      'status = "partial"\nblocker = "status = \\"open\\""\nevidence = "e"',
    four: 'status = "closed"',
  });
  const area = parseArea("area", text);
  const verdict = judge([area], [
    passing("all [+area/one !area/one +area/two +area/three !area/three]"),
  ]);
  const after = closeProvenRows(area, text, verdict);
  assertEquals(after, text.replace('status = "open"', 'status = "closed"'));
  assertEquals(
    parseArea("area", after).capabilities.map(({ status }) => status),
    [
      "closed",
      "open",
      "partial",
      "closed",
    ],
  );
});

const AREAS: readonly Area[] = [
  parseArea(
    "area",
    registry({
      one: 'status = "closed"',
      two:
        'status = "partial"\ndifference = "Only half."\nblocker = "The runtime."\nevidence = "t_test.ts"',
      three: 'status = "open"',
    }),
  ),
];

Deno.test("parity - the map counts states and lists every row", () => {
  const map = renderMap(AREAS, "v1.2.3");
  assertStringIncludes(map, "| [area](#area) | 1 | 1 | 0 | 1 | 3 |");
  assertStringIncludes(map, "| all | 1 | 1 | 0 | 1 | 3 |");
  assertStringIncludes(map, "| open | Name of three | `area/three` |");
  assertStringIncludes(map, "v1.2.3");
});

Deno.test("parity - the differences tell blocker, evidence and how much is not proven", () => {
  const general = parseDifferences(
    '[[difference]]\ntitle = "T"\ndifference = "D"\nblocker = "B"\nevidence = "E"',
  );
  const text = renderDifferences(AREAS, general, "v1.2.3");
  assertStringIncludes(text, "### T\n\nD\n\n- In the way: B\n- Evidence: E\n");
  assertStringIncludes(
    text,
    "### Name of two (`area/two`)\n\nWorks in part. Only half.\n\n" +
      "- The Go server: What two does | and how.\n- In the way: The runtime.\n- Evidence: t_test.ts\n",
  );
  assertStringIncludes(text, "## Not proven yet");
  assertStringIncludes(text, "- area: 1\n");
  assertEquals(text.includes("area/one"), false);
});

Deno.test("parity - the record of verification does not depend on the order of results", () => {
  const results = [
    passing("b [!area/one]"),
    passing("a [!area/one]", "interop"),
    passing("a [+area/one]"),
  ];
  const text = renderVerification(AREAS, judge(AREAS, results), "v1.2.3");
  assertEquals(
    renderVerification(AREAS, judge(AREAS, results.toReversed()), "v1.2.3"),
    text,
  );
  assertStringIncludes(
    text,
    "### Name of one (`area/one`)\n\n" +
      "- `+` test: a\n- `!` interop: a\n- `!` test: b\n",
  );
  assertEquals(text.includes("area/two"), false);
});

import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  MappingError,
  type MappingTarget,
  SubjectMappings,
} from "../../../src/account/mappings.ts";
import type { Random } from "../../../src/runtime/mod.ts";
import { subjectToBytes } from "../../../src/subject/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { capability } from "../../tools/capability.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

/** Counts draws. */
class CountingRandom extends SeededRandom implements Random {
  draws = 0;

  override below(bound: number): number {
    this.draws++;
    return super.below(bound);
  }
}

function setUp(cluster = "") {
  const random = new CountingRandom(11n);
  const place = { cluster };
  const mappings = new SubjectMappings({
    random,
    seed: 1,
    clusterName: () => place.cluster,
  });
  return { mappings, random, place };
}

function to(subject: string, weight = 100, cluster = ""): MappingTarget {
  return { subject, weight, cluster };
}

/** How often each outcome comes in 10,000 draws, rounded to whole percents. */
function shares(
  mappings: SubjectMappings,
  subject: string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  const buffer = subjectToBytes(subject);
  for (let i = 0; i < 10_000; i++) {
    const mapped = mappings.map(buffer, 0, buffer.length) ?? "(unmapped)";
    counts[mapped] = (counts[mapped] ?? 0) + 1;
  }
  return counts;
}

function assertShares(
  mappings: SubjectMappings,
  subject: string,
  expected: Record<string, number>,
): void {
  const found = shares(mappings, subject);
  assertEquals(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [outcome, percent] of Object.entries(expected)) {
    const off = Math.abs((found[outcome] ?? 0) - percent * 100);
    assert(off < 250, `${outcome}: ${found[outcome]}`);
  }
}

capability(
  "a full-weight mapping is applied without a draw, inside a buffer too",
  { positive: [id("weighted"), id("first-match")] },
  () => {
    const { mappings, random } = setUp();
    assert(mappings.add("foo", [to("bar")]));
    assert(mappings.add("a.*.*", [to("b.$2.$1")]));
    const buffer = subjectToBytes("PUB a.x.y 5\r\n");
    assertEquals(mappings.map(buffer, 4, 9), "b.y.x");
    assertEquals(mappings.mapSubject("foo"), "bar");
    assertEquals(random.draws, 0);
  },
);

capability(
  "what no mapping matches stays as it is",
  { edge: [id("first-match")] },
  () => {
    const { mappings } = setUp();
    const buffer = subjectToBytes("foo.bar");
    assertStrictEquals(mappings.map(buffer, 0, buffer.length), null);
    mappings.add("foo.*.x", [to("bar")]);
    for (const subject of ["foo", "foo.bar", "foo.bar.y", "foo..x", ""]) {
      assertStrictEquals(mappings.mapSubject(subject), null, subject);
    }
    // A cached miss must not outlive the mappings that it was about.
    assertStrictEquals(mappings.map(buffer, 0, buffer.length), null);
    mappings.add("foo.>", [to("new.>")]);
    assertEquals(mappings.map(buffer, 0, buffer.length), "new.bar");
    mappings.remove("foo.>");
    assertStrictEquals(mappings.map(buffer, 0, buffer.length), null);
  },
);

capability(
  "mappings apply once, in order, the first that matches",
  { positive: [id("first-match")] },
  () => {
    const { mappings } = setUp();
    mappings.add("foo.*", [to("one.$1")]);
    mappings.add("foo.bar", [to("two")]);
    mappings.add("one.>", [to("three.>")]);
    assertEquals(mappings.mapSubject("foo.bar"), "one.bar");
    assertEquals(mappings.mapSubject("one.bar"), "three.bar");
    assertEquals(mappings.sources(), ["foo.*", "foo.bar", "one.>"]);
  },
);

capability(
  "adding a source again replaces it in place, removing moves the last up",
  { edge: [id("first-match")] },
  () => {
    const { mappings } = setUp();
    for (const source of ["a.*", "*.b", ">"]) {
      mappings.add(source, [
        to(source === ">" ? "rest.>" : `${source.length}`),
      ]);
    }
    assertFalse(mappings.add("a.*", [to("again.$1")]));
    assertEquals(mappings.sources(), ["a.*", "*.b", ">"]);
    assertEquals(mappings.mapSubject("a.b"), "again.b");
    assert(mappings.remove("a.*"));
    assertFalse(mappings.remove("a.*"));
    assertEquals(mappings.sources(), [">", "*.b"]);
    assertEquals(mappings.mapSubject("a.b"), "rest.a.b");
    assertEquals(mappings.size, 2);
    // A mapping that is refused leaves the old one.
    assertThrows(() => mappings.add(">", [to("a"), to("a", 0)]));
    assertEquals(mappings.mapSubject("a.b"), "rest.a.b");
  },
);

capability(
  "a published wildcard is mapped only by what covers it",
  { edge: [id("first-match")] },
  () => {
    const { mappings } = setUp();
    mappings.add("foo.*", [to("bar.$1")]);
    assertEquals(mappings.mapSubject("foo.*"), "bar.*");
    assertStrictEquals(mappings.mapSubject("foo.>"), null);
  },
);

capability(
  "weights decide, and the source gets what is missing to 100",
  { positive: [id("weighted")] },
  () => {
    const { mappings } = setUp();
    mappings.add("foo", [to("a", 20), to("b", 50)]);
    assertShares(mappings, "foo", { a: 20, b: 50, foo: 30 });
    mappings.add("wild.*.*", [to("c.$1", 40), to("d.$2", 40)]);
    assertShares(mappings, "wild.x.y", {
      "c.x": 40,
      "d.y": 40,
      "wild.x.y": 20,
    });
    mappings.add("zero", [to("never", 0)]);
    assertShares(mappings, "zero", { zero: 100 });
  },
);

capability(
  "with the source among the destinations the rest is lost",
  { positive: [id("weighted")], edge: [id("weighted")] },
  () => {
    const { mappings } = setUp();
    mappings.add("foo", [to("foo", 50)]);
    assertShares(mappings, "foo", { foo: 50, "": 50 });
    mappings.add("bar", [to("bar", 20), to("other", 60)]);
    assertShares(mappings, "bar", { bar: 20, other: 60, "": 20 });
    mappings.add("gone", [to("gone", 0)]);
    assertShares(mappings, "gone", { "": 100 });
    mappings.add("void", [to("")]);
    assertShares(mappings, "void", { "": 100 });
  },
);

capability(
  "a partial mapping takes one draw for each message",
  { edge: [id("weighted")] },
  () => {
    const { mappings, random } = setUp();
    mappings.add("foo", [to("a", 50), to("b", 50)]);
    for (let i = 0; i < 10; i++) mappings.mapSubject("foo");
    assertEquals(random.draws, 10);
  },
);

capability(
  "weights beyond 100 are refused",
  { edge: [id("weighted")] },
  () => {
    const { mappings } = setUp();
    const refuse = (message: string, ...targets: MappingTarget[]) =>
      assertThrows(() => mappings.add("foo", targets), MappingError, message);
    refuse("individual weights need to be <= 100", to("a", 101));
    refuse("total weight needs to be <= 100", to("a", 60), to("b", 41));
    refuse(
      "total weight needs to be <= 100",
      to("a", 60, "c1"),
      to("b", 60, "c2"),
      to("d", 41, "c1"),
    );
    assertEquals(mappings.size, 0);
    mappings.add("foo", [to("a", 100, "c1"), to("b", 100, "c2"), to("c", 100)]);
  },
);

capability(
  "a destination may be named once, even in different clusters",
  { positive: [id("duplicate-dest")], edge: [id("duplicate-dest")] },
  () => {
    const { mappings } = setUp();
    const refuse = (message: string, ...targets: MappingTarget[]) =>
      assertThrows(() => mappings.add("foo", targets), MappingError, message);
    refuse('duplicate entry for "bar"', to("bar", 10), to("bar", 20));
    refuse('duplicate entry for "bar"', to("bar", 10), to("bar", 20, "c"));
    refuse('duplicate entry for "b\\"r"', to('b"r', 1), to('b"r', 1));
    assertStrictEquals(mappings.mapSubject("foo"), null);
  },
);

capability(
  "destinations of the server's cluster come before those for all",
  { positive: [id("cluster-specific")] },
  () => {
    const { mappings, place } = setUp("SFO");
    mappings.add("foo", [
      to("generic", 100),
      to("sfo", 60, "SFO"),
      to("nyc", 100, "NYC"),
    ]);
    assertShares(mappings, "foo", { sfo: 60, foo: 40 });
    place.cluster = "NYC";
    assertShares(mappings, "foo", { nyc: 100 });
    place.cluster = "LON";
    assertShares(mappings, "foo", { generic: 100 });
  },
);

capability(
  "without generic destinations other clusters keep the source, unless listed",
  { edge: [id("cluster-specific")] },
  () => {
    const { mappings } = setUp("LON");
    mappings.add("foo", [to("sfo", 100, "SFO")]);
    assertShares(mappings, "foo", { foo: 100 });
    mappings.add("bar", [to("bar", 50, "SFO")]);
    assertShares(mappings, "bar", { "": 100 });
  },
);

Deno.test("describe() shows cumulative weights, in order of weight", () => {
  const { mappings } = setUp();
  mappings.add("foo", [to("a", 50), to("b", 20), to("c", 100, "SFO")]);
  assertEquals([...mappings.describe()], [{
    source: "foo",
    shares: [
      { subject: "b", weight: 20, cluster: "" },
      { subject: "foo", weight: 50, cluster: "" },
      { subject: "a", weight: 100, cluster: "" },
      { subject: "c", weight: 100, cluster: "SFO" },
    ],
  }]);
});

Deno.test("sources and destinations that make no sense are refused", () => {
  const { mappings } = setUp();
  for (
    const [source, destination, message] of [
      ["foo..bar", "x", "invalid subject"],
      ["", "x", "invalid subject"],
      ["foo bar", "x", "invalid subject"],
      ["foo.*", "bar.*", "invalid subject"],
      ["foo", "b ar", "invalid mapping destination: invalid transform"],
      [
        "foo",
        "{{nope()}}",
        "invalid mapping destination: unknown function in {{nope()}}",
      ],
    ] as const
  ) {
    assertThrows(() => mappings.add(source, [to(destination)]), Error, message);
  }
  assertEquals(mappings.size, 0);
});

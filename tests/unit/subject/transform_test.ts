import {
  assert,
  assertEquals,
  assertExists,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  createTransform,
  destinationPattern,
  identityDestination,
  SubjectTransformError,
  validateMapping,
} from "../../../src/subject/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { capability } from "../../tools/capability.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;
const random = new SeededRandom(7n);

function transform(source: string, destination: string, strict = false) {
  const made = createTransform(source, destination, { random, strict });
  assertExists(made);
  return made;
}

/** Checks rows of source, destination, subject and expected outcome. */
function assertTransforms(...rows: [string, string, string, string][]): void {
  for (const [source, destination, subject, expected] of rows) {
    const outcome = transform(source, destination).match(subject);
    assertEquals(outcome, expected, `${source} -> ${destination}: ${subject}`);
  }
}

function assertRefused(
  source: string,
  destination: string,
  message: string,
  strict = false,
): void {
  const error = assertThrows(
    () => createTransform(source, destination, { random, strict }),
    SubjectTransformError,
  );
  assertEquals(error.message, message);
}

const bad = (reason: string) => `invalid mapping destination: ${reason}`;

capability(
  "placeholders are replaced by the tokens of their wildcards",
  { positive: [id("placeholders")] },
  () => {
    assertTransforms(
      ["foo", "bar", "foo", "bar"],
      ["foo.*", "bar.$1", "foo.x", "bar.x"],
      ["foo.*.bar.*.baz", "req.$2.$1", "foo.A.bar.B.baz", "req.B.A"],
      [
        "foo.*.bar.*.baz",
        "req.{{wildcard(2)}}.{{wildcard(1)}}",
        "foo.A.bar.B.baz",
        "req.B.A",
      ],
      ["*.*", "$1.{{ Wildcard( 2 ) }}.$1", "a.b", "a.b.a"],
      ["*", "x.$1", "\xff\x80", "x.\xff\x80"],
    );
  },
);

capability(
  "what looks like a placeholder may be literal, or index 0",
  { edge: [id("placeholders")] },
  () => {
    assertTransforms(
      ["foo.*", "$JS.$foo.$", "foo.x", "$JS.$foo.$"],
      ["foo.*", "a$1.{{}}.{x}", "foo.x", "a$1.{{}}.{x}"],
      // Indexes below 1 stand for the first token, as in the Go server.
      ["foo.*", "bar.$0", "foo.x", "bar.foo"],
      ["foo.*", "bar.{{wildcard(-3)}}", "foo.x", "bar.foo"],
      ["foo.*", "bar.$+1", "foo.x", "bar.x"],
    );
    assertRefused(
      "foo.*",
      "bar.$2",
      `${bad("wildcard index out of range")} in $2: [2]`,
    );
  },
);

capability(
  "function names and spaces are taken as the expressions allow",
  { positive: [id("functions")] },
  () => {
    assertTransforms(
      ["*", "{{wildcard(1)}}", "ab", "ab"],
      ["*", "{{ Wildcard (1) }}", "ab", "ab"],
      ["*", "{{\tPartition(10,\t1)}}", "foo", "3"],
      ["*", "{{splitfromleft(1,1)}}", "ab", "a.b"],
      ["*", "{{SplitFromLeft(1, 1)}}", "ab", "a.b"],
      ["*", "{{Left( 1 , 1 )}}", "ab", "a"],
      ["*", "{{Random(1)}}", "ab", "0"],
    );
  },
);

capability(
  "unknown functions and wrong arguments are refused",
  { edge: [id("functions")] },
  () => {
    const unknown = bad("unknown function");
    for (
      const token of [
        "{{unimplemented(1)}}",
        "{{WILDCARD(1)}}",
        "{{splitFromleft1(1,1)}}",
        "{{wildcard}}",
        "{{ wildcard5) }}",
        "{{\xa0wildcard(1)}}",
      ]
    ) assertRefused("foo.*", `foo.${token}`, `${unknown} in ${token}`);
  },
);

capability(
  "partition hashes the chosen tokens, or the whole subject",
  { positive: [id("partition")] },
  () => {
    assertTransforms(
      ["*", "bar.{{partition(10)}}", "foo", "bar.3"],
      ["*", "bar.{{partition(10)}}", "baz", "bar.0"],
      ["*", "bar.{{partition(10)}}", "qux", "bar.9"],
      ["*.*", "bar.{{partition(10)}}", "foo.bar", "bar.6"],
      ["foo.bar", "baz.{{partition(10)}}", "foo.bar", "baz.6"],
      ["foo.baz", "qux.{{partition(10)}}", "foo.baz", "qux.4"],
      ["test.subject", "result.{{partition(5)}}", "test.subject", "result.0"],
    );
    // Chosen tokens are joined without dots, and in the order given.
    const two = transform("x.*.*", "{{partition(1000,1,2)}}");
    const one = transform("x.*", "{{partition(1000,1)}}");
    assertEquals(two.match("x.ab.cd"), one.match("x.abcd"));
    const swapped = transform("x.*.*", "{{partition(1000,2,1)}}");
    assertEquals(swapped.match("x.ab.cd"), one.match("x.cdab"));
  },
);

capability(
  "partition takes no buckets, index 0 and huge counts as the Go server does",
  { edge: [id("partition")] },
  () => {
    assertTransforms(
      ["*", "bar.{{partition(0)}}", "baz", "bar.0"],
      ["*", "bar.{{partition(10, 0)}}", "foo", "bar.3"],
      ["*", "{{partition(2147483647)}}", "a", "1678518573"],
      ["*", "{{partition(-1)}}", "a", "3826002220"],
      ["foo", "{{partition(10,7)}}", "foo", "3"],
      ["foo.bar", "baz.{{partition(10,1)}}", "foo.bar", "baz.6"],
    );
    const token = "{{partition(2147483648)}}";
    const invalid = bad("function argument is invalid or in the wrong format");
    assertRefused("*", token, `${invalid} in ${token}`);
    assertRefused("*", "{{partition()}}", `${invalid} in {{partition()}}`);
    assertRefused(
      "*",
      "{{partition(2,x)}}",
      `${invalid} in {{partition(2,x)}}`,
    );
    assertRefused(
      "*",
      "{{partition(2,1,2)}}",
      `${bad("wildcard index out of range")} in {{partition(2,1,2)}}: [2]`,
    );
  },
);

capability(
  "random draws below its bound, all values of it",
  { positive: [id("random")] },
  () => {
    for (const source of ["*", "qux"]) {
      const made = transform(source, "bar.{{random(6)}}");
      const seen = new Set<string>();
      for (let i = 0; i < 300; i++) seen.add(made.match("qux"));
      const expected = [0, 1, 2, 3, 4, 5].map((n) => `bar.${n}`);
      assertEquals([...seen].sort(), expected);
    }
  },
);

capability(
  "random of nothing is 0, and its argument is checked",
  { edge: [id("random")] },
  () => {
    assertTransforms(["*", "bar.{{random(0)}}", "qux", "bar.0"]);
    assert(["0", "1"].includes(transform("*", "{{random(-2)}}").match("a")));
    const invalid = bad("function argument is invalid or in the wrong format");
    assertRefused("*", "{{random()}}", `${invalid} in {{random()}}`);
    const large = "{{random(2147483648)}}";
    assertRefused("*", large, `${invalid} in ${large}`);
    const few = bad("not enough arguments passed to the function");
    assertRefused("*", "{{random(1,2)}}", `${few} in {{random(1,2)}}`);
  },
);

capability(
  "split makes tokens of the parts between delimiters",
  { positive: [id("split")] },
  () => {
    assertTransforms(
      ["*", "{{split(1,-)}}", "-abc-def--ghi-", "abc.def.ghi"],
      ["*", "{{split(1,-)}}", "abc-def--ghi-", "abc.def.ghi"],
      [
        "*.*",
        "{{split(2,-)}}.{{splitfromleft(1,2)}}",
        "foo.-abc-def--ghij-",
        "abc.def.ghij.fo.o",
      ],
      ["*", "{{split(1,xy)}}", "axybxyc", "a.b.c"],
    );
  },
);

capability(
  "split drops empty parts, and checks its delimiter",
  { edge: [id("split")] },
  () => {
    assertTransforms(
      ["*", "{{split(1,-)}}", "---a---b---", "a.b"],
      ["*", "{{split(1,-)}}", "abc", "abc"],
      // An empty delimiter splits between characters, not bytes.
      ["*", "{{split(1,)}}", "a\xc3\xbcb\xff", "a.\xc3\xbc.b.\xff"],
    );
    const invalid = bad("function argument is invalid or in the wrong format");
    assertRefused("*", "{{split(1,a b)}}", `${invalid} in {{split(1,a b)}}`);
    const few = bad("not enough arguments passed to the function");
    assertRefused("*", "{{split(1)}}", `${few} in {{split(1)}}`);
    const many = bad("too many arguments passed to the function");
    assertRefused("*", "{{split(1,a,b)}}", `${many} in {{split(1,a,b)}}`);
  },
);

capability(
  "splitFromLeft and splitFromRight put a dot at a position",
  {
    positive: [id("splitfromleft-right")],
    edge: [id("splitfromleft-right")],
  },
  () => {
    assertTransforms(
      ["*", "{{splitfromleft(1,3)}}", "12345", "123.45"],
      ["*", "{{SplitFromRight(1,3)}}", "12345", "12.345"],
      ["*", "{{splitfromleft(1,5)}}", "12345", "12345"],
      ["*", "{{splitfromright(1,5)}}", "12345", "12345"],
      ["*", "{{splitfromleft(1,0)}}", "12345", "12345"],
      ["*", "{{splitfromright(1,-1)}}", "12345", "12345"],
    );
  },
);

capability(
  "sliceFromLeft and sliceFromRight cut into chunks",
  {
    positive: [id("slicefromleft-right")],
    edge: [id("slicefromleft-right")],
  },
  () => {
    assertTransforms(
      ["*", "{{SliceFromLeft(1,3)}}", "1234567890", "123.456.789.0"],
      ["*", "{{SliceFromRight(1,3)}}", "1234567890", "1.234.567.890"],
      ["*", "{{SliceFromLeft(1,5)}}", "1234567890", "12345.67890"],
      ["*", "{{SliceFromRight(1,5)}}", "1234567890", "12345.67890"],
      ["*", "{{SliceFromLeft(1,10)}}", "1234567890", "1234567890"],
      ["*", "{{SliceFromRight(1,11)}}", "1234567890", "1234567890"],
      ["*", "{{SliceFromLeft(1,0)}}", "123", "123"],
      ["*", "{{SliceFromRight(1,-2)}}", "123", "123"],
    );
  },
);

capability(
  "left and right keep bytes of an end",
  { positive: [id("left-right")] },
  () => {
    assertTransforms(
      ["*", "{{left(1,1)}}", "1234", "1"],
      ["*", "{{left(1,3)}}", "1234", "123"],
      ["*", "{{right(1,1)}}", "1234", "4"],
      ["*", "{{right(1,3)}}", "1234", "234"],
    );
    validateMapping("*", "foo.{{left(1,2)}}", random);
    validateMapping("*", "foo.{{ Right( 1 , 2 ) }}", random);
  },
);

capability(
  "left and right leave short tokens alone and check their arguments",
  { edge: [id("left-right")] },
  () => {
    assertTransforms(
      ["*", "{{left(1,6)}}", "1234", "1234"],
      ["*", "{{right(1,4)}}", "1234", "1234"],
      ["*", "{{left(1,0)}}", "1234", "1234"],
    );
    const invalid = bad("function argument is invalid or in the wrong format");
    for (const token of ["{{left(1,x)}}", "{{right(1,2147483648)}}"]) {
      assertRefused("*", token, `${invalid} in ${token}`);
    }
    const few = bad("not enough arguments passed to the function");
    assertRefused("*", "{{left(1)}}", `${few} in {{left(1)}}`);
  },
);

capability(
  "> carries the tail over",
  { positive: [id("rule")] },
  () => {
    assertTransforms(
      ["baz.>", "my.pre.>", "baz.1.2.3", "my.pre.1.2.3"],
      ["foo.>", ">", "foo.a.b", "a.b"],
      [">", "all.>", "a", "all.a"],
      ["foo.*.>", "$1.bar.>", "foo.x.y.z", "x.bar.y.z"],
      [">", ">", "any.thing", "any.thing"],
    );
  },
);

capability(
  "> must end both sides or none, and no * may be in a destination",
  { edge: [id("rule")] },
  () => {
    for (
      const [source, destination] of [
        ["foo.*", "bar.*"],
        ["foo.*", "bar.$1.>"],
        ["foo.>", "bar.baz"],
        ["foo..", "bar"],
        ["foo", "bar..baz"],
        ["foo.>.x", "bar.>"],
        ["foo", "bar.>.x"],
      ] as const
    ) assertRefused(source, destination, "invalid subject");
    const made = transform("baz.>", "x.>");
    assertThrows(
      () => made.match("baz"),
      SubjectTransformError,
      "no matching transforms available",
    );
  },
);

capability(
  "an empty source is >, an empty destination no transform",
  { positive: [id("empty-src")], edge: [id("empty-src")] },
  () => {
    assertTransforms(["", "prefix.>", "foo.bar", "prefix.foo.bar"]);
    assertEquals(transform("", "prefix.>").source, ">");
    assertStrictEquals(createTransform("foo", "", { random }), null);
    assertRefused("", "prefix", "invalid subject");
  },
);

capability(
  "strict transforms use every wildcard and no other function",
  { positive: [id("strict-mode")], edge: [id("strict-mode")] },
  () => {
    assertEquals(
      transform("foo.*.*", "bar.$2.{{wildcard(1)}}", true).match("foo.a.b"),
      "bar.b.a",
    );
    assertEquals(transform("foo.>", "bar.>", true).match("foo.a"), "bar.a");
    const unused = bad("not using all of the token wildcard(s)");
    assertRefused("foo.*.*", "bar.$2", `${unused} in bar.$2`, true);
    assertRefused("foo.*", "foo.$foo", `${unused} in foo.$foo`, true);
    const only = bad(
      "the only mapping function allowed for import transforms is {{Wildcard()}}",
    );
    const token = "{{Partition(2,1)}}";
    assertRefused("foo.*", `bar.${token}`, `${only} in ${token}`, true);
  },
);

capability(
  "a reversed transform undoes it",
  { positive: [id("reverse")] },
  () => {
    for (
      const [source, destination, subject] of [
        ["foo.*.*", "bar.$2.{{Wildcard(1)}}", "foo.b.a"],
        ["*.*.*", "x.$2.$3.$1", "a.b.c"],
        ["foo", "bar", "foo"],
        ["foo.*.>", "$1.baz.>", "foo.a.b.c"],
        [">", "pre.>", "a.b"],
      ] as const
    ) {
      const made = transform(source, destination, true);
      const back = made.reverse();
      assertExists(back);
      assertEquals(back.match(made.match(subject)), subject, destination);
    }
  },
);

capability(
  "a transform that loses something has no reverse",
  { edge: [id("reverse")] },
  () => {
    assertStrictEquals(transform("*.*", "x.$1.$1").reverse(), null);
    assertStrictEquals(transform("*", "x.{{left(1,2)}}.$1").reverse(), null);
    assertEquals(
      destinationPattern("foo.$2.{{wildcard(1)}}.$x"),
      { pattern: "foo.*.*.$x", placeholders: ["$2", "{{wildcard(1)}}"] },
    );
    assertEquals(destinationPattern("bar"), {
      pattern: "bar",
      placeholders: [],
    });
    assertEquals(identityDestination("foo.*.bar.*.>"), "foo.$1.bar.$2.>");
  },
);

capability(
  "errors name the token in the words of the Go server",
  { positive: [id("errors")] },
  () => {
    const few = bad("not enough arguments passed to the function");
    const many = bad("too many arguments passed to the function");
    const invalid = bad("function argument is invalid or in the wrong format");
    const range = bad("wildcard index out of range");
    assertRefused("foo.*", "foo.{{wildcard()}}", `${few} in {{wildcard()}}`);
    assertRefused(
      "foo.*",
      "a.{{wildcard(1,2)}}",
      `${many} in {{wildcard(1,2)}}`,
    );
    assertRefused(
      "foo.*",
      "a.{{wildcard(x)}}",
      `${invalid} in {{wildcard(x)}}`,
    );
    assertRefused(
      "foo.*",
      "a.{{wildcard(2)}}",
      `${range} in {{wildcard(2)}}: [2]`,
    );
    assertRefused("foo", "a.{{wildcard(1)}}", `${range} in {{wildcard(1)}}`);
    assertRefused("foo", "a.$1", `${range} in $1`);
  },
);

capability(
  "mapping destinations are validated, subjects at match",
  { edge: [id("errors")] },
  () => {
    const check = (destination: string, message: string) => {
      const error = assertThrows(
        () => validateMapping("foo", destination, random),
        SubjectTransformError,
      );
      assertEquals(error.message, message);
    };
    check("foo..}", bad("invalid transform"));
    check("foo.>.bar", `${bad("invalid transform")} in bar`);
    check("foo. bar}", bad("invalid transform"));
    check("foo.{{unknown(1)}}", `${bad("unknown function")} in {{unknown(1)}}`);
    validateMapping("foo", "", random);
    const made = transform("foo.*", "bar.$1");
    for (const subject of ["foo..", "foo.*", "", "foo.>"]) {
      assertThrows(
        () => made.match(subject),
        SubjectTransformError,
        "invalid subject",
      );
    }
    assertThrows(
      () => made.match("foo.a.b"),
      SubjectTransformError,
      "no matching transforms available",
    );
    // A missing token becomes nothing; it must not throw.
    assertEquals(
      transform("foo.*", "a.{{wildcard(1)}}").applyTokens(["foo"]),
      "a.",
    );
  },
);

import { assertEquals, assertNotEquals } from "@std/assert";
import { fromByteText, toByteText } from "../../../src/config/byte_text.ts";
import { goJson } from "../../../src/config/digest.ts";
import { parseConfigText } from "../../../src/config/parser.ts";
import { capability } from "../../tools/capability.ts";
import { memorySources } from "./memory_sources.ts";

function parse(text: string, env: Readonly<Record<string, string>> = {}) {
  return parseConfigText(text, memorySources({ "inc.conf": "b: 2" }, env));
}

function json(text: string): string {
  return goJson(parse(text).root);
}

capability("the digest is Go's", { positive: ["config/digest"] }, () => {
  assertEquals(
    parse(
      "port: 4222\n\ncluster {\n  port: 1\n  foo: [ a\n b\n ]\n  inner { x: y }\n}",
    ).digest,
    "sha256:89b6d1332485bac6f4402d4cb91518c0def7b21d5aa636afecf8da4390e770ac",
  );
  assertEquals(
    parse("").digest,
    "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
  );
});

capability("form, order, comments and detours do not change the digest", {
  positive: ["config/digest"],
}, () => {
  const { digest } = parse("a: 1\nb: 2\nm { x: y }");
  assertEquals(parse('{"m": {"x": "y"}, "b": 2, "a": 1}').digest, digest);
  assertEquals(parse("include inc.conf # b\nm {x=y}\na:1").digest, digest);
  assertEquals(
    parse("a: $A\nb: 2\nm: $M", { A: "1", M: "{x: y}" }).digest,
    digest,
  );
});

capability("values, their types and the environment change the digest", {
  edge: ["config/digest"],
}, () => {
  const digests = [
    parse("a: 1"),
    parse("a: 2"),
    parse('a: "1"'),
    parse("A: 1"),
    parse("a: [1 ]"),
    parse("a: $V", { V: "3" }),
    parse("a: 9007199254740992"),
    parse("a: 9007199254740993"),
  ].map(({ digest }) => digest);
  assertEquals(new Set(digests).size, digests.length);
});

capability("numbers and dates are written as Go writes them", {
  edge: ["config/digest"],
}, () => {
  assertEquals(json("a: 1.0, b: 1.50, c: -0.0"), '{"a":1,"b":1.5,"c":-0}');
  assertEquals(
    json("a: 0.0000001, b: 0.000001, c: 1000000000000000000000.0"),
    '{"a":1e-7,"b":0.000001,"c":1e+21}',
  );
  assertEquals(json("a: 9007199254740993"), '{"a":9007199254740993}');
  assertEquals(
    json("a: 0001-02-03T04:05:06Z"),
    '{"a":"0001-02-03T04:05:06Z"}',
  );
});

capability("strings are escaped as Go escapes them", {
  edge: ["config/digest"],
}, () => {
  assertEquals(
    json(String.raw`a: "<&>\x00\x08\x0c\n\r\t\"\\\x7f"`),
    String.raw`{"a":"\u003c\u0026\u003e\u0000\b\f\n\r\t\"\\` + '\x7f"}',
  );
  assertEquals(json("a: '\u2028\u2029é😀'"), '{"a":"\\u2028\\u2029é😀"}');
  assertEquals(json('a: "\\xff\\xe2\\x82"'), '{"a":"\\ufffd\\ufffd\\ufffd"}');
});

capability("keys are sorted by their bytes", {
  edge: ["config/digest"],
}, () => {
  const text = "😀: 1\n\uffee: 2\nb: 3\nB: 4\n_: 5\n10: 6\n9: 7";
  assertEquals(
    json(text),
    '{"10":6,"9":7,"B":4,"_":5,"b":3,"\uffee":2,"😀":1}',
  );
});

Deno.test("byte strings keep every byte", () => {
  const all = Array.from(
    { length: 256 },
    (_, byte) => String.fromCharCode(byte),
  )
    .join("");
  const odd = [
    all,
    "\xed\xa0\x80", // a surrogate
    "\xc0\x80", // overlong
    "\xe2\x82", // cut short
    "\xf4\x90\x80\x80", // beyond Unicode
    "\xf0\x9f\x98\x80",
  ];
  for (const bytes of odd) {
    assertEquals(toByteText(fromByteText(bytes)), bytes);
  }
  assertNotEquals(fromByteText("\xff"), fromByteText("\xfe"));
  assertEquals(fromByteText("\xf0\x9f\x98\x80"), "😀");
});

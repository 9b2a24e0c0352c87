import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import {
  assertAllMean,
  assertLexerError,
  assertMeans,
  assertRefused,
  nodeAt,
  parseMain,
} from "./language.ts";

capability("keys and values part at a separator or at white space", {
  positive: ["config/statements"],
}, () => {
  assertAllMean(["a b", "a = b", "a=b", "a: b", "a:b", "a\tb", "a\n b"], {
    a: "b",
  });
});

capability("statements end at a new line, a semicolon, a comma or a brace", {
  positive: ["config/statements"],
}, () => {
  const both = { a: 1n, b: "2x" };
  assertAllMean(
    ["a: 1\nb: 2x", "a: 1\r\nb: 2x", "a: 1; b: 2x;", "a: 1, b: 2x,"],
    both,
  );
  assertMeans("a: 1 } b: 2x }", both);
});

capability("only the first separator after a key counts", {
  edge: ["config/statements"],
}, () => {
  assertMeans("host: localhost:4222", { host: "localhost:4222" });
  assertMeans("a: =b", { a: "=b" });
});

capability("a value may start on the next line, but not behind a separator", {
  edge: ["config/statements"],
}, () => {
  assertMeans("m { a:\n b }", { m: { a: "b" } });
  assertMeans("m { a\n\n= \n b }", { m: { a: "b" } });
  assertLexerError("a:\n b", 2, "Expected value but found new line");
  assertLexerError("a:\r\n b", 1, "Expected value but found new line");
});

capability("keys may be quoted, and keep their case and punctuation", {
  positive: ["config/keys"],
}, () => {
  assertMeans("'a b': 1", { "a b": 1n });
  assertMeans('"a=b:c" 1', { "a=b:c": 1n });
  assertMeans("a.b.>: 1", { "a.b.>": 1n });
  assertMeans("Key: 1, KEY: 2", { Key: 1n, KEY: 2n });
  assertMeans(`m { 'x y': 1, "\\n": 2 }`, { m: { "x y": 1n, "\\n": 2n } });
  assertMeans("schlüssel 1", { "schlüssel": 1n });
});

capability("a separator without a key is refused", {
  edge: ["config/keys"],
}, () => {
  assertLexerError("=a", 1, "Unexpected key separator '='");
  assertLexerError(": a", 1, "Unexpected key separator ':'");
  assertLexerError("{ = }", 1, "Unexpected key separator '='");
  assertLexerError("a { = }", 1, "Unexpected key separator '='.");
  assertLexerError("a { ] }", 1, "Unexpected array end ']' processing map.");
});

capability("quoted keys must end", { edge: ["config/keys"] }, () => {
  assertLexerError("'a", 1, "Unexpected EOF.");
  assertLexerError('\n"a', 2, "Unexpected EOF.");
  assertLexerError("m { 'a", 1, "Unexpected EOF processing quoted map key.");
  assertLexerError(
    'm { "a',
    1,
    "Unexpected EOF processing double quoted map key.",
  );
  assertMeans("a: 1\n'", { a: 1n });
});

capability("comments stand between statements and inside of containers", {
  positive: ["config/comments"],
}, () => {
  assertMeans("# one\na: 1 # two\n// three\nb: 2 // four", { a: 1n, b: 2n });
  assertMeans("a { # c\n b: 1 // d\n # e\n}", { a: { b: 1n } });
  assertMeans("a [ # c\n 1 // d\n # e\n 2 # f\n]", { a: [1n, 2n] });
  assertMeans("{ # c\n a: 1 # d\n } # e", { a: 1n });
});

capability("a comment sign inside an unquoted string belongs to it", {
  edge: ["config/comments"],
}, () => {
  assertMeans("password: abc#def", { password: "abc#def" });
  assertMeans("password: abc #def", { password: "abc" });
  assertMeans("url: //x", { url: "//x" });
  assertMeans("a: #b", { a: "#b" });
  assertLexerError("/a: 1", 1, "Unexpected EOF.");
});

capability("JSON is a configuration", {
  positive: ["config/json-compatibility"],
}, () => {
  assertMeans(
    `{\n  "port": 4222,\n  "m": {"x": "y", "z": true},\n  "l": ["a", "b"]\n}`,
    { port: 4222n, m: { x: "y", z: true }, l: ["a", "b"] },
  );
  assertMeans("{}", {});
  assertMeans("{ a: 1, }", { a: 1n });
});

capability("closing braces too many are overlooked, missing ones are not", {
  edge: ["config/json-compatibility"],
}, () => {
  assertMeans("a: 1\n}", { a: 1n });
  assertMeans("}", {});
  assertMeans("{{a: 1}}", { a: 1n });
  assertLexerError(
    "{a: 1",
    1,
    "Expected a block-level value to end with a new line, comment or EOF, but got '\0' instead.",
  );
  assertLexerError(
    "{{a: 1} x}",
    1,
    "Expected a block-level to end with a '}', but got 'x' instead.",
  );
});

capability("maps nest and part their entries in three ways", {
  positive: ["config/maps"],
}, () => {
  assertMeans("m { a: 1, b: 2; c: 3\n d 4 }", {
    m: { a: 1n, b: 2n, c: 3n, d: 4n },
  });
  assertMeans("m = { a { b: { c: d } } }", { m: { a: { b: { c: "d" } } } });
  assertMeans("m {}", { m: {} });
});

capability("a later key replaces an earlier one and maps do not merge", {
  edge: ["config/maps"],
}, () => {
  assertMeans("a { b: 1 }\na { c: 2 }", { a: { c: 2n } });
  assertEquals([...parseMain("x: 1\ny: 2\nx: 3").keys()], ["x", "y"]);
});

capability("maps nest as deep as Go's digest allows", {
  edge: ["config/maps"],
}, () => {
  const nested = (depth: number) =>
    "a { ".repeat(depth) + "b: 1" + " }".repeat(depth);
  assertEquals(parseMain(nested(10_000)).size, 1);
  assertRefused(
    nested(10_001),
    "json: error calling MarshalJSON for type *conf.token: " +
      "invalid character '{' exceeded max depth",
  );
});

capability("a key without a value gives its place to the map", {
  edge: ["config/maps"],
}, () => {
  assertMeans("m { a }", { a: {} });
  assertMeans("m { a: }", { a: {} });
  assertMeans("m { , }", { ",": {} });
  assertLexerError("m { a: , }", 1, 'Unexpected map value terminator ",".');
});

capability("arrays part their elements by commas or new lines", {
  positive: ["config/arrays"],
}, () => {
  assertMeans("a [ 1, 2 ]", { a: [1n, 2n] });
  assertMeans("a: [\n x\n y\n]", { a: ["x", "y"] });
  assertMeans('a = ["x", [ y, { z: 1 } ], true,]', {
    a: ["x", ["y", { z: 1n }], true],
  });
  assertMeans("a []", { a: [] });
});

capability("empty elements and elements parted by blanks are refused", {
  edge: ["config/arrays"],
}, () => {
  const message = "Unexpected array value terminator ','.";
  assertLexerError("a: [1,,2 ]", 1, message);
  assertLexerError("a: [,]", 1, message);
  assertLexerError("a: [/]", 1, message);
  assertLexerError(
    "b: [1 2]",
    1,
    'Expected an array value terminator "," or an array terminator "]", but got \'2\' instead.',
  );
  assertLexerError(
    "b: [",
    1,
    'Expected an array value terminator "," or an array terminator "]", but got \'\0\' instead.',
  );
});

capability("numbers end at a blank, a comma or a new line", {
  positive: ["config/integer-glued-to"],
}, () => {
  assertMeans("a: [1,2,3 ]", { a: [1n, 2n, 3n] });
  assertMeans("a: [1,]", { a: [1n] });
  assertMeans("a: [1\n]", { a: [1n] });
  assertMeans("a: [-1]", { a: [-1n] });
  assertMeans("a: [1.5]", { a: [1.5] });
});

capability("a bracket glued to an integer becomes part of a string", {
  edge: ["config/integer-glued-to"],
}, () => {
  assertMeans("a: 3]", { a: "3]" });
  assertMeans("a: [3m]", { a: ["3m"] });
  assertLexerError(
    "a: [1,2,3]\n",
    2,
    'Expected an array value terminator "," or an array terminator "]", but got \'\0\' instead.',
  );
});

capability("a key must have a value", {
  positive: ["config/dangling-key"],
}, () => {
  assertRefused("a", "config is invalid (main.conf:1:1)");
  assertRefused("a\n", "config is invalid (main.conf:2:1)");
  assertRefused("b: 1\n'a b'", "config is invalid (main.conf:2:6)");
});

capability("a separator at the end makes the value empty", {
  edge: ["config/dangling-key"],
}, () => {
  assertMeans("a:", { a: "" });
  assertMeans("a: ,", { a: "" });
  assertRefused('a: "', "config is invalid (main.conf:1:4)");
});

capability("an empty configuration is valid", {
  positive: ["config/empty-config"],
}, () => {
  assertAllMean(["", "\n\n", " \t", "# c", "// c\n", "{}", "}"], {});
});

capability("what looks empty but is not is refused", {
  edge: ["config/empty-config"],
}, () => {
  assertLexerError("\0", 1, "Unexpected EOF.");
  assertLexerError("/", 1, "Unexpected EOF.");
  assertRefused("x", "config is invalid (main.conf:1:1)");
});

capability("the lexer names what it expected and what it found", {
  positive: ["config/lexer-errors"],
}, () => {
  assertLexerError(
    "a: foo bar",
    1,
    "Expected a top-level value to end with a new line, comment or EOF, but got 'b' instead.",
  );
  assertLexerError(
    "{ a: b c }",
    1,
    "Expected a block-level value to end with a new line, comment or EOF, but got 'c' instead.",
  );
  assertLexerError(
    "\nm { a: 1 b }",
    2,
    'Expected a map value terminator "," or a map terminator "}", but got \'b\' instead.',
  );
  assertLexerError("m {", 1, "Unexpected EOF processing map.");
  assertLexerError("m { a", 1, "Unexpected EOF processing map key.");
});

capability("a refused new line is shown as an escape", {
  edge: ["config/lexer-errors"],
}, () => {
  assertLexerError("a: -\n", 2, "Expected a digit but got '\\n'.");
  assertLexerError(
    "a: 1.\n",
    2,
    "Floats must have a digit after the '.', but got '\\n' instead.",
  );
});

capability("nothing behind an error matters", {
  edge: ["config/lexer-errors"],
}, () => {
  assertRefused(
    "a: $missing\n=",
    "variable reference for 'missing' on line 1 can not be found",
  );
});

capability("nodes know file, line and position of their keys", {
  positive: ["config/source-positions"],
}, () => {
  const root = parseMain("a: 1\n  foo { bar: [ x\n y ] }");
  const place = (...path: string[]) => {
    const { file, line, pos } = nodeAt(root, ...path);
    return { file, line, pos };
  };
  assertEquals(place("a"), { file: "main.conf", line: 1, pos: 0 });
  assertEquals(place("foo"), { file: "main.conf", line: 2, pos: 3 });
  assertEquals(place("foo", "bar"), { file: "main.conf", line: 2, pos: 9 });
  const elements = nodeAt(root, "foo", "bar").value;
  assertEquals(
    Array.isArray(elements) &&
      elements.map(({ line, pos }) => ({ line, pos })),
    [{ line: 2, pos: 16 }, { line: 3, pos: 2 }],
  );
});

capability("positions count bytes, and quoted keys point behind the quote", {
  edge: ["config/source-positions"],
}, () => {
  const root = parseMain("\n'é': 1, \"b\": 2");
  assertEquals(nodeAt(root, "é").pos, 2);
  assertEquals(nodeAt(root, "b").pos, 11);
  assertEquals(nodeAt(parseMain(" a: 1"), "a").pos, 1);
});

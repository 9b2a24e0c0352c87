import { capability } from "../../tools/capability.ts";
import {
  assertAllMean,
  assertLexerError,
  assertMeans,
  assertRefused,
} from "./language.ts";

capability("six words are booleans in any case", {
  positive: ["config/booleans"],
}, () => {
  assertAllMean(["a: true", "a: ON", "a: Yes"], { a: true });
  assertAllMean(["a: false", "a: Off", "a: NO"], { a: false });
});

capability("quoted, escaped and longer words are no booleans", {
  edge: ["config/booleans"],
}, () => {
  assertMeans('a: "true"', { a: "true" });
  assertMeans("a: 'on'", { a: "on" });
  assertMeans("a: o\\x6e", { a: "on" });
  assertMeans("a: truely", { a: "truely" });
  assertMeans("a: true'", { a: "true" });
});

capability("integers have 64 bits and no loss", {
  positive: ["config/integers"],
}, () => {
  assertMeans("a: 9223372036854775807, b: -9223372036854775808", {
    a: 2n ** 63n - 1n,
    b: -(2n ** 63n),
  });
  assertMeans("a: 9007199254740993", { a: 9007199254740993n });
  assertMeans("a: 010, b: -0", { a: 10n, b: 0n });
});

capability("integers out of range and odd digits are refused", {
  edge: ["config/integers"],
}, () => {
  for (const text of ["9223372036854775808", "-9223372036854775809"]) {
    assertRefused(`a: ${text}`, `integer '${text}' is out of the range`);
  }
  assertRefused(
    "a: 99999999999999999999999k",
    "integer '99999999999999999999999k' is out of the range",
  );
  assertRefused("a: 1٣", "expected integer, but got '1٣'");
  assertLexerError("a: -x", 1, "Expected a digit but got 'x'.");
});

capability("size suffixes multiply by powers of 1000 and of 1024", {
  positive: ["config/size-suffixes"],
}, () => {
  const letters = ["k", "m", "g", "t", "p", "e"];
  for (const [index, letter] of letters.entries()) {
    const power = BigInt(index + 1);
    assertMeans(`a: 2${letter}`, { a: 2n * 1000n ** power });
    for (const unit of ["b", "i", "ib", "B", "iB"]) {
      const suffix = letter.toUpperCase() + unit;
      assertMeans(`a: -2${suffix}`, { a: -2n * 1024n ** power });
    }
  }
});

capability("large sizes wrap around, numbers with odd suffixes vanish", {
  edge: ["config/size-suffixes"],
}, () => {
  assertMeans("a: 10e", { a: 10n ** 19n - 2n ** 64n });
  assertMeans("a: 1kbi\nb: 2", { b: 2n });
  assertMeans("a: [1kbi, 2 ]", { a: [2n] });
});

capability("durations in letters that are no suffixes are strings", {
  edge: ["config/size-suffixes"],
}, () => {
  assertMeans("a: 2ms, b: 10s, c: 1h30m, d: 5k9", {
    a: "2ms",
    b: "10s",
    c: "1h30m",
    d: "5k9",
  });
});

capability("floats have digits on both sides of the point", {
  positive: ["config/floats"],
}, () => {
  assertMeans("a: 1.5, b: -1.25, c: 0.0000001", {
    a: 1.5,
    b: -1.25,
    c: 1e-7,
  });
});

capability("floats without digits, with letters or too large are refused", {
  edge: ["config/floats"],
}, () => {
  assertLexerError("a: .5", 1, "Floats must start with a digit");
  assertLexerError("a: -.5", 1, "Floats must start with a digit, not '.'.");
  assertLexerError(
    "a: 1.x",
    1,
    "Floats must have a digit after the '.', but got 'x' instead.",
  );
  assertLexerError(
    "a: 1.5s",
    1,
    "Expected a top-level value to end with a new line, comment or EOF, but got 's' instead.",
  );
  assertMeans("a: 1e3", { a: "1e3" });
  const huge = "9".repeat(400) + ".0";
  assertRefused(`a: ${huge}`, `float '${huge}' is out of the range`);
  assertRefused("a: 1.٣", "expected float, but got '1.٣'");
});

capability("dates are Zulu times", { positive: ["config/dates"] }, () => {
  assertMeans("a: 2020-02-29T03:04:05Z, b: 0000-01-01T00:00:00Z", {
    a: new Date("2020-02-29T03:04:05Z"),
    b: new Date("0000-01-01T00:00:00Z"),
  });
});

capability("dates in other forms and days that do not exist are refused", {
  edge: ["config/dates"],
}, () => {
  assertLexerError(
    "a: 20-01-02",
    1,
    "All ISO8601 dates must be in full Zulu form.",
  );
  assertLexerError(
    "a: 2020-1-02",
    1,
    "Expected digit in ISO8601 datetime, but found '-' instead.",
  );
  assertLexerError(
    "a: 2020-01-02 ",
    1,
    "Expected 'T' in ISO8601 datetime, but found ' ' instead.",
  );
  for (
    const text of [
      "2021-02-29T00:00:00Z",
      "2020-13-01T00:00:00Z",
      "2020-01-01T24:00:00Z",
      "2020-01-01T00:00:60Z",
    ]
  ) {
    assertRefused(
      `a: ${text}`,
      `expected Zulu formatted DateTime, but got '${text}'`,
    );
  }
});

capability("addresses and words that begin with digits are strings", {
  positive: ["config/ip-like"],
}, () => {
  for (
    const text of ["127.0.0.1:80", "0.0.0.0", "1.2.3", "3xyz", "0x10", "100%"]
  ) {
    assertMeans(`a: ${text}`, { a: text });
  }
  assertMeans("a: [1.2.3.4]", { a: ["1.2.3.4"] });
});

capability("negative numbers and addresses take no letters", {
  edge: ["config/ip-like"],
}, () => {
  const end =
    "Expected a top-level value to end with a new line, comment or EOF, but got";
  assertLexerError("a: -5s", 1, `${end} 's' instead.`);
  assertLexerError("a: 1.2.3x", 1, `${end} 'x' instead.`);
  assertMeans("a: -5ks", { a: "-5ks" });
});

capability("unquoted strings end at blanks and closing signs", {
  positive: ["config/unquoted-strings"],
}, () => {
  assertMeans("a: foo, b: nats://u:p@h:1; c: [x] \n d: *.>", {
    a: "foo",
    b: "nats://u:p@h:1",
    c: ["x"],
    d: "*.>",
  });
});

capability("escapes work in unquoted strings and an apostrophe ends them", {
  edge: ["config/unquoted-strings"],
}, () => {
  assertMeans("a: x\\ty", { a: "x\ty" });
  assertMeans("a: C:\\new", { a: "C:\new" });
  assertMeans("a: x'\nb: y", { a: "x", b: "y" });
  assertMeans("a: 5\\t", { a: "5\\t" });
  assertLexerError(
    "a: x'y",
    1,
    "Expected a top-level value to end with a new line, comment or EOF, but got 'y' instead.",
  );
});

capability("double quotes take escapes, apostrophes take text as it is", {
  positive: ["config/quoted-strings"],
}, () => {
  assertMeans(String.raw`a: "\x41\t\n\r\"\\"`, { a: 'A\t\n\r"\\' });
  assertMeans(String.raw`a: 'x\ty "z"'`, { a: 'x\\ty "z"' });
  assertMeans('a: "x\ny"', { a: "x\ny" });
  assertMeans(`a: "", b: ''`, { a: "", b: "" });
  assertMeans('a: "\\xe2\\x9c\\x93 é 😀"', { a: "✓ é 😀" });
});

capability("unknown escapes and open quotes are refused", {
  edge: ["config/quoted-strings"],
}, () => {
  assertLexerError(
    'a: "x\\q"',
    1,
    "Invalid escape character 'q'. Only the following escape characters are allowed: \\xXX, \\t, \\n, \\r, \\\", \\\\.",
  );
  assertLexerError('a: "x\n', 2, "Unexpected EOF.");
  assertLexerError("a: 'x", 1, "Unexpected EOF.");
});

capability("hexadecimal escapes insert bytes", {
  positive: ["config/bad-hex"],
}, () => {
  assertMeans('a: "\\x00\\x7F"', { a: "\0\x7f" });
  assertMeans('a: "\\xff"', { a: "\udcff" });
  assertMeans(new Uint8Array([0x61, 0x20, 0xff, 0x62]), { a: "\udcffb" });
});

capability("hexadecimal escapes need two digits", {
  edge: ["config/bad-hex"],
}, () => {
  const expected = "Expected two hexadecimal digits after '\\x', but";
  assertLexerError('a: "\\xZZ"', 1, `${expected} got 'ZZ'`);
  assertLexerError('a: "\\x4"', 1, `${expected} got '4"'`);
  assertLexerError('a: "\\x', 1, `${expected} got '\\x'`);
  assertLexerError('a: "\\x\n', 2, `${expected} hit end of line`);
  assertLexerError('a: "\\x4\n', 2, `${expected} hit end of line`);
});

capability("blocks hold lines until one that is a parenthesis", {
  positive: ["config/block-strings"],
}, () => {
  assertMeans("a: (\n x\n y\n)\nb: 1", { a: "\n x\n y\n", b: 1n });
  assertMeans("a (x)\n)\n", { a: "x)\n" });
  assertMeans('m { a (\n "q" # no comment\n)\n }', {
    m: { a: '\n "q" # no comment\n' },
  });
});

capability("blocks must end on a line of their own", {
  edge: ["config/block-strings"],
}, () => {
  assertLexerError("a: (\nx", 2, "Unexpected EOF processing block.");
  assertLexerError("a: (x)", 1, "Unexpected EOF processing block.");
  assertLexerError("a: (\n) \n", 3, "Unexpected EOF processing block.");
  assertLexerError("a: (\r\n)\r\n", 3, "Unexpected EOF processing block.");
});

capability("a block at the very end keeps its parenthesis", {
  edge: ["config/block-strings"],
}, () => {
  assertMeans("a: (\nx\n)", { a: "\nx\n)" });
});

Deno.test("white space is Unicode's between statements, ASCII's in front of values", () => {
  assertMeans("\u00a0a\u2003= b\u0085", { a: "b\u0085" });
  assertMeans("a: \u00a0b", { a: "\u00a0b" });
  assertMeans("\ufeffa: b", { "\ufeffa": "b" });
});

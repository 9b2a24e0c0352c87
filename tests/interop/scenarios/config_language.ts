/**
 * Configurations whose fate the Go server decides: acceptance, digest and the
 * text of the refusal.
 *
 * @module
 */

/** A configuration and what it draws on. */
export interface ConfigCase {
  readonly name: string;
  readonly text: string;
  /**
   * Top-level keys that are no options. The test refers to them as variables,
   * which is how a configuration may hold keys of its own.
   */
  readonly keys?: readonly string[];
  /** Further files by path; the text itself is `main.conf`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

const a = ["a"];
const ab = ["a", "b"];

const STRUCTURE: readonly ConfigCase[] = [
  { name: "options in every form", text: "port=4222;debug yes,\nhost: ::1\n" },
  { name: "JSON", text: '{\n "port": 4222,\n "debug": false\n}\n' },
  { name: "JSON with a list of integers", text: '{"a": [1,2]}' },
  { name: "options behind outer braces", text: "{port: 1}\ndebug: true" },
  { name: "outer braces twice", text: "{{port: 1}}" },
  { name: "outer braces in a row", text: "{port: 1}{debug: true}" },
  { name: "outer braces left open", text: "{port: 1\n" },
  { name: "outer braces with a word behind", text: "{{port: 1} x}" },
  { name: "a comment behind outer braces", text: "{{port: 1} # c\n}" },
  { name: "an apostrophe at the end", text: "port: 1\n'" },
  { name: "a quote at the end", text: 'port: 1\n"' },
  { name: "a quote as last value", text: "port: 1\na: '" },
  { name: "escapes in front of the end", text: 'a: "\\x41' },
  { name: "a NUL byte", text: "port: 1\n\0" },
  { name: "a NUL byte in a value", text: "a: x\0y" },
  { name: "nothing but a slash", text: "/" },
  { name: "a slash behind a value", text: "port: 1 /\ndebug: on" },
  { name: "a key that holds braces", text: "a{b: 1\nport: 1" },
  { name: "a map in a map left open", text: "a { b { c: 1 }" },
  { name: "a map closed by a bracket", text: "a { ] }" },
  { name: "an array closed by a brace", text: "a [ x } ]" },
  { name: "a slash in front of a map key", text: "a { /b: 1 }", keys: a },
  { name: "a slash between array elements", text: "a [ x / y ]", keys: a },
  { name: "a slash in front of an element", text: "a [ / x ]" },
  { name: "a key without value in a map", text: "m { a }", keys: a },
  { name: "a separator without value in a map", text: "m { a: }", keys: a },
  { name: "a comma without value in a map", text: "m { a: , }" },
  { name: "values on later lines", text: "a { b\n\n=\n c }", keys: a },
  { name: "carriage returns", text: "a: 1\r\nb: [ x\r\ny\r\n]\r\n", keys: ab },
  { name: "a carriage return behind a separator", text: "a:\r\n b" },
  { name: "Unicode spaces", text: "\u00a0a\u2003=\tb\u0085", keys: a },
  { name: "a byte order mark", text: "\ufeffa: 1", keys: ["\ufeffa"] },
  { name: "vertical tabs", text: "a\v= x\v\nport: 1", keys: a },
  { name: "an empty key", text: "'': 1\nport: 1" },
  { name: "a quoted key left open", text: "m { 'a" },
  { name: "a doubly quoted key left open", text: 'm { "a\n' },
  { name: "two separators", text: "a = = b" },
  { name: "keys in another case", text: "PORT: 1\nDebug: On" },
  { name: "a key twice", text: "a: 1\na: { b: 2 }", keys: a },
  { name: "semicolons in a row", text: "port: 1;;debug: on" },
  { name: "comments everywhere", text: "#\n//\nport: 1 //\n#x" },
  {
    name: "comments in containers",
    text: "a [ #x\n y // z\n]\nb { // c\n d: e # f\n}",
    keys: ab,
  },
];

const SCALARS: readonly ConfigCase[] = [
  { name: "integers at the bounds", text: "a: 9223372036854775807", keys: a },
  { name: "an integer below the bounds", text: "a: -9223372036854775809" },
  { name: "an integer with leading zeros", text: "a: -0007", keys: a },
  { name: "a size that wraps around", text: "a: 10E", keys: a },
  { name: "a size in mixed case", text: "a: 3MiB\nb: -2kI", keys: ab },
  {
    name: "a suffix that means nothing",
    text: "a: 1kk\nb: [1mbb, x]",
    keys: ab,
  },
  { name: "a suffix and more", text: "a: 5k9\nb: 1e3", keys: ab },
  { name: "a negative size and more", text: "a: -5ks", keys: a },
  { name: "a dash alone", text: "a: -" },
  { name: "a dash and a word", text: "a: -x" },
  { name: "digits of another script", text: "a: ٣" },
  { name: "a float of another script", text: "a: 1.٣" },
  { name: "a float out of range", text: `a: ${"9".repeat(310)}.0` },
  { name: "floats", text: "a: -0.0\nb: 0.00000012345", keys: ab },
  {
    name: "long floats",
    text: "a: 123456789012345678901234.5\nb: 3.14159265358979323846",
    keys: ab,
  },
  { name: "a float without digits", text: "a: 1.\n" },
  { name: "a negative float without digits", text: "a: -.5" },
  { name: "a date", text: "a: 2024-02-29T23:59:59Z", keys: a },
  { name: "a day that does not exist", text: "a: 2023-02-29T00:00:00Z" },
  { name: "the hour 24", text: "a: 2023-02-28T24:00:00Z" },
  { name: "a date with fractions", text: "a: 2023-02-28T00:00:00.5Z" },
  { name: "a date with a zone", text: "a: 2023-02-28T00:00:00+01:00" },
  { name: "a short year", text: "a: 203-02-28" },
  { name: "addresses", text: "a: [1.2.3.4:5-6]\nb: 10.0.0.0/8" },
  { name: "words behind digits", text: "a: 3com:80\nb: [0x1f]", keys: ab },
  { name: "escapes without quotes", text: "a: C:\\new\\x41", keys: a },
  { name: "a boolean made of escapes", text: "a: tru\\x65", keys: a },
  { name: "a boolean and an apostrophe", text: "a: true'\nb: 1", keys: ab },
  { name: "an unknown escape", text: 'a: "\\u0041"' },
  { name: "an escaped new line", text: 'a: "x\\\ny"' },
  { name: "half a byte", text: 'a: "\\x4' },
  { name: "a byte over two lines", text: 'a: "\\x4\n1"' },
  { name: "a byte of other letters", text: 'a: "\\xé1"' },
  { name: "bytes that are no UTF-8", text: 'a: "\\xff\\xe2\\x82"', keys: a },
  { name: "bytes that are UTF-8", text: 'a: "\\xe2\\x9c\\x93"', keys: a },
  {
    name: "text that JSON escapes",
    text: 'a: "<a href=\\"x\\">&\\x00\\x08\\x7f\u2028"\nb: \'\\\'',
    keys: ab,
  },
  { name: "quotes over two lines", text: "a: 'x\ny'\nb: \"\n\"", keys: ab },
  { name: "a quote left open", text: 'port: 1\na: "x\n' },
  { name: "a block", text: "a: (\n x\n  y # z\n)\nb: 1", keys: ab },
  { name: "a block at the end", text: "port: 1\na: (x\n)" },
  { name: "a block with blanks behind", text: "a: (x\n) \n" },
  { name: "a block on one line", text: "a: (x)" },
  { name: "a block with carriage returns", text: "a: (\r\n)\r\n" },
];

const REFERENCES: readonly ConfigCase[] = [
  { name: "an option from a variable", text: "p: 4222\nport: $p" },
  { name: "a variable of the wrong type", text: "b: $a\na: 1" },
  { name: "a lone dollar", text: "a: $" },
  { name: "an impossible name", text: "a: $x=y" },
  { name: "inner variables", text: "a { b: 1, c { d: $b } }", keys: a },
  { name: "variables of a sibling", text: "a { b: 1 }\nc: $b" },
  { name: "a variable in an array", text: "a: 1\nb: [$a, $a]", keys: ab },
  { name: "an array twice", text: "a: [ x ]\nb { c: $a, d: $a }", keys: ab },
  { name: "a variable of itself", text: "a: $a" },
  { name: "an old hash", text: "a: $2a$11$abc./x", keys: a },
  { name: "a new hash", text: "a: $2b$11$abc" },
  { name: "the environment", text: "port: $P", env: { P: "4222" } },
  { name: "a size", text: "max_payload: $P", env: { P: "64KB" } },
  {
    name: "a map from the environment",
    text: "a: $M",
    keys: a,
    env: { M: "{ x: [ 1, $N ] }", N: "{ y: <z> }" },
  },
  { name: "an empty variable", text: "a: $E", keys: a, env: { E: "" } },
  { name: "a variable of two words", text: "a: $W", env: { W: "x y" } },
  { name: "a variable of two lines", text: "a: $W", env: { W: "\nx" } },
  { name: "a suffix without meaning", text: "a: $W", env: { W: "1kbi" } },
  { name: "a cycle of one", text: "a: $C", env: { C: "$C" } },
  { name: "a cycle of two", text: "a: $C", env: { C: "[ $D ]", D: "{x: $C}" } },
  { name: "a variable of nothing", text: "a: $C", env: { C: "$NOTHING" } },
  {
    name: "a file that the environment includes",
    text: "a: $I",
    keys: a,
    env: { I: "1; include sub/one.conf; pk: $one" },
    files: { "sub/one.conf": "one: 1" },
  },
  {
    name: "a missing file that the environment includes",
    text: "a: $I",
    env: { I: "1; include gone.conf" },
  },
  {
    name: "includes in folders",
    text: "include sub/one.conf\ndebug: $d\na { include 'two.conf' }",
    keys: [...a, "d"],
    files: {
      "sub/one.conf": "include ../two.conf\nport: $p",
      "two.conf": "p: 4222\nd: off",
    },
  },
  {
    name: "an include with a leading slash",
    text: "include /two.conf",
    files: { "two.conf": "port: 4222" },
  },
  {
    name: "an error in an included file",
    text: "\ninclude 'bad.conf'",
    files: { "bad.conf": "\n\na: [1]" },
  },
  {
    name: "an unknown key in an included file",
    text: "include sub/one.conf",
    files: { "sub/one.conf": "\n  one: 1" },
  },
  {
    name: "a dangling key in an included file",
    text: "include sub/one.conf",
    files: { "sub/one.conf": "one" },
  },
  {
    name: "a variable from outside of the included file",
    text: "p: 1\ninclude one.conf",
    files: { "one.conf": "port: $p" },
  },
  { name: "an include of nothing", text: "include ''" },
  { name: "an include of the end", text: "include " },
  { name: "a missing include", text: "include gone/./x.conf/" },
  {
    name: "a file as folder",
    text: "include one.conf/two.conf",
    files: { "one.conf": "" },
  },
  { name: "an include of a number", text: "a { include 5 }" },
  { name: "an include of an escape", text: "include \\x" },
  { name: "an include on the next line", text: "include\nx" },
  { name: "an include left open", text: 'include "x' },
  { name: "an include as key", text: "include: x\nport: 1", keys: ["include"] },
];

/** All of them. */
export const CONFIG_CASES: readonly ConfigCase[] = [
  ...STRUCTURE,
  ...SCALARS,
  ...REFERENCES,
];

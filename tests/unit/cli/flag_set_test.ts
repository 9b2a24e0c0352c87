import { assertEquals, assertThrows } from "@std/assert";
import { type Flag, FlagError, parseFlags } from "../../../src/cli/flag_set.ts";
import { capability } from "../../tools/capability.ts";

const KNOWN: ReadonlyMap<string, Flag> = new Map<string, Flag>([
  ["p", { target: "port", kind: "int" }],
  ["port", { target: "port", kind: "int" }],
  ["D", { target: "debug", kind: "bool" }],
  ["DV", { target: "both", kind: "bool" }],
  ["a", { target: "host", kind: "string" }],
]);

const values = (...args: string[]) =>
  Object.fromEntries(parseFlags(KNOWN, args).values);
const failure = (...args: string[]) =>
  assertThrows(() => parseFlags(KNOWN, args), FlagError).message;

capability(
  "parseFlags - one dash or two, value after = or as the next argument",
  { positive: ["cli-signals-logging/syntax"] },
  () => {
    for (
      const args of [["-p", "1"], ["--p", "1"], ["-p=1"], ["--port=1"], [
        "-port",
        "1",
      ]]
    ) {
      assertEquals(values(...args), { port: 1 });
    }
    assertEquals(values("-a", "-p"), { host: "-p" });
    assertEquals(values("-a="), { host: "" });
    assertEquals(values("-a=b=c"), { host: "b=c" });
    assertEquals(values("-p", "1", "--port", "2"), { port: 2 });
  },
);

capability(
  "parseFlags - booleans take a value after = only, and are not bundled",
  { positive: ["cli-signals-logging/syntax"] },
  () => {
    assertEquals(values("-D", "-DV=F"), { debug: true, both: false });
    const { values: set, rest } = parseFlags(KNOWN, ["-D", "false", "-p", "1"]);
    assertEquals([...set], [["debug", true]]);
    assertEquals(rest, ["false", "-p", "1"]);
  },
);

capability(
  "parseFlags - flags end at --, at a lone dash and at the first other argument",
  { edge: ["cli-signals-logging/syntax"] },
  () => {
    const rest = (...args: string[]) => parseFlags(KNOWN, args).rest;
    assertEquals(rest("-D", "--", "-p"), ["-p"]);
    assertEquals(rest("-", "-D"), ["-", "-D"]);
    assertEquals(rest("", "-D"), ["", "-D"]);
    assertEquals(rest("help"), ["help"]);
  },
);

capability(
  "parseFlags - integers are Go literals of 64 bits",
  { edge: ["cli-signals-logging/syntax"] },
  () => {
    const ports = {
      "-1": -1,
      "0x10": 16,
      "017": 15,
      "0o17": 15,
      "0b11": 3,
      "1_000": 1000,
      "+7": 7,
    };
    for (const [text, port] of Object.entries(ports)) {
      assertEquals(values("-p", text), { port });
    }
    for (const text of ["", "08", "1__0", "_1", "1_", "1.5", "x", " 1", "0x"]) {
      assertEquals(
        failure("-p", text),
        `invalid value "${text}" for flag -p: parse error`,
      );
    }
    const large = "9223372036854775808";
    assertEquals(
      failure("-port", large),
      `invalid value "${large}" for flag -port: value out of range`,
    );
  },
);

capability(
  "parseFlags - mistakes are told in Go's words",
  { edge: ["cli-signals-logging/syntax"] },
  () => {
    assertEquals(failure("-x"), "flag provided but not defined: -x");
    assertEquals(failure("--x=1"), "flag provided but not defined: -x");
    assertEquals(
      failure("-D=maybe"),
      'invalid boolean value "maybe" for -D: parse error',
    );
    assertEquals(failure("-p"), "flag needs an argument: -p");
    assertEquals(failure("---p"), "bad flag syntax: ---p");
    assertEquals(failure("-=1"), "bad flag syntax: -=1");
  },
);

Deno.test("parseFlags - remembers the spellings that were used", () => {
  assertEquals([...parseFlags(KNOWN, ["-port=1", "-p", "2", "-DV"]).given], [
    "port",
    "p",
    "DV",
  ]);
});

import { assertEquals, assertThrows } from "@std/assert";
import { ConfigSyntaxError } from "../../../src/config/parsed_config.ts";
import {
  parseConfigFile,
  parseConfigText,
} from "../../../src/config/parser.ts";
import { DiskError } from "../../../src/runtime/ports.ts";
import { capability } from "../../tools/capability.ts";
import { assertMeans, assertRefused, nodeAt, parseMain } from "./language.ts";
import { memorySources } from "./memory_sources.ts";

capability("variables name keys of the surrounding maps, innermost first", {
  positive: ["config/variables"],
}, () => {
  assertMeans("a: 5\nb: $a", { a: 5n, b: 5n });
  assertMeans("a: 1\nm { b { c: $a, a: 2, d: $a } }", {
    a: 1n,
    m: { b: { c: 1n, a: 2n, d: 2n } },
  });
  assertMeans("l: [ x ]\nm { y: 1 }\na: [$l, $m]", {
    l: ["x"],
    m: { y: 1n },
    a: [["x"], { y: 1n }],
  });
});

capability("a key of the file beats the environment", {
  positive: ["config/variables"],
}, () => {
  assertMeans("A: 1\nb: $A", { A: 1n, b: 1n }, { env: { A: "2" } });
});

capability("referenced keys are marked, the reference has its own place", {
  positive: ["config/variables", "config/source-positions"],
}, () => {
  const root = parseMain("a: 5\nb: $a");
  assertEquals(nodeAt(root, "a").usedAsVariable, true);
  assertEquals(nodeAt(root, "b").usedAsVariable, false);
  assertEquals(nodeAt(root, "b").line, 2);
});

capability("variables that are not in scope are refused", {
  edge: ["config/variables"],
}, () => {
  const missing = (name: string, line: number) =>
    `variable reference for '${name}' on line ${line} can not be found`;
  assertRefused("a = $b", missing("b", 1));
  assertRefused("z { a: 5 }\nq: $a", missing("a", 2));
  assertRefused("a: $b\nb: 1", missing("b", 1));
  assertRefused("a: $", missing("", 1));
  assertRefused("a: $x=y", missing("x=y", 1));
});

capability("quoted and embedded dollars are text", {
  edge: ["config/variables"],
}, () => {
  assertMeans("x: 1\na: \"$x\", b: '$x', c: a$x", {
    x: 1n,
    a: "$x",
    b: "$x",
    c: "a$x",
  });
});

capability("environment variables hold any value", {
  positive: ["config/env-values"],
}, () => {
  const means = (text: string, value: unknown) =>
    assertMeans("a: $V", { a: value }, { env: { V: text } });
  means("5k", 5000n);
  means("3xyz", "3xyz");
  means("true", true);
  means("1.5", 1.5);
  means("'4222'", "4222");
  means("#abc", "#abc");
  means("", "");
  means('[ "a", "b" ]', ["a", "b"]);
  means("{ x: { y: 1 } }", { x: { y: 1n } });
  means("  é", "é");
});

capability("environment variables may refer to others", {
  positive: ["config/env-values"],
}, () => {
  const env = { V: "$W", W: "[$X, $X]", X: "7" };
  assertMeans("a: $V", { a: [7n, 7n] }, { env });
  assertMeans("a: $V", { a: 3n }, { env: { V: "$y; y: 1; pk: 3", y: "2" } });
});

capability("values from the environment stand where they are referred to", {
  positive: ["config/env-values"],
}, () => {
  const root = parseMain("\n\na: $V", { env: { V: "{ x: 1 }" } });
  assertEquals(nodeAt(root, "a", "x").line, 3);
  assertEquals(nodeAt(root, "a", "x").file, "main.conf");
});

capability("environment variables that do not parse are refused", {
  edge: ["config/env-values"],
}, () => {
  const refused = (text: string, message: string) =>
    assertRefused("z: $V", `variable reference for 'V' on line 1 ${message}`, {
      env: { V: text },
    });
  refused(
    "a b",
    "could not be parsed: Parse error on line 1: 'Expected a top-level value " +
      "to end with a new line, comment or EOF, but got 'b' instead.'",
  );
  refused("a;b", "could not be parsed: config is invalid (:1:6)");
  refused("1kbi", "can not be found");
  refused(
    "$NONE",
    "could not be parsed: variable reference for 'NONE' on line 1 can not be found",
  );
});

capability(
  "files that the environment includes start from the working directory",
  {
    edge: ["config/env-values"],
  },
  () => {
    const env = { V: "1; include x/inc.conf; pk: $b" };
    const files = { "x/inc.conf": "b: 7" };
    assertMeans("a: $V", { a: 7n }, { env, files });
    assertRefused(
      "a: $V",
      "variable reference for 'V' on line 1 could not be parsed: " +
        "error parsing include file 'x/inc.conf', error opening config file: " +
        "open x/inc.conf: no such file or directory",
      { env },
    );
  },
);

capability("environment variables that lead to themselves are refused", {
  positive: ["config/cycles"],
}, () => {
  assertRefused(
    "z: $SELF",
    "variable reference for 'SELF' on line 1 could not be parsed: " +
      "variable reference for 'SELF' on line 1 could not be parsed: " +
      "variable reference cycle for 'SELF'",
    { env: { SELF: "$SELF" } },
  );
  assertRefused(
    "z: $A",
    "variable reference for 'A' on line 1 could not be parsed: " +
      "variable reference for 'B' on line 1 could not be parsed: " +
      "variable reference for 'A' on line 1 could not be parsed: " +
      "variable reference cycle for 'A'",
    { env: { A: "$B", B: "[ $A ]" } },
  );
});

capability("using a variable twice is no cycle", {
  edge: ["config/cycles"],
}, () => {
  assertMeans("a: $V\nb: [$V, $W]", { a: 1n, b: [1n, 1n] }, {
    env: { V: "1", W: "$V" },
  });
  assertRefused(
    "a: $a",
    "variable reference for 'a' on line 1 can not be found",
  );
  assertMeans("a: 1\na: $a", { a: 1n });
});

capability("files that include themselves are refused", {
  edge: ["config/cycles", "config/include"],
}, () => {
  assertRefused(
    "include a.conf",
    "error parsing include file 'a.conf', " +
      "error parsing include file 'main.conf', include cycle for 'main.conf'",
    { files: { "a.conf": "include main.conf" } },
  );
  assertRefused(
    "a: $V",
    "variable reference for 'V' on line 1 could not be parsed: " +
      "error parsing include file 'main.conf', include cycle for 'main.conf'",
    { env: { V: "1; include main.conf" } },
  );
});

capability("bcrypt hashes need no quotes", {
  positive: ["config/bcrypt-values"],
}, () => {
  const hash = "$2a$11$W2zko751KUvVy59mUTWmpOdWjpEm5qhcCZRd05GjI/sSOT.xtiHyG";
  assertMeans(`a: ${hash}`, { a: hash });
  assertMeans(`a: [${hash}]`, { a: [hash] });
  assertMeans("a: $PW", { a: hash }, { env: { PW: hash } });
});

capability("only the prefix $2a$ marks a hash", {
  edge: ["config/bcrypt-values"],
}, () => {
  assertRefused(
    "a: $2b$11$x",
    "variable reference for '2b$11$x' on line 1 can not be found",
  );
  assertMeans("2a$x: 1\nb: $2a$x", { "2a$x": 1n, b: "$2a$x" });
});

capability("includes set their keys in the map around them", {
  positive: ["config/include"],
}, () => {
  const files = { "inc.conf": "inner: 7\nother: 8" };
  const keys = { inner: 7n, other: 8n };
  for (const path of ["inc.conf", "'inc.conf'", '"inc.conf"']) {
    assertMeans(`include ${path}`, keys, { files });
    assertMeans(`INCLUDE ${path} ; x: 1`, { ...keys, x: 1n }, { files });
    assertMeans(`m { include ${path} }`, { m: keys }, { files });
    assertMeans(`{ include ${path}\n x: 1 }`, { ...keys, x: 1n }, { files });
  }
});

capability("includes start from the folder of the including file", {
  positive: ["config/include"],
}, () => {
  const files = {
    "sub/one.conf": "include 'two.conf'\ninclude ./deep/three.conf",
    "sub/two.conf": "two: 2",
    "sub/deep/three.conf": "include ../../four.conf",
    "four.conf": "four: 4",
    "etc/five.conf": "five: 5",
  };
  assertMeans("include sub/one.conf\ninclude /etc/five.conf", {
    two: 2n,
    four: 4n,
    five: 5n,
  }, { files });
});

capability("included keys replace earlier ones and can be referred to", {
  positive: ["config/include"],
}, () => {
  const files = { "inc.conf": "inner: 7" };
  assertMeans("inner: 1\ninclude inc.conf\nb: $inner", { inner: 7n, b: 7n }, {
    files,
  });
  assertMeans("include inc.conf\ninner: 1", { inner: 1n }, { files });
});

capability("included nodes name their own file", {
  positive: ["config/include", "config/source-positions"],
}, () => {
  const files = { "sub/inc.conf": "\n\nx: 1" };
  const root = parseMain("m { include sub/inc.conf }", { files });
  const { file, line, pos } = nodeAt(root, "m", "x");
  assertEquals({ file, line, pos }, { file: "sub/inc.conf", line: 3, pos: 1 });
});

capability("included files do not see the variables around them", {
  edge: ["config/include"],
}, () => {
  assertRefused(
    "a: 1\ninclude inc.conf",
    "error parsing include file 'inc.conf', " +
      "variable reference for 'a' on line 1 can not be found",
    { files: { "inc.conf": "b: $a" } },
  );
});

capability("what is no path is refused", { edge: ["config/include"] }, () => {
  for (
    const [text, found] of [
      ["[x]", "start of an array"],
      ["{x}", "start of a map"],
      ["(x)", "start of a block"],
      ["5", "start of a number"],
      ["-x", "start of a number"],
      ["\\x", "escape sequence"],
    ]
  ) {
    assertRefused(
      `include ${text}`,
      `Parse error on line 1: 'Expected include value but found ${found}'`,
    );
  }
  assertRefused(
    "include\nx",
    "Parse error on line 2: 'Expected include value but found new line'",
  );
  assertRefused(
    "include 'x",
    "Parse error on line 1: 'Unexpected EOF in quoted include'",
  );
  assertRefused(
    'm { include "x',
    "Parse error on line 1: 'Unexpected EOF in double quoted include'",
  );
});

capability("include is an ordinary key in front of a separator", {
  edge: ["config/include"],
}, () => {
  assertMeans("include: x\n'include' y", { include: "y" });
  assertMeans("included x", { included: "x" });
});

capability("files that can't be read are named", {
  edge: ["config/include"],
}, () => {
  assertRefused(
    "include nope.conf",
    "error parsing include file 'nope.conf', " +
      "open nope.conf: no such file or directory",
  );
  const error = assertThrows(
    () => parseConfigFile("gone.conf", memorySources()),
    ConfigSyntaxError,
    "open gone.conf: no such file or directory",
  );
  assertEquals(error.cause instanceof DiskError, true);
});

Deno.test("failures that are not about files pass through", () => {
  const env = () => {
    throw new TypeError("denied");
  };
  const sources = { ...memorySources({ "a.conf": "a: $b" }), env };
  assertThrows(() => parseConfigFile("a.conf", sources), TypeError, "denied");
});

Deno.test("text is parsed like a file without a name", () => {
  const sources = memorySources({ "x/inc.conf": "b: 1" });
  const text = "a: é\ninclude inc.conf";
  const { root } = parseConfigText(text, { ...sources, directory: "x" });
  assertEquals(nodeAt(root, "a").value, "é");
  assertEquals(nodeAt(root, "a").file, "");
  assertEquals(nodeAt(root, "b").file, "x/inc.conf");
  assertThrows(
    () => parseConfigText("a", sources),
    ConfigSyntaxError,
    "config is invalid (:1:1)",
  );
});

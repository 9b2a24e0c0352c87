/** Every check finds its fault; a check that can't fail would be a fault. */

import { assertEquals } from "@std/assert";
import { join } from "node:path/posix";
import { checkStructure } from "../../tools/structure.ts";
import { checkCycles } from "../../tools/structure/cycles.ts";
import { checkContracts, checkLayers } from "../../tools/structure/layers.ts";
import { checkSizes } from "../../tools/structure/sizes.ts";
import {
  readTree,
  type SourceFile,
} from "../../tools/structure/source_file.ts";

/** A file with imports: `type` in front of a target marks a type import. */
function file(path: string, ...targets: string[]): SourceFile {
  const imports = targets.map((each) => ({
    target: each.replace("type ", ""),
    typeOnly: each.startsWith("type "),
  }));
  return { path, text: "", imports, functions: [] };
}

function sized(
  path: string,
  lines: number,
  functions: [name: string, lines: number][] = [],
): SourceFile {
  return {
    path,
    text: "\n".repeat(lines),
    imports: [],
    functions: functions.map(([name, lines]) => ({ name, lines, line: 9 })),
  };
}

Deno.test("checkLayers() lets imports point down to mod.ts", () => {
  assertEquals(
    checkLayers([
      file("main.ts", "src/cli/mod.ts", "src/server/mod.ts"),
      file("src/mod.ts", "src/server/mod.ts"),
      file("src/client/a.ts", "src/client/verbs/b.ts", "src/auth/mod.ts"),
      file("src/route/a.ts", "src/client/mod.ts", "type src/log/logger.ts"),
      file("tests/unit/a_test.ts", "src/config/lexer.ts"),
      file("src/std/assert/mod.ts", "src/std/assert/a.ts"),
    ]),
    [],
  );
});

Deno.test("checkLayers() finds imports that point up, sideways or out", () => {
  assertEquals(
    checkLayers([
      file("src/subject/a.ts", "src/config/mod.ts"),
      file("src/log/a.ts", "type src/server/b.ts"),
      file("src/route/a.ts", "src/gateway/mod.ts"),
      file("src/client/a.ts", "src/auth/b.ts"),
      file("src/client/b.ts", "tests/tools/print.ts"),
      file("src/client/c.ts", "src/std/assert/mod.ts"),
      file("src/misc/a.ts", "src/log/mod.ts"),
      file("src/cli/a.ts", "src/misc/mod.ts"),
      file("src/server/a.ts", "src/mod.ts"),
    ]),
    [
      "src/subject/a.ts imports src/config/mod.ts: subject does not stand above config",
      "src/log/a.ts imports src/server/b.ts: log does not stand above server",
      "src/route/a.ts imports src/gateway/mod.ts: route does not stand above gateway",
      "src/client/a.ts imports src/auth/b.ts: import src/auth/mod.ts instead",
      "src/client/b.ts imports tests/tools/print.ts, which is not part of the server",
      "src/client/c.ts imports src/std/assert/mod.ts, which is not part of the server",
      "src/misc/a.ts: the layer list does not know misc",
      "src/misc/mod.ts: the layer list does not know misc",
      "src/server/a.ts imports src/mod.ts: server does not stand above mod.ts",
    ],
  );
});

Deno.test("checkContracts() wants a header in every folder's mod.ts", () => {
  const contract = "/**\n * Reads and writes " +
    "lines as clients know them. Keeps no state.\n *\n * @module\n */\n";
  assertEquals(
    checkContracts([
      { ...file("src/log/mod.ts"), text: contract },
      { ...file("src/auth/mod.ts"), text: "export {};\n" + contract },
      { ...file("src/route/mod.ts"), text: "/** Routes. @module */" },
      file("src/client/session.ts"),
      file("src/mod.ts"),
      file("main.ts"),
    ]),
    [
      "src/auth/mod.ts does not open with a comment that states its contract",
      "src/route/mod.ts does not open with a comment that states its contract",
      "src/client/mod.ts is missing",
    ],
  );
});

Deno.test("checkCycles() names a shortest way around each circle", () => {
  assertEquals(
    checkCycles([
      file("a.ts", "b.ts", "c.ts"),
      file("b.ts", "c.ts"),
      file("c.ts", "d.ts"),
      file("d.ts"),
    ]),
    [],
  );
  assertEquals(
    checkCycles([
      file("in.ts", "a.ts"),
      file("a.ts", "b.ts"),
      file("b.ts", "c.ts", "d.ts"),
      file("c.ts", "d.ts"),
      file("d.ts", "a.ts"),
      file("type.ts", "type value.ts"),
      file("value.ts", "type.ts"),
      file("self.ts", "self.ts"),
    ]),
    [
      "circle: a.ts → b.ts → d.ts → a.ts",
      "circle: c.ts → d.ts → a.ts → b.ts → c.ts",
      "circle: self.ts → self.ts",
    ],
  );
});

Deno.test("checkSizes() limits files and functions", () => {
  const files = [
    sized("a.ts", 500, [["short", 70]]),
    sized("b.ts", 501, [["long", 71], ["long", 80], ["", 90]]),
  ];
  assertEquals(checkSizes(files, {}), [
    "b.ts has 501 lines of 500",
    "b.ts#long has 80 lines of 70",
    "b.ts#line 9 has 90 lines of 70",
  ]);
});

Deno.test("checkSizes() lets exceptions shrink, not grow", () => {
  const files = [sized("a.ts", 600, [["run", 100]])];
  assertEquals(checkSizes(files, { "a.ts": 600, "a.ts#run": 100 }), []);
  assertEquals(checkSizes(files, { "a.ts": 599, "a.ts#run": 99 }), [
    "a.ts has 600 lines of 599",
    "a.ts#run has 100 lines of 99",
  ]);
  assertEquals(
    checkSizes(files, { "a.ts": 650, "a.ts#run": 100, "b.ts": 700 }),
    [
      "a.ts no longer needs 650 lines: lower it to 600",
      "b.ts no longer needs 700 lines: remove the exception",
    ],
  );
});

/** A project on disk with the files given. */
async function withProject(
  files: Record<string, string>,
  run: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      const target = join(root, path);
      await Deno.mkdir(join(target, ".."), { recursive: true });
      await Deno.writeTextFile(target, text);
    }
    await run(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("readTree() knows every form of import and function", async () => {
  const text = [
    'import { a, type B } from "../b/mod.ts";',
    'import type { C } from "./c.ts";',
    'import { type D } from "./d.ts";',
    'import "./effect.ts";',
    'import fc from "npm:fast-check";',
    'export * from "./e.ts";',
    'export type { F } from "./f.ts";',
    'const g = await import("./g.ts");',
    "function named() {",
    "  return () => 1;",
    "}",
    "class H {",
    "  method() {",
    "  }",
    "  #hidden = () => 2;",
    "}",
    'Deno.test("a test", () => {',
    "});",
    "const text = 'import \"./not.ts\"';",
  ];
  await withProject({ "src/a/mod.ts": text.join("\n") }, async (root) => {
    const [read] = await readTree(root, ["src"]);
    assertEquals(read?.imports, [
      { target: "src/b/mod.ts", typeOnly: false },
      { target: "src/a/c.ts", typeOnly: true },
      { target: "src/a/d.ts", typeOnly: true },
      { target: "src/a/effect.ts", typeOnly: false },
      { target: "src/a/e.ts", typeOnly: false },
      { target: "src/a/f.ts", typeOnly: true },
      { target: "src/a/g.ts", typeOnly: false },
    ]);
    assertEquals(
      read?.functions.map(({ name, line, lines }) => [name, line, lines]),
      [
        ["named", 9, 3],
        ["", 10, 1],
        ["method", 13, 2],
        ["#hidden", 15, 1],
        ["a test", 17, 2],
      ],
    );
  });
});

Deno.test("checkStructure() runs all checks over a project", async () => {
  const project = {
    "main.ts": 'import "./src/log/a.ts";\n',
    "src/log/a.ts": 'import "./b.ts";\n' + "\n".repeat(500),
    "src/log/b.ts": 'import "./a.ts";\n',
  };
  await withProject(project, async (root) => {
    assertEquals(await checkStructure(root, {}), [
      "main.ts imports src/log/a.ts: import src/log/mod.ts instead",
      "src/log/mod.ts is missing",
      "circle: src/log/a.ts → src/log/b.ts → src/log/a.ts",
      "src/log/a.ts has 501 lines of 500",
    ]);
  });
});

/** Every rule finds what it is for, and nothing else. */

import { assertEquals } from "@std/assert";
import plugin from "../../tools/lint_plugin.ts";

/** The findings of all rules: `rule: text that was marked`. */
function findings(source: string, path = "src/client/x.ts"): string[] {
  const file = `/work/project/${path}`;
  return Deno.lint.runPlugin(plugin, file, source)
    .map(({ id, range }) =>
      `${id.replace("house/", "")}: ${source.slice(...range)}`
    );
}

Deno.test("no-platform - finds every way to the platform", () => {
  const cases: [source: string, marked: string][] = [
    ["Deno.readFileSync(path);", "Deno"],
    ["let c: Deno.Conn;", "Deno"],
    ["const now = Date.now();", "Date.now"],
    ["const now = new Date();", "new Date()"],
    ["const now = Date();", "Date()"],
    ["const dice = Math.random();", "Math.random"],
    ["const start = performance.now();", "performance"],
    ["setTimeout(tick, 10);", "setTimeout"],
    ["const t = setInterval(tick, 10);", "setInterval"],
    ["setImmediate(tick);", "setImmediate"],
    ["clearTimeout(timer);", "clearTimeout"],
    ["await fetch(url);", "fetch"],
    ["const s = new WebSocket(url);", "WebSocket"],
    ["crypto.getRandomValues(bytes);", "crypto.getRandomValues"],
    ["crypto.subtle.digest(name, data);", "crypto.subtle"],
    ["process.exit(1);", "process"],
    ["console.log(text);", "console"],
    ["globalThis.fetch(url);", "globalThis"],
    ["const f = { fetch };", "fetch"],
    ["const f = table[fetch];", "fetch"],
    ["AbortSignal.timeout(10);", "AbortSignal.timeout"],
    ['import fs from "node:fs";', 'import fs from "node:fs";'],
    [
      'import { randomBytes } from "node:crypto";',
      'import { randomBytes } from "node:crypto";',
    ],
    [
      'import { resolve } from "node:path";',
      'import { resolve } from "node:path";',
    ],
  ];
  for (const [source, marked] of cases) {
    assertEquals(findings(source), [`no-platform: ${marked}`], source);
    assertEquals(findings(source, "main.ts").length, 1, `main.ts: ${source}`);
  }
});

Deno.test("no-platform - leaves members, keys and own names alone", () => {
  const cases = [
    "const at = new Date(0);",
    "const at = Date.UTC(2026, 0, 1);",
    "runtime.process.exit(1);",
    "const { process } = runtime; process.exit(1);",
    "function run(process: Process) { process.exit(1); }",
    "const run = ({ process }: Runtime) => process.exit(1);",
    "class A { process = 1; fetch() { return this.process; } }",
    "interface A { process: Process; fetch(): void }",
    "const a = { process: 1, console: 2 };",
    'import { WebSocket } from "./own.ts"; new WebSocket();',
    'import { createHash } from "node:crypto"; createHash("sha256");',
    'import { join } from "node:path/posix"; join("a", "b");',
    "queueMicrotask(run);",
  ];
  for (const source of cases) assertEquals(findings(source), [], source);
});

Deno.test("no-platform - does not apply to ports and tests", () => {
  const source = "Deno.exit(Date.now());";
  assertEquals(findings(source, "src/runtime/deno/clock.ts"), []);
  assertEquals(findings(source, "src/std/cli/mod.ts"), []);
  assertEquals(findings(source, "tests/unit/x_test.ts"), []);
  assertEquals(findings(source, "tests/bench/main.ts"), []);
});

Deno.test("no-leftovers - finds work put off, in comments only", () => {
  assertEquals(findings("// TODO: later\n"), ["no-leftovers: // TODO: later"]);
  assertEquals(findings("/* FIXME */ run();"), ["no-leftovers: /* FIXME */"]);
  assertEquals(findings('run("TODO");'), []);
});

Deno.test("no-skipped-tests - finds only, ignore and skip", () => {
  const test = (source: string) => findings(source, "tests/unit/x_test.ts");
  assertEquals(test("Deno.test.only(name, fn);"), [
    "no-skipped-tests: Deno.test.only",
  ]);
  assertEquals(test("Deno.test({ name, ignore: true, fn });"), [
    "no-skipped-tests: ignore: true",
  ]);
  assertEquals(test("capability(name, claims, fn, { only: true });"), [
    "no-skipped-tests: only: true",
  ]);
  assertEquals(test("await t.step({ name, fn, ignore: isSlow });"), [
    "no-skipped-tests: ignore: isSlow",
  ]);
  assertEquals(test("Deno.test({ name, ignore: false, fn });"), []);
  assertEquals(test("cursor.skip(3); options.ignore = true;"), []);
});

Deno.test("no-double-cast - finds a cast of a cast", () => {
  assertEquals(findings("const a = b as unknown as C;"), [
    "no-double-cast: b as unknown",
  ]);
  assertEquals(findings("const a = b as C;"), []);
});

Deno.test("hash-private - finds private members", () => {
  assertEquals(findings("class A { private a = 1; }"), [
    "hash-private: private a = 1;",
  ]);
  assertEquals(findings("class A { private a() {} }").length, 1);
  assertEquals(findings("class A { private constructor() {} #a = 1; }"), []);
});

/** What `deno.json` promises to users, and what documents say of it. */

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path/posix";
import { PROJECT_ROOT } from "../../tools/oracle_binaries.ts";
import { startFlags } from "../../tools/start_flags.ts";

const settings = JSON.parse(
  await Deno.readTextFile(`${PROJECT_ROOT}deno.json`),
);
const tasks: Readonly<Record<string, string>> = settings.tasks;

/** README and the documents that are written by hand. */
async function documents(): Promise<{ path: string; text: string }[]> {
  const found = ["README.md"];
  for await (const { name } of Deno.readDir(`${PROJECT_ROOT}docs`)) {
    if (name.endsWith(".md")) found.push(`docs/${name}`);
  }
  return await Promise.all(
    found.map(async (path) => ({
      path,
      text: await Deno.readTextFile(`${PROJECT_ROOT}${path}`),
    })),
  );
}

Deno.test("tasks - there is one for everything that a user or developer does", () => {
  for (const name of ["start", "test", "ok", "compile", "bundle"]) {
    assert(name in tasks, name);
  }
  const steps = [
    "deno fmt --check",
    "deno lint",
    "deno task check",
    "deno task structure",
    "deno task test",
    "deno task sim --seed 1 --count 5",
  ];
  assertEquals(tasks.ok?.split(" && "), steps);
  const folders = [
    "tests/unit",
    "tests/integration",
    "tests/sim",
    "tests/fuzz",
  ];
  for (const folder of folders) assert(tasks.test?.includes(folder), folder);
});

Deno.test("tasks - each script that one runs exists", async () => {
  for (const command of Object.values(tasks)) {
    for (const [script] of command.matchAll(/\S+\.ts\b/g)) {
      await Deno.stat(`${PROJECT_ROOT}${script}`);
    }
  }
});

Deno.test("tasks - start never asks, and says what the server may do", async () => {
  const flags = await startFlags();
  assert(flags.includes("--no-prompt") && flags.includes("--unstable-net"));
  assertEquals(flags.filter((flag) => flag.startsWith("--allow-")), [
    "--allow-net",
    "--allow-read",
    "--allow-write",
    "--allow-sys",
    "--allow-env",
    "--allow-run",
  ]);
});

Deno.test("documents - tasks that they name exist", async () => {
  for (const { path, text } of await documents()) {
    for (
      const [, name = ""] of text.matchAll(/\bdeno(?:@\S+)? task ([\w:]+)/g)
    ) {
      assert(name in tasks, `${path}: ${name}`);
    }
  }
});

Deno.test("documents - links lead somewhere", async () => {
  for (const { path, text } of await documents()) {
    for (const [, target = ""] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      const file = join(PROJECT_ROOT, path, "..", target);
      assert(
        await Deno.stat(file).then(() => true, () => false),
        `${path}: ${target}`,
      );
    }
  }
});

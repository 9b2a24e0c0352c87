/** What executables are made of, and what they may do. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { bundle, deno } from "../../tools/bundle.ts";
import {
  checkEmbedding,
  compileArguments,
  executablePath,
  TARGETS,
} from "../../tools/compile.ts";
import { startFlags } from "../../tools/start_flags.ts";

Deno.test("compile - makes five executables with the permissions of deno task start", async () => {
  assertEquals(TARGETS.map((target) => executablePath("dist", target)), [
    "dist/x86_64-unknown-linux-gnu/nats-server",
    "dist/aarch64-unknown-linux-gnu/nats-server",
    "dist/x86_64-apple-darwin/nats-server",
    "dist/aarch64-apple-darwin/nats-server",
    "dist/x86_64-pc-windows-msvc/nats-server.exe",
  ]);
  const args = await compileArguments("dist", "out", TARGETS[0]);
  for (const flag of await startFlags()) assert(args.includes(flag), flag);
  assert(!args.includes("--allow-all") && !args.includes("-A"));
  assertEquals(args[args.indexOf("--target") + 1], TARGETS[0]);
  assertEquals(args[args.indexOf("--include") + 1], "dist/bcrypt_worker.js");
  assertEquals(args.at(-1), "dist/nats-server.js");
});

Deno.test("compile - the check finds program and worker inside", async () => {
  const outdir = await Deno.makeTempDir();
  try {
    await bundle({ outdir, commit: "" });
    await checkEmbedding(outdir);
    await Deno.remove(`${outdir}/bcrypt_worker.js`);
    await assertRejects(
      () => checkEmbedding(outdir),
      Error,
      "bcrypt_worker.js",
    );
  } finally {
    await Deno.remove(outdir, { recursive: true });
  }
});

Deno.test("compile - a tool that fails says what it ran", async () => {
  await assertRejects(
    () => deno(["check", "no_such_file.ts"]),
    Error,
    "deno check no_such_file.ts:\n",
  );
});

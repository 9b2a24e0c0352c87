/**
 * Makes self-contained executables:
 * `deno task compile [--target TRIPLE]... [--commit REVISION]
 * [--trusted-keys KEYS] [--check]`.
 *
 * Bundles the server, then embeds the bundle in Deno's base runtime, once for
 * each target: `dist/<target>/nats-server`. Without `--target` for all that
 * are published. Deno downloads the base runtimes.
 *
 * Where they can't be downloaded, `--check` embeds the bundle in the Deno that
 * runs this, looks whether all is inside and throws the result away. That
 * proves types, module graph and embedding. It does not prove that an
 * executable runs: a whole Deno does not look for a program inside itself.
 *
 * `DENORT_BIN` names a base runtime of one's own. It is for one platform, so
 * it can't be used for several targets at once.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { Buffer } from "node:buffer";
import { bundle, checkEntries, currentCommit, deno } from "./bundle.ts";
import { PROJECT_ROOT } from "./oracle_binaries.ts";
import { complain, print } from "./print.ts";
import { startFlags } from "./start_flags.ts";

/** The platforms that executables are published for. */
export const TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** What `deno` is told to make an executable of the bundle in `folder`. */
export async function compileArguments(
  folder: string,
  output: string,
  target: string | undefined,
): Promise<string[]> {
  return [
    "compile",
    "--quiet",
    "--no-config",
    "--no-lock",
    ...await startFlags(),
    ...(target === undefined ? [] : ["--target", target]),
    "--include",
    `${folder}/bcrypt_worker.js`,
    "--output",
    output,
    `${folder}/nats-server.js`,
  ];
}

/** Where the executable for a target is written. */
export function executablePath(folder: string, target: string): string {
  const suffix = target.includes("windows") ? ".exe" : "";
  return `${folder}/${target}/nats-server${suffix}`;
}

/** Embeds the bundle in a whole Deno. @throws Error naming what is not inside */
export async function checkEmbedding(folder: string): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const output = executablePath(directory, Deno.build.target);
    const base = Deno.env.get("DENORT_BIN") ?? Deno.execPath();
    await deno(await compileArguments(folder, output, undefined), {
      DENORT_BIN: base,
    });
    const executable = await readBuffer(output);
    for (const name of ["nats-server.js", "bcrypt_worker.js"]) {
      const text = await readBuffer(`${folder}/${name}`);
      if (!executable.includes(text)) throw new Error(`${name} is not inside`);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function readBuffer(path: string): Promise<Buffer> {
  return Buffer.from((await Deno.readFile(path)).buffer);
}

/** @throws Error with what the compiler said */
async function main(args: string[]): Promise<void> {
  const options = parseArgs(args, {
    string: ["target", "commit", "trusted-keys"],
    boolean: ["check"],
    collect: ["target"],
  });
  const commit = options.commit ?? await currentCommit();
  const folder = `${PROJECT_ROOT}dist`;
  await checkEntries();
  const trustedKeys = options["trusted-keys"] ?? "";
  await bundle({ outdir: folder, commit, trustedKeys });
  if (options.check) {
    await checkEmbedding(folder);
    print("Compile: types, module graph and embedding are ok");
    return;
  }
  for (const target of options.target.length > 0 ? options.target : TARGETS) {
    const output = executablePath(folder, target);
    await deno(await compileArguments(folder, output, target));
    print(output);
  }
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}

/**
 * Bundles the server:
 * `deno task bundle [--outdir DIR] [--commit REVISION] [--trusted-keys KEYS]`.
 *
 * Writes self-contained JavaScript that needs Deno and nothing else:
 *
 * - `nats-server.js`, the program;
 * - `bcrypt_worker.js`, the thread that checks bcrypt passwords; it must stand
 *   beside the program, which starts it by its URL;
 * - `health_check.js`, for container images.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { PROJECT_ROOT } from "./oracle_binaries.ts";
import { complain, print } from "./print.ts";

/** What becomes which file of the bundle. */
export const ENTRIES = [
  { source: "main.ts", name: "nats-server.js" },
  { source: "src/auth/bcrypt_worker.ts", name: "bcrypt_worker.js" },
  { source: "src/cli/health_check.ts", name: "health_check.js" },
] as const;

/** Where a bundle goes, and what it says of itself. */
export interface BundleOptions {
  readonly outdir: string;
  /** The commit that `--version` names; empty when unknown. */
  readonly commit: string;
  /** Public keys of operators that it trusts for good, with blanks between; default: none. */
  readonly trustedKeys?: string;
}

/** A change of the bundled text that must apply exactly once. */
interface Edit {
  readonly from: string;
  readonly to: string;
}

/** Checks the types of all entries. @throws Error with what is wrong */
export async function checkEntries(): Promise<void> {
  await deno(["check", "--quiet", ...ENTRIES.map(({ source }) => source)]);
}

/** Bundles all entries. @throws Error with what the bundler said */
export async function bundle(
  { outdir, commit, trustedKeys = "" }: BundleOptions,
): Promise<void> {
  await Deno.mkdir(outdir, { recursive: true });
  for (const { source, name } of ENTRIES) {
    const output = `${outdir}/${name}`;
    await deno(["bundle", "--quiet", "--output", output, source]);
    if (source !== "main.ts") continue;
    const text = await Deno.readTextFile(output);
    await Deno.writeTextFile(
      output,
      [
        // The bundler leaves URLs of workers as they are in the source.
        { from: '"./bcrypt_worker.ts"', to: '"./bcrypt_worker.js"' },
        {
          from: 'GIT_COMMIT = ""',
          to: `GIT_COMMIT = ${JSON.stringify(commit)}`,
        },
        {
          from: 'TRUSTED_KEYS = ""',
          to: `TRUSTED_KEYS = ${JSON.stringify(trustedKeys)}`,
        },
      ].reduce(apply, text),
    );
  }
}

function apply(text: string, { from, to }: Edit): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(`${from} stands ${parts.length - 1} times in the bundle`);
  }
  return parts.join(to);
}

/** Runs this Deno in the project. @throws Error with its output when it fails */
export async function deno(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: PROJECT_ROOT,
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const text = new TextDecoder().decode(stderr).trim();
  throw new Error(`deno ${args.join(" ")}:\n${text}`);
}

/** The commit that is checked out; empty outside of a repository. */
export async function currentCommit(): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["rev-parse", "HEAD"],
      cwd: PROJECT_ROOT,
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, {
    string: ["outdir", "commit", "trusted-keys"],
  });
  const outdir = options.outdir ?? `${PROJECT_ROOT}dist`;
  try {
    const commit = options.commit ?? await currentCommit();
    await checkEntries();
    await bundle({
      outdir,
      commit,
      trustedKeys: options["trusted-keys"] ?? "",
    });
    for (const { name } of ENTRIES) print(`${outdir}/${name}`);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}

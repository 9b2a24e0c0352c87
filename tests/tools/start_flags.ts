/**
 * How `deno task start` runs the server: the one place that says which
 * permissions it needs.
 *
 * @module
 */

import { PROJECT_ROOT } from "./oracle_binaries.ts";

/** What of `deno.json` the tools read. */
interface Settings {
  readonly tasks: Readonly<Record<string, string>>;
  readonly unstable: readonly string[];
}

/**
 * The flags between `deno run` and `main.ts`, and those that `deno.json` adds
 * silently: whoever runs the server from another place needs both.
 */
export async function startFlags(): Promise<string[]> {
  const text = await Deno.readTextFile(`${PROJECT_ROOT}deno.json`);
  const { tasks, unstable }: Settings = JSON.parse(text);
  const words = (tasks.start ?? "").split(/\s+/);
  return [
    ...unstable.map((name) => `--unstable-${name}`),
    ...words.slice(2, words.lastIndexOf("main.ts")),
  ];
}

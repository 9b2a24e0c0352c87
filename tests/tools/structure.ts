/**
 * The structure check: what reviewers should not have to look for.
 *
 * - imports between folders point down the list of layers, to `mod.ts`;
 * - no circles between files;
 * - every folder of `src/` states its contract;
 * - files and functions keep to their limits, exceptions only shrink
 *   (`size_ratchet.json`).
 *
 * Bans within files are lint rules: `lint_plugin.ts`.
 *
 * @module
 */

import { checkCycles } from "./structure/cycles.ts";
import { checkContracts, checkLayers } from "./structure/layers.ts";
import { checkSizes, type Ratchet } from "./structure/sizes.ts";
import { readTree } from "./structure/source_file.ts";
import { complain, print } from "./print.ts";

/** All faults of the project at `root`. */
export async function checkStructure(
  root: string,
  ratchet: Ratchet,
): Promise<string[]> {
  const folders = ["main.ts", "src", "tests"].filter((name) =>
    exists(`${root}/${name}`)
  );
  const files = await readTree(root, folders);
  return [
    ...checkLayers(files),
    ...checkContracts(files),
    ...checkCycles(files),
    ...checkSizes(files, ratchet),
  ];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (import.meta.main) {
  const ratchet = new URL("./size_ratchet.json", import.meta.url);
  const faults = await checkStructure(
    Deno.cwd(),
    JSON.parse(Deno.readTextFileSync(ratchet)),
  );
  for (const fault of faults) complain(fault);
  if (faults.length > 0) Deno.exit(1);
  print("Structure: ok");
}

/**
 * Directories of streams and consumers.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import { DIRECTORY_MODE } from "./names.ts";

/**
 * Makes sure of a directory and its parents.
 * @param durable whether a loss of power must not take away new ones
 * @throws DiskError
 */
export function makeDirectory(
  disk: Disk,
  path: string,
  durable: boolean,
): void {
  if (disk.exists(path)) return;
  const parent = path.slice(0, path.lastIndexOf("/"));
  if (parent !== "") makeDirectory(disk, parent, durable);
  disk.makeDirectory(path, DIRECTORY_MODE);
  if (durable) disk.syncDirectory(parent === "" ? "/" : parent);
}

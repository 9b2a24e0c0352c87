/**
 * Directories of accounts where streams are kept: what former servers have
 * left there, and what goes.
 *
 * @module
 */

import type { Disk } from "../runtime/mod.ts";

/**
 * Where a Go server keeps what it restores until all of it is there. Whatever a
 * start finds there, of Go's server or of ours, is deleted.
 */
const STAGING = ".snap-staging";

/** What moving directories needs. */
export interface MovingParts {
  readonly disk: Disk;
  /** Where the accounts' directories belong. */
  readonly directory: string;
  readonly isAccount: (name: string) => boolean;
  readonly moved: (from: string, to: string) => void;
}

/**
 * Moves directories of accounts to where they belong: very old servers kept
 * them one level above. Does nothing once there is something. @throws DiskError
 */
export function moveOldDirectories(parts: MovingParts): void {
  const { disk, directory, isAccount, moved } = parts;
  if (disk.list(directory).length > 0) return;
  const cut = directory.lastIndexOf("/");
  const above = directory.slice(0, cut);
  for (const name of disk.list(above)) {
    if (name === directory.slice(cut + 1) || !isAccount(name)) continue;
    const from = `${above}/${name}`;
    if (!disk.stat(from).isDirectory) continue;
    const to = `${directory}/${name}`;
    moved(from, to);
    disk.rename(from, to);
  }
}

/** Deletes what was being restored, or was about to go. @throws DiskError */
export function removeStaging(disk: Disk, directory: string): void {
  const path = `${directory}/${STAGING}`;
  if (disk.exists(path)) disk.remove(path, { recursive: true });
}

/**
 * Deletes what is kept of an account: gone at once for whoever looks for it, and
 * even after a crash; resolves when its files are, too.
 *
 * @param directory where the accounts' directories are
 * @param id that nothing else which goes has
 * @throws DiskError
 */
export async function removeAccount(
  disk: Disk,
  directory: string,
  account: string,
  id: string,
): Promise<void> {
  const path = `${directory}/${account}`;
  if (!disk.exists(path)) return;
  const staging = `${directory}/${STAGING}`;
  disk.makeDirectory(staging);
  disk.rename(path, `${staging}/${id}`);
  disk.syncDirectory(staging);
  disk.syncDirectory(directory);
  await disk.removeLater(`${staging}/${id}`);
}

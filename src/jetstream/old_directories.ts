/**
 * What former servers have left where streams are kept now.
 *
 * @module
 */

import type { Disk } from "../runtime/mod.ts";

/** Where a Go server keeps what it restores until all of it is there. */
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

/** Deletes what was being restored. @throws DiskError */
export function removeStaging(disk: Disk, directory: string): void {
  const path = `${directory}/${STAGING}`;
  if (disk.exists(path)) disk.remove(path, { recursive: true });
}

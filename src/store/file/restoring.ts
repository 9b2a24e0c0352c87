/**
 * Streams that are being restored: their messages come before their
 * configuration, so a file says that what is there is no damaged stream.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import { FILE_MODE, META, RESTORING } from "./names.ts";

/** Marks the directory of a stream, before there is anything in it. */
export function mark(disk: Disk, directory: string): void {
  disk.writeFile(`${directory}/${RESTORING}`, new Uint8Array(), FILE_MODE);
  disk.syncDirectory(directory);
}

/** The stream has its configuration. */
export function unmark(disk: Disk, directory: string): void {
  const path = `${directory}/${RESTORING}`;
  if (disk.exists(path)) disk.remove(path);
}

/** Whether the process ended before the stream was complete. */
export function isUnfinished(disk: Disk, directory: string): boolean {
  return disk.exists(`${directory}/${RESTORING}`) &&
    !disk.exists(`${directory}/${META}`);
}

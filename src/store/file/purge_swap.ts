/**
 * Purges all blocks at once: the directory is exchanged for a new one.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import {
  blockName,
  blockNumbers,
  DIRECTORY_MODE,
  keyNumbers,
  MESSAGES,
  NEW_MESSAGES,
  PURGED,
} from "./names.ts";
import type { Sweeper } from "./sweeper.ts";

/**
 * Exchanges the directory of messages.
 * @param stream the stream's directory
 * @param fill puts the first block into the new directory, durably
 * @throws DiskError
 */
export function swapMessages(
  disk: Disk,
  stream: string,
  sweeper: Sweeper,
  fill: (directory: string) => void,
): void {
  const fresh = `${stream}/${NEW_MESSAGES}`;
  const purged = `${stream}/${PURGED}`;
  const unfinished = `${fresh}.tmp`;
  for (const each of [unfinished, fresh]) sweeper.sweepNow(each);
  sweeper.vacate(purged);
  disk.makeDirectory(unfinished, DIRECTORY_MODE);
  fill(unfinished);
  disk.syncDirectory(unfinished);
  disk.rename(unfinished, fresh);
  disk.syncDirectory(stream);
  // From here on, the purge is finished even after a crash.
  disk.rename(`${stream}/${MESSAGES}`, purged);
  disk.syncDirectory(stream);
  disk.rename(fresh, `${stream}/${MESSAGES}`);
  disk.syncDirectory(stream);
  sweeper.sweep(purged);
}

/** Finishes or undoes what was under way when the process ended. @throws DiskError */
export function finishSwap(
  disk: Disk,
  stream: string,
  sweeper: Sweeper,
): void {
  const fresh = `${stream}/${NEW_MESSAGES}`;
  const messages = `${stream}/${MESSAGES}`;
  sweeper.sweepNow(`${fresh}.tmp`);
  if (disk.exists(fresh)) {
    const names = disk.list(fresh);
    if (blockNumbers(names).length > 0) {
      sweeper.vacate(`${stream}/${PURGED}`);
      if (disk.exists(messages)) {
        disk.rename(messages, `${stream}/${PURGED}`);
        disk.syncDirectory(stream);
      }
      disk.rename(fresh, messages);
      disk.syncDirectory(stream);
    } else {
      // A block whose key was moved already can't be read any more.
      for (const number of keyNumbers(names)) {
        const orphan = `${messages}/${blockName(number)}`;
        if (disk.exists(orphan)) disk.remove(orphan);
      }
      sweeper.sweepNow(fresh);
    }
  }
  // One that was purged shortly before may be there under another name.
  for (const name of disk.list(stream)) {
    const isPurged = name === PURGED || name.startsWith(`${PURGED}.`);
    if (isPurged) sweeper.sweep(`${stream}/${name}`);
  }
}

/**
 * Writes large files while everything else goes on.
 *
 * @module
 */

import { inSlices, type Turns, type Work } from "../../connection/mod.ts";
import type { Clock, Disk } from "../../runtime/mod.ts";
import { FILE_MODE } from "./names.ts";
import { writing } from "./portions.ts";

/** What it takes. */
export interface GradualFileParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly turns: Turns;
}

/**
 * Replaces a file by what some work makes, durably; there is always the old or
 * the new one, whole.
 * @param isWanted asked again and again; when it is not, the old one stays
 * @throws DiskError
 */
export async function replaceGradually(
  { disk, clock, turns }: GradualFileParts,
  path: string,
  making: Work<Uint8Array>,
  isWanted: () => boolean,
): Promise<void> {
  const inTurn = (work: () => void) => void turns.next().then(work);
  const workplace = { clock, flushQueue: { inTurn } };
  const bytes = await inSlices(asLongAs(isWanted, making), workplace);
  if (bytes === null) return;
  const temporary = `${path}.part.tmp`;
  const options = { write: true, create: true, truncate: true };
  const file = disk.open(temporary, { ...options, mode: FILE_MODE });
  try {
    await inSlices(asLongAs(isWanted, writing(file, bytes)), workplace);
    if (isWanted()) await file.sync();
  } finally {
    file.close();
  }
  if (isWanted()) {
    disk.rename(temporary, path);
    disk.syncDirectory(path.slice(0, path.lastIndexOf("/")));
  } else if (disk.exists(temporary)) disk.remove(temporary);
}

/** @returns null when it was not wanted any more */
function* asLongAs<T>(isWanted: () => boolean, work: Work<T>): Work<T | null> {
  while (isWanted()) {
    const step = work.next();
    if (step.done) return step.value;
    yield step.value;
  }
  return null;
}

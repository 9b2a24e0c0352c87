/**
 * Writes large files while everything else goes on.
 *
 * @module
 */

import {
  asLongAs,
  inSlices,
  type Turns,
  type Work,
} from "../../connection/mod.ts";
import type { Clock, Disk } from "../../runtime/mod.ts";
import { type Contents, replacing } from "./portions.ts";

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
  making: Work<Contents>,
  isWanted: () => boolean,
): Promise<void> {
  const inTurn = (work: () => void) => void turns.next().then(work);
  const workplace = { clock, flushQueue: { inTurn } };
  // Another one may be under way, of whoever does not wait for this.
  const temporary = `${path}.part.tmp`;
  const work = function* (): Work<void> {
    yield* replacing(disk, path, yield* making, temporary);
  };
  const outcome = await inSlices(asLongAs(isWanted, work()), workplace);
  if (outcome === null && disk.exists(temporary)) disk.remove(temporary);
}

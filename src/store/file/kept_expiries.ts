/**
 * Reads when messages expire.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import {
  DecodeError,
  decodeExpiries,
  type Expiry,
  type Stamped,
} from "../format/mod.ts";
import { EXPIRIES } from "./names.ts";

/** Where it is kept. */
export interface KeptExpiriesParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly stream: string;
  readonly warn: (text: string) => void;
}

/**
 * When messages expire, for those below a stamp.
 * @param last sequence of the stream
 * @throws DiskError
 */
export function readExpiries(
  { disk, directory, stream, warn }: KeptExpiriesParts,
  last: number,
): Stamped<Expiry[]> {
  const path = `${directory}/${EXPIRIES}`;
  if (!disk.exists(path)) return { stamp: 0, entries: [] };
  try {
    const known = decodeExpiries(disk.readFile(path));
    if (known.stamp <= last + 1) return known;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    warn(`Times of expiry of '${stream}' can't be used: ${error.message}`);
  }
  // Of sequences that it knows, others may be given out again.
  disk.remove(path);
  disk.syncDirectory(directory);
  return { stamp: 0, entries: [] };
}

/**
 * Reads when messages expire, and which ones schedule others.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import {
  DecodeError,
  decodeExpiries,
  decodeSchedules,
  type Expiry,
  type ScheduleEntry,
  type Stamped,
} from "../format/mod.ts";
import { EXPIRIES, SCHEDULES } from "./names.ts";

/** Where it is kept. */
export interface SideFileParts {
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
  parts: SideFileParts,
  last: number,
): Stamped<Expiry[]> {
  const known = readFile(parts, last, {
    name: EXPIRIES,
    title: "Times of expiry",
    decode: decodeExpiries,
  });
  return known ?? { stamp: 0, entries: [] };
}

/** Which messages schedule others, for those below a stamp; null: not known. */
export function readSchedules(
  parts: SideFileParts,
  last: number,
): Stamped<ScheduleEntry[]> | null {
  return readFile(parts, last, {
    name: SCHEDULES,
    title: "Schedules",
    decode: decodeSchedules,
  });
}

/** What a file is, and how it is read. */
interface Kind<T> {
  readonly name: string;
  readonly title: string;
  readonly decode: (bytes: Uint8Array) => Stamped<T>;
}

/** @throws DiskError */
function readFile<T>(
  { disk, directory, stream, warn }: SideFileParts,
  last: number,
  { name, title, decode }: Kind<T>,
): Stamped<T> | null {
  const path = `${directory}/${name}`;
  if (!disk.exists(path)) return null;
  try {
    const known = decode(disk.readFile(path));
    if (known.stamp <= last + 1) return known;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    warn(`${title} of '${stream}' can't be used: ${error.message}`);
  }
  // Of sequences that it knows, others may be given out again.
  disk.remove(path);
  disk.syncDirectory(directory);
  return null;
}

/**
 * Reads when messages expire, and which ones schedule others.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Disk } from "../../runtime/mod.ts";
import {
  DecodeError,
  decodingExpiries,
  decodingSchedules,
  type ScheduleEntry,
  type Stamped,
} from "../format/mod.ts";
import { ExpiryQueue } from "../index/expiry_queue.ts";
import { EXPIRIES, SCHEDULES } from "./names.ts";
import { readingFile } from "./portions.ts";

/** Where it is kept. */
export interface SideFileParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly stream: string;
  readonly warn: (text: string) => void;
}

/**
 * When messages expire, for those below a stamp; found out step by step.
 * @param last sequence of the stream
 * @throws DiskError
 */
export function* readingExpiries(
  parts: SideFileParts,
  last: number,
): Work<Stamped<ExpiryQueue>> {
  const known = yield* readingEntries(parts, last, {
    name: EXPIRIES,
    title: "Times of expiry",
    *decode(bytes) {
      const entries = new ExpiryQueue();
      const stamp = yield* decodingExpiries(bytes, (sequence, time, stamp) => {
        if (sequence < stamp) entries.add(sequence, time);
      });
      return { stamp, entries };
    },
  });
  return known ?? { stamp: 0, entries: new ExpiryQueue() };
}

/** Which messages schedule others, in the same way; null: not known. */
export function readingSchedules(
  parts: SideFileParts,
  last: number,
): Work<Stamped<ScheduleEntry[]> | null> {
  return readingEntries(parts, last, {
    name: SCHEDULES,
    title: "Schedules",
    decode: decodingSchedules,
  });
}

/** What a file is, and how it is read. */
interface Kind<T> {
  readonly name: string;
  readonly title: string;
  readonly decode: (bytes: Uint8Array) => Work<Stamped<T>>;
}

/** @throws DiskError */
function* readingEntries<T>(
  { disk, directory, stream, warn }: SideFileParts,
  last: number,
  { name, title, decode }: Kind<T>,
): Work<Stamped<T> | null> {
  const path = `${directory}/${name}`;
  if (!disk.exists(path)) return null;
  try {
    const known = yield* decode(yield* readingFile(disk, path));
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

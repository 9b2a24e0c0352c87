/**
 * Large files, step by step: in portions that don't hold up the loop.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Disk, File } from "../../runtime/mod.ts";
import { FILE_MODE } from "./names.ts";

/** Bytes that are read or written between two rests. */
const PORTION = 512 * 1024;

/** Of a file: in one piece or in several. */
export type Contents = Uint8Array | readonly Uint8Array[];

/** The part of a file that starts at `at`; shorter where the file ends. */
export function* reading(
  file: File,
  at: number,
  size: number,
): Work<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size;) {
    const portion = bytes.subarray(done, done + PORTION);
    const count = file.readAt(portion, at + done);
    done += count;
    if (count < portion.length) return bytes.subarray(0, done);
    if (done < size) yield;
  }
  return bytes;
}

/** A whole file. @throws DiskError */
export function* readingFile(
  disk: Disk,
  path: string,
): Work<Uint8Array<ArrayBuffer>> {
  const file = disk.open(path);
  try {
    return yield* reading(file, 0, file.size());
  } finally {
    file.close();
  }
}

/** Writes to where it belongs. @throws DiskError */
export function* writing(file: File, bytes: Uint8Array, at = 0): Work<void> {
  for (let done = 0; done < bytes.length; done += PORTION) {
    file.writeAt(bytes.subarray(done, done + PORTION), at + done);
    yield;
  }
}

/**
 * Makes durable what was written: off the loop if somebody waits for it, else
 * at once. @throws DiskError
 */
export function* syncing(file: Pick<File, "sync" | "syncNow">): Work<void> {
  let outcome: { readonly error: unknown } | null = null;
  yield async () => {
    try {
      await file.sync();
      outcome = { error: null };
    } catch (error) {
      outcome = { error };
    }
  };
  const { error } = outcome ?? syncedNow(file);
  if (error !== null) throw error;
}

function syncedNow(file: Pick<File, "syncNow">): { readonly error: null } {
  file.syncNow();
  return { error: null };
}

/**
 * Replaces a file so that there is always the old or the new one, whole.
 * @param temporary where the new one is written; it stays if this is given up
 * @throws DiskError
 */
export function* replacing(
  disk: Disk,
  path: string,
  contents: Contents,
  temporary = `${path}.tmp`,
): Work<void> {
  const options = { write: true, create: true, truncate: true };
  const file = disk.open(temporary, { ...options, mode: FILE_MODE });
  try {
    let at = 0;
    for (const piece of piecesOf(contents)) {
      yield* writing(file, piece, at);
      at += piece.length;
    }
    yield* syncing(file);
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
  disk.syncDirectory(path.slice(0, path.lastIndexOf("/")));
}

function piecesOf(contents: Contents): readonly Uint8Array[] {
  return contents instanceof Uint8Array ? [contents] : contents;
}

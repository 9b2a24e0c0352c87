/**
 * Replaces files so that there is always the old or the new one, whole.
 *
 * @module
 */

import type { Disk } from "./ports.ts";

/**
 * Writes `bytes` to `path`, durably.
 * @param mode permissions of the file
 * @param temporary path under which the new one is written, in the same directory
 * @throws DiskError
 */
export function replaceFile(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  { mode, temporary = `${path}.tmp` }: { mode: number; temporary?: string },
): void {
  const file = disk.open(temporary, {
    write: true,
    create: true,
    truncate: true,
    mode,
  });
  try {
    file.writeAt(bytes, 0);
    file.syncNow();
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
  disk.syncDirectory(path.slice(0, path.lastIndexOf("/")));
}

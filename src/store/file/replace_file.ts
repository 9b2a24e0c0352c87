/**
 * Replaces files so that there is always the old or the new one, whole.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import { FILE_MODE } from "./names.ts";

/** Writes `bytes` to `path`, durably. @throws DiskError */
export function replaceFile(disk: Disk, path: string, bytes: Uint8Array): void {
  const temporary = `${path}.tmp`;
  const file = disk.open(temporary, {
    write: true,
    create: true,
    truncate: true,
    mode: FILE_MODE,
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

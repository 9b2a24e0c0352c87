/**
 * Replaces files of the store so that there is always the old or the new one,
 * whole.
 *
 * @module
 */

import { type Disk, replaceFile as replace } from "../../runtime/mod.ts";
import { FILE_MODE } from "./names.ts";

/** Writes `bytes` to `path`, durably. @throws DiskError */
export function replaceFile(disk: Disk, path: string, bytes: Uint8Array): void {
  replace(disk, path, bytes, { mode: FILE_MODE });
}

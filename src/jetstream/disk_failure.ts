/**
 * Failures of the disk that concern all streams of a server.
 *
 * @module
 */

import { DiskError } from "../runtime/mod.ts";
import type { StreamConfig } from "./types/stream_config.ts";

/**
 * Tells whether a failure, by whatever layer it is told, will hit others too.
 * @returns `ENOSPC`: the disk is full, `EACCES`: it must not be written to;
 * null: that is of no concern to others
 */
export function commonFailure(error: unknown): "ENOSPC" | "EACCES" | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (!(each instanceof DiskError)) continue;
    if (each.code === "ENOSPC" || each.code === "EACCES") return each.code;
  }
  return null;
}

/** What the log says of a disk that is full. @param config of who noticed it */
export function outOfSpaceText(
  { storage, mirror, sources }: StreamConfig,
): string {
  const kind = storage === "file" ? "File" : "Memory";
  const copies = mirror !== null || sources.length > 0;
  const what = copies ? "space" : `${kind} resources`;
  return `JetStream out of ${what}, will be DISABLED`;
}

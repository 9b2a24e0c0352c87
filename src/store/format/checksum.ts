/**
 * Checksums of whole files: in hexadecimal beside `meta.inf`, raw at the end of
 * `index.db`.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { DecodeError } from "./decode_error.ts";
import {
  CHECKSUM_SIZE,
  type HashKey,
  type HighwayHash,
} from "./highwayhash.ts";

/** What `meta.sum` holds: the checksum of `meta.inf` as it is on disk. */
export function metaChecksum(
  hash: HighwayHash,
  key: HashKey,
  meta: Uint8Array,
): string {
  return hash.sum(key, meta).toHex();
}

/**
 * What stands before the checksum of `file`, not a copy; step by step.
 * @throws DecodeError with `complaint` when the checksum is not right
 */
export function* checkingBody(
  hash: HighwayHash,
  key: HashKey,
  file: Uint8Array,
  complaint: string,
): Work<Uint8Array> {
  const end = file.length - CHECKSUM_SIZE;
  if (end < 0) throw new DecodeError(complaint);
  const body = file.subarray(0, end);
  const sum = yield* hash.summing(key, body);
  if (!sum.every((byte, i) => byte === file[end + i])) {
    throw new DecodeError(complaint);
  }
  return body;
}

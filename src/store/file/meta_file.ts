/**
 * `meta.inf`, the configuration of a stream or consumer, and its checksum
 * beside it, `meta.sum`.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import { type HashKey, type HighwayHash, metaChecksum } from "../format/mod.ts";
import { FILE_MODE, META, META_SUM } from "./names.ts";
import type { SmallFileSecrecy } from "./secrecy.ts";

/** Where a configuration is and how it is kept. */
export interface MetaParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly hash: HighwayHash;
  readonly key: HashKey;
  readonly secrecy: SmallFileSecrecy;
}

/**
 * Writes a configuration: the checksum under another name, the configuration,
 * and then the checksum gets its name. So there is no time at which neither
 * checksum fits.
 *
 * @param durable whether to wait for the disk
 */
export function writeMeta(
  parts: MetaParts,
  text: string,
  durable: boolean,
): void {
  const { disk, directory, hash, key, secrecy } = parts;
  const bytes = secrecy.seal(new TextEncoder().encode(text));
  const sum = new TextEncoder().encode(metaChecksum(hash, key, bytes));
  const path = `${directory}/${META}`;
  const sumPath = `${directory}/${META_SUM}`;
  // What is there must not be lost, even if new files may be.
  const safe = durable || disk.exists(path);
  writeNew(disk, `${sumPath}.tmp`, sum, safe);
  writeNew(disk, `${path}.tmp`, bytes, safe);
  if (safe) disk.syncDirectory(directory);
  disk.rename(`${path}.tmp`, path);
  if (safe) disk.syncDirectory(directory);
  disk.rename(`${sumPath}.tmp`, sumPath);
  if (safe) disk.syncDirectory(directory);
}

function writeNew(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  durable: boolean,
): void {
  const file = disk.open(path, {
    write: true,
    create: true,
    truncate: true,
    mode: FILE_MODE,
  });
  try {
    file.writeAt(bytes, 0);
    if (durable) file.syncNow();
  } finally {
    file.close();
  }
}

/** A configuration, or why there is none. */
export type ReadMeta =
  | { readonly path: string; readonly meta: string }
  | { readonly reason: string };

/**
 * Reads a configuration. A consumer's checksum must exist, but need not fit:
 * what can be read of a consumer is better than none.
 *
 * @throws DiskError, DecodeError when it is sealed
 */
export function readMeta(
  parts: MetaParts,
  of: "stream" | "consumer",
): ReadMeta {
  const { disk, directory, hash, key, secrecy } = parts;
  const path = `${directory}/${META}`;
  if (!disk.exists(path)) {
    return { reason: `Missing ${of} metafile for ${JSON.stringify(path)}` };
  }
  const bytes = disk.readFile(path);
  const expected = metaChecksum(hash, key, bytes);
  const sumPath = `${directory}/${META_SUM}`;
  const sum = readText(disk, sumPath);
  if (sum !== expected) {
    if (readText(disk, `${sumPath}.tmp`) === expected) {
      disk.rename(`${sumPath}.tmp`, sumPath);
    } else if (sum === "") {
      const file = of === "stream" ? "file" : "for";
      return {
        reason: `Missing ${of} checksum ${file} ${JSON.stringify(sumPath)}`,
      };
    } else if (of === "stream") {
      return { reason: mismatch(path, sum, expected) };
    }
  }
  return { path, meta: new TextDecoder().decode(secrecy.open(bytes)) };
}

function mismatch(path: string, sum: string, expected: string): string {
  const [shown, found, wanted] = [path, sum, expected].map((text) =>
    JSON.stringify(text)
  );
  return `Stream metafile ${shown}: checksums do not match ${found} vs ${wanted}`;
}

/**
 * Encrypts a configuration that was written before it should be.
 * @throws DiskError, DecodeError
 */
export function sealMeta(parts: MetaParts): void {
  const { disk, directory, secrecy } = parts;
  const path = `${directory}/${META}`;
  if (secrecy.isPlain || !disk.exists(path)) return;
  const bytes = disk.readFile(path);
  if (secrecy.open(bytes) !== bytes) return;
  writeMeta(parts, new TextDecoder().decode(bytes), true);
}

function readText(disk: Disk, path: string): string {
  if (!disk.exists(path)) return "";
  return new TextDecoder().decode(disk.readFile(path));
}

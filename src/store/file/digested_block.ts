/**
 * A block that need not be read, as there is a digest of it.
 *
 * @module
 */

import {
  type BlockDigest,
  decodeDigest,
  DecodeError,
  type DigestedMessages,
} from "../format/mod.ts";
import type { Work } from "../../connection/mod.ts";
import type { BlockFiles } from "./block_files.ts";
import type { BlockScanner } from "./block_scan.ts";
import type { DigestFiles } from "./digest_files.ts";
import { FileBlock } from "./file_block.ts";
import type { Secrecy } from "./secrecy.ts";

/** What finding it out needs. */
export interface DigestedParts extends BlockFiles {
  readonly secrecy: Secrecy;
  readonly digests: DigestFiles;
}

/** A block as its digest says, but for its messages. */
export interface DigestedBlock {
  readonly block: FileBlock;
  readonly digest: BlockDigest;
}

/**
 * Looks for the digest of a block. One that is not known to be durable must be
 * there as it was written: the power may have failed before it was.
 * @param recorded highest sequence of the blocks before
 * @param messages gets those of the block
 * @returns null: the block must be read
 * @throws DiskError
 */
export function* findDigested(
  parts: DigestedParts,
  scanner: BlockScanner,
  number: number,
  recorded: number,
  messages: DigestedMessages,
): Work<DigestedBlock | null> {
  const { secrecy, directory, digests } = parts;
  const block = new FileBlock(parts, number, recorded + 1);
  try {
    const body = digests.read(block, block.ending());
    if (body === null) return null;
    const digest = decodeDigest(body, messages);
    if (digest.base <= recorded) return null;
    yield;
    block.secret = secrecy.openBlock(directory, number);
    if (!secrecy.isPlain && block.secret === null) return null;
    const { size, base, last, compressed, tombstones } = digest;
    const isSettled = block.digest === "settled";
    if (!isSettled) {
      const contents = block.read(scanner.room);
      const isWhole = contents.length === size &&
        (yield* scanner.isWhole(block.key, contents));
      if (!isWhole) return null;
    }
    block.resumed(size, compressed, isSettled);
    block.verified = !isSettled;
    block.base = base;
    block.last = last;
    block.tombstones = tombstones.length;
    return { block, digest };
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  } finally {
    block.close();
  }
}

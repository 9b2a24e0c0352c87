/**
 * Keeps digests of blocks, beside them.
 *
 * A digest is believed if the file of its block is as it was, by its size and
 * its last bytes: blocks to which nothing is appended any more are replaced, or
 * overwritten in place, and in that case the digest goes first.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import {
  decodeDigestHead,
  DecodeError,
  DIGEST_HEAD_SIZE,
  DIGEST_HEAD_SUMMED,
  type DigestHead,
  encodeDigestHead,
  HashKey,
  type HighwayHash,
} from "../format/mod.ts";
import type { BlockEnding } from "./block_files.ts";
import type { FileBlock } from "./file_block.ts";
import { digestName, FILE_MODE } from "./names.ts";
import type { SmallFileSecrecy } from "./secrecy.ts";

/** Where the files are and how they are kept. */
export interface DigestFileParts {
  readonly disk: Disk;
  /** Where the blocks are. */
  readonly directory: string;
  readonly stream: string;
  readonly hash: HighwayHash;
  readonly secrecy: SmallFileSecrecy;
}

/** The digests of one stream. */
export class DigestFiles {
  readonly #parts: DigestFileParts;

  constructor(parts: DigestFileParts) {
    this.#parts = parts;
  }

  #path(number: number): string {
    return `${this.#parts.directory}/${digestName(number)}`;
  }

  #sum(number: number, bytes: Uint8Array): Uint8Array {
    const { hash, stream } = this.#parts;
    return hash.sum(new HashKey(`${stream}/${digestName(number)}`), bytes);
  }

  // Writing

  /**
   * Writes the digest of a block of which nothing is pending.
   * @param body not sealed
   * @throws DiskError
   */
  write(block: FileBlock, body: Uint8Array): void {
    const { number, settled } = block;
    const { size: fileSize, tail } = block.ending();
    const sealed = this.#parts.secrecy.seal(body);
    const head = this.#encodeHead(number, {
      settled,
      fileSize,
      tail,
      bodySum: this.#sum(number, sealed),
    });
    const file = this.#parts.disk.open(this.#path(number), {
      write: true,
      create: true,
      mode: FILE_MODE,
    });
    try {
      file.writeAt(head, 0);
      file.writeAt(sealed, head.length);
      file.truncate(head.length + sealed.length);
    } finally {
      file.close();
    }
    block.digest = settled ? "settled" : "unsettled";
  }

  #encodeHead(number: number, head: DigestHead): Uint8Array {
    const summed = encodeDigestHead(head);
    const bytes = new Uint8Array(DIGEST_HEAD_SIZE);
    bytes.set(summed);
    bytes.set(this.#sum(number, summed), DIGEST_HEAD_SUMMED);
    return bytes;
  }

  /** Notes that a block with a digest is durable by now. @throws DiskError */
  settle(block: FileBlock): void {
    const { number } = block;
    if (block.digest !== "unsettled" || !block.settled || block.gone) return;
    block.digest = "settled";
    const head = this.#readHead(number);
    if (head === null) return;
    const file = this.#parts.disk.open(this.#path(number), { write: true });
    try {
      file.writeAt(this.#encodeHead(number, { ...head, settled: true }), 0);
    } finally {
      file.close();
    }
  }

  /** Removes a digest, durably, before its block changes. @throws DiskError */
  forget(block: FileBlock): void {
    const { disk, directory } = this.#parts;
    const path = this.#path(block.number);
    block.digest = "none";
    if (!disk.exists(path)) return;
    disk.remove(path);
    disk.syncDirectory(directory);
  }

  // Reading

  /**
   * The body of a digest, if it is true of a file that ends like that. Whether
   * the block is known to be all there, the block is told.
   * @throws DiskError
   */
  read(block: FileBlock, ending: BlockEnding): Uint8Array | null {
    const { disk, secrecy } = this.#parts;
    const { number } = block;
    const bytes = disk.readFile(this.#path(number));
    const head = this.#checkHead(number, bytes);
    if (head === null || !isOf(head, ending)) return null;
    block.digest = head.settled ? "settled" : "unsettled";
    const sealed = bytes.subarray(DIGEST_HEAD_SIZE);
    if (!isSame(this.#sum(number, sealed), head.bodySum)) return null;
    return orNull(() => secrecy.open(sealed));
  }

  /**
   * Whether a digest knows that a file that ends like that is durable.
   * @throws DiskError
   */
  vouches(number: number, ending: BlockEnding): boolean {
    const head = this.#readHead(number);
    return head !== null && head.settled && isOf(head, ending);
  }

  #readHead(number: number): DigestHead | null {
    const { disk } = this.#parts;
    const path = this.#path(number);
    if (!disk.exists(path)) return null;
    const file = disk.open(path);
    try {
      const bytes = new Uint8Array(DIGEST_HEAD_SIZE);
      file.readAt(bytes, 0);
      return this.#checkHead(number, bytes);
    } finally {
      file.close();
    }
  }

  #checkHead(number: number, bytes: Uint8Array): DigestHead | null {
    const summed = bytes.subarray(0, DIGEST_HEAD_SUMMED);
    const sum = bytes.subarray(DIGEST_HEAD_SUMMED, DIGEST_HEAD_SIZE);
    if (!isSame(this.#sum(number, summed), sum)) return null;
    return orNull(() => decodeDigestHead(summed));
  }
}

function isOf(head: DigestHead, { size, tail }: BlockEnding): boolean {
  return head.fileSize === size && isSame(head.tail, tail);
}

function orNull<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

function isSame(some: Uint8Array, other: Uint8Array): boolean {
  return some.length === other.length &&
    some.every((byte, i) => byte === other[i]);
}

/**
 * Goes through the records of blocks while the stream is in use.
 *
 * @module
 */

import {
  type HighwayHash,
  RecordKind,
  recordTimeHigh,
  recordTimeLow,
  RecordView,
} from "../format/mod.ts";
import { BlockScanner, type RecordVisitor } from "./block_scan.ts";
import type { FileBlock } from "./file_block.ts";

/** Sequence of a deleted message, and a time in two halves. */
export type Tombstone = readonly [number, number, number];

/** One for any number of blocks. */
export class BlockWalker {
  readonly #scanner: BlockScanner;
  readonly #record = new RecordView();
  readonly #damaged: (block: FileBlock) => void;

  /** @param damaged told of blocks of which something was passed over */
  constructor(hash: HighwayHash, damaged: (block: FileBlock) => void) {
    this.#scanner = new BlockScanner(hash, 0);
    this.#damaged = damaged;
  }

  /** Visits all records; those that are damaged are passed over. @throws DiskError */
  walk(block: FileBlock, visit: RecordVisitor): void {
    const chunk = block.load();
    const { size } = block;
    if (!block.verified) {
      block.verified = this.#scanner.scanAll(block.key, chunk, size, visit);
      if (!block.verified) {
        block.damaged = true;
        this.#damaged(block);
      }
      return;
    }
    const record = this.#record;
    for (let at = 0; at < size; at += record.size) {
      record.read(chunk, at, size);
      visit(chunk, at, record);
    }
  }

  /** The tombstones among the records. @throws DiskError */
  tombstones(block: FileBlock): Tombstone[] {
    const found: Tombstone[] = [];
    this.walk(block, (chunk, at, { kind, sequence }) => {
      if (kind !== RecordKind.Tombstone) return;
      found.push([
        sequence,
        recordTimeHigh(chunk, at),
        recordTimeLow(chunk, at),
      ]);
    });
    return found;
  }
}

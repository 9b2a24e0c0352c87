/**
 * Goes through the records of blocks while the stream is in use.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import {
  type HighwayHash,
  RecordKind,
  recordTimeHigh,
  recordTimeLow,
  RecordView,
} from "../format/mod.ts";
import type { Chunk } from "../../protocol/mod.ts";
import { BlockScanner, type RecordVisitor } from "./block_scan.ts";
import type { FileBlock } from "./file_block.ts";

/** Bytes between two rests. */
const PORTION = 256 * 1024;

/** Sequence of a deleted message, and a time in two halves. */
export type Tombstone = readonly [number, number, number];

/** One for any number of blocks. */
export class BlockWalker {
  readonly #hash: HighwayHash;
  readonly #damaged: (block: FileBlock) => void;

  /** @param damaged told of blocks of which something was passed over */
  constructor(hash: HighwayHash, damaged: (block: FileBlock) => void) {
    this.#hash = hash;
    this.#damaged = damaged;
  }

  /**
   * Visits all records, and rests now and then; those that are damaged are
   * passed over.
   * @throws DiskError
   */
  *walk(block: FileBlock, visit: RecordVisitor): Work<void> {
    yield* block.loading();
    const chunk = block.load();
    block.holders++;
    try {
      if (block.verified) yield* this.#walk(block, chunk, visit);
      else yield* this.#verify(block, chunk, visit);
    } finally {
      block.holders--;
    }
  }

  *#walk(block: FileBlock, chunk: Chunk, visit: RecordVisitor): Work<void> {
    const { size } = block;
    const record = new RecordView();
    for (let at = 0, rest = PORTION; at < size;) {
      record.read(chunk, at, size);
      visit(chunk, at, record);
      at += record.size;
      if (at < rest) continue;
      rest = at + PORTION;
      yield;
    }
  }

  *#verify(block: FileBlock, chunk: Chunk, visit: RecordVisitor): Work<void> {
    const { generation, key, size } = block;
    const scanner = new BlockScanner(this.#hash, 0);
    const isIntact = yield* scanner.scanAll(key, chunk, size, visit);
    if (block.generation !== generation || block.gone) return;
    block.verified = isIntact;
    if (isIntact) return;
    block.damaged = true;
    this.#damaged(block);
  }

  /** The tombstones among the records. @throws DiskError */
  tombstones(block: FileBlock): Tombstone[] {
    const found: Tombstone[] = [];
    const work = this.walk(block, (chunk, at, { kind, sequence }) => {
      if (kind !== RecordKind.Tombstone) return;
      found.push([
        sequence,
        recordTimeHigh(chunk, at),
        recordTimeLow(chunk, at),
      ]);
    });
    finish(work);
    return found;
  }
}

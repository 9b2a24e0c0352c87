/**
 * What `index.db` says of blocks, kept for as long as it is true.
 *
 * @module
 */

import { type IndexedBlock, SequenceSet } from "../format/mod.ts";
import type { MessageLog } from "../messages/mod.ts";
import type { FileBlock } from "./file_block.ts";

/** Messages that are looked at between two rests, and what a block counts. */
const SEARCHED_MAX = 50_000;
const BLOCK_EFFORT = 2_000;

/** An entry and what it depends on: blocks only lose messages. */
interface Entry {
  readonly live: number;
  readonly last: number;
  readonly indexed: IndexedBlock;
}

/** One per stream. */
export class BlockEntries {
  readonly #entries = new WeakMap<FileBlock, Entry>();

  /**
   * Finds out about some blocks ahead.
   * @param blocks of which the last is written to
   * @returns whether there are more
   */
  prepare(log: MessageLog, blocks: readonly FileBlock[]): boolean {
    let effort = 0;
    for (let i = 0; i < blocks.length - 1; i++) {
      const block = blocks[i];
      if (block === undefined || this.#known(block) !== null) continue;
      if (effort > SEARCHED_MAX) return true;
      this.of(log, block, false);
      block.ending();
      effort += BLOCK_EFFORT + block.live;
    }
    return false;
  }

  #known(block: FileBlock): IndexedBlock | null {
    const entry = this.#entries.get(block);
    const isTrue = entry?.live === block.live && entry.last === block.last;
    return isTrue ? entry.indexed : null;
  }

  /** The entry of a block. @param isTail whether it is written to */
  of(log: MessageLog, block: FileBlock, isTail: boolean): IndexedBlock {
    if (isTail) return entryOf(log, block, true);
    const known = this.#known(block);
    if (known !== null) return known;
    const indexed = entryOf(log, block, false);
    const { live, last } = block;
    this.#entries.set(block, { live, last, indexed });
    return indexed;
  }
}

function entryOf(
  log: MessageLog,
  block: FileBlock,
  isTail: boolean,
): IndexedBlock {
  const { index } = log;
  const { number, live, liveBytes } = block;
  // As far as it has records, of deleted messages too.
  const lastSequence = isTail ? log.lastSequence : block.last;
  const firstSequence = live === 0 ? lastSequence + 1 : index.next(block.base);
  return {
    number,
    bytes: liveBytes,
    firstSequence,
    firstTime: live === 0 ? 0n : log.timeOf(firstSequence),
    lastSequence,
    lastTime: lastTime(log, lastSequence),
    deleted: live === 0 || live === lastSequence + 1 - firstSequence
      ? null
      : deletedBetween(log, firstSequence, lastSequence),
    // More than there are does no harm: whoever reads it will look.
    ttls: live,
    schedules: live,
  };
}

function lastTime(log: MessageLog, sequence: number): bigint {
  return log.index.has(sequence) ? log.timeOf(sequence) : log.lastTime.nanos;
}

function deletedBetween(
  log: MessageLog,
  first: number,
  last: number,
): SequenceSet | null {
  const deleted = new SequenceSet();
  let expected = first;
  while (expected <= last) {
    const next = log.index.next(expected) || Infinity;
    const end = Math.min(next - 1, last);
    if (end >= expected) deleted.insertRange(expected, end);
    expected = next + 1;
  }
  return deleted.size === 0 ? null : deleted;
}

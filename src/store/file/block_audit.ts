/**
 * Finds damage while a stream is in use.
 *
 * A stream that was opened by its index has not read its blocks. They are
 * verified in the background, one after the other; a block of which something
 * turns out to be damaged before is looked at as soon as possible. What is
 * damaged stays as it is, and keeps the index of messages from being written:
 * the next start reads all blocks, and mends them.
 *
 * @module
 */

import { Chunk } from "../../protocol/mod.ts";
import { finish, type Turns } from "../../connection/mod.ts";
import type { Timer, Timers } from "../../runtime/mod.ts";
import {
  DecodeError,
  type HighwayHash,
  recordFaultText,
  RecordKind,
  recordTimeHigh,
  recordTimeLow,
} from "../format/mod.ts";
import type { MessageLog } from "../messages/mod.ts";
import { BlockScanner } from "./block_scan.ts";
import type { Tombstone } from "./block_walk.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";

/** Bytes that are verified before others have their turn. */
const SLICE = 512 * 1024;
/** Milliseconds between two slices: others need the disk, too. */
const REST = 5;

/** What an audit needs. */
export interface AuditParts {
  readonly timers: Timers;
  readonly turns: Turns;
  readonly hash: HighwayHash;
  readonly stream: string;
  readonly log: MessageLog;
  readonly engine: FileEngine;
  /** Whether totals and blocks agree. */
  readonly isSettled: () => boolean;
  /** Called when the next start must read all blocks, this one at least. */
  readonly forgetPages: (block: FileBlock) => void;
  readonly warn: (text: string) => void;
}

/** One per stream. */
export class BlockAudit {
  readonly #parts: AuditParts;
  readonly #scanner: BlockScanner;
  readonly #suspects = new Set<FileBlock>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(parts: AuditParts) {
    this.#parts = parts;
    this.#scanner = new BlockScanner(parts.hash, 0);
  }

  /** Verifies the blocks that were not read yet, from now on. */
  start(): void {
    const { engine } = this.#parts;
    const blocks = engine.blocks.all.filter((each) => !each.verified);
    if (blocks.length > 0) this.#goOn(this.#verify(blocks));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Something of a block is damaged: what it is is found out soon. */
  suspect(block: FileBlock): void {
    if (this.#stopped || this.#suspects.has(block)) return;
    this.#suspects.add(block);
    if (this.#suspects.size === 1) void this.#examineSoon();
  }

  async #examineSoon(): Promise<void> {
    const { turns, isSettled } = this.#parts;
    do await turns.next(); while (!this.#stopped && !isSettled());
    if (!this.#stopped) this.examine();
  }

  /** Finds out what is lost of the blocks that something is wrong with. */
  examine(): void {
    const { engine, forgetPages, warn } = this.#parts;
    if (this.#suspects.size === 0) return;
    try {
      for (const block of this.#suspects) {
        forgetPages(block);
        if (!block.gone) this.#report(block);
      }
    } catch (error) {
      warn(`Damaged blocks could not be read: ${error}`);
    }
    this.#suspects.clear();
    engine.changed = true;
  }

  #goOn(work: Generator<void, void>): void {
    const { timers, warn } = this.#parts;
    this.#timer = timers.after(REST, () => {
      try {
        if (!work.next().done) this.#goOn(work);
      } catch (error) {
        warn(`Blocks could not be verified: ${error}`);
      }
    });
  }

  /** Verifies blocks, slice by slice. @throws DiskError */
  *#verify(blocks: readonly FileBlock[]): Generator<void, void> {
    let memory = new Chunk(0);
    for (const block of blocks) {
      if (block.verified || block.damaged || block.gone) continue;
      const size = block.written;
      if (size > memory.size) memory = new Chunk(size);
      const { generation } = block;
      let from = 0;
      for (let end = 0; end < size; yield) {
        const until = Math.min(size, end + SLICE);
        end = readOn(block, memory, end, until);
        from = this.#scanner.verify(block.key, memory, from, end);
        if (block.gone || block.generation !== generation) break;
      }
      if (block.gone || block.generation !== generation) continue;
      if (from < size) this.suspect(block);
      else block.verified = true;
    }
  }

  /** Tells what is lost of a block. @throws DiskError */
  #report(block: FileBlock): void {
    const { log, engine, stream, warn } = this.#parts;
    const found = new Set<number>();
    const strange: Tombstone[] = [];
    const chunk = block.load();
    let bytes = 0;
    let damaged = 0;
    const scan = this.#scanner.scanAll(
      block.key,
      chunk,
      block.size,
      (_, at, { kind, sequence, size, subjectStart, subjectEnd }) => {
        const isLive = kind === RecordKind.Message &&
          log.index.position(sequence) === at &&
          engine.blocks.find(sequence) === block;
        // The checksum does not cover where the subject ends.
        const subjectSize = subjectEnd - subjectStart;
        if (!isLive) return;
        if (subjectSize !== log.subjectSize(sequence)) {
          const high = recordTimeHigh(chunk, at);
          strange.push([sequence, high, recordTimeLow(chunk, at)]);
          return;
        }
        found.add(sequence);
        bytes += size;
      },
      ({ start, end, fault }) => {
        const text = recordFaultText(fault, chunk, start, block.size);
        warn(`Damage in block ${block.number} of '${stream}': ${text}`);
        damaged += end - start;
      },
    );
    block.verified = finish(scan);
    block.damaged = !block.verified;
    const lost = this.#missing(block, found);
    engine.lose(lost, damaged);
    const lostBytes = block.liveBytes - bytes;
    block.live -= lost.length;
    block.liveBytes = bytes;
    for (const [i, each] of lost.entries()) {
      log.lose(each, i === 0 ? lostBytes : 0);
    }
    // Without an index, they would come back as something else.
    engine.markDeleted(strange);
  }

  /** Messages of a block that the index knows and that are not `found`. */
  #missing(block: FileBlock, found: ReadonlySet<number>): number[] {
    const { index } = this.#parts.log;
    const missing: number[] = [];
    let at = index.next(block.base);
    for (; at !== 0 && at <= block.last; at = index.next(at + 1)) {
      if (!found.has(at)) missing.push(at);
    }
    return missing;
  }
}

/**
 * Reads the records of a block from `from` on, up to `until` at least.
 * @returns how far
 */
function readOn(
  block: FileBlock,
  memory: Chunk,
  from: number,
  until: number,
): number {
  if (!block.compressed) {
    block.readPart(memory, from, until);
    return until;
  }
  try {
    const records = block.read();
    if (records.length <= memory.size) memory.bytes.set(records);
    return records.length;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    memory.bytes.fill(0);
    return memory.size;
  }
}

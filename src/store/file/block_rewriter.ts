/**
 * Rewrites completed blocks: without what was deleted, or compressed.
 *
 * @module
 */

import { Chunk } from "../../protocol/mod.ts";
import type { Turns, Work } from "../../connection/mod.ts";
import type { Disk } from "../../runtime/mod.ts";
import type { Positions } from "../engine.ts";
import {
  compressBlock,
  EMPTY_RECORD_SIZE,
  type HighwayHash,
  RecordKind,
  recordTimeHigh,
  recordTimeLow,
  writeEmptyRecord,
} from "../format/mod.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";
import { FILE_MODE } from "./names.ts";

/** Bytes that are written between two turns of the event loop. */
const WRITTEN_AT_ONCE = 1024 * 1024;

/** What rewriting needs. */
export interface RewriterParts {
  readonly disk: Disk;
  readonly turns: Turns;
  readonly hash: HighwayHash;
  readonly engine: FileEngine;
  readonly positions: Positions;
  /** Whether blocks are compressed. */
  readonly compresses: () => boolean;
  /** Told when a block was rewritten, or would stay the same. */
  readonly rewritten: (block: FileBlock) => void;
  readonly warn: (text: string) => void;
}

/** A block as it will be. */
interface Plan {
  readonly content: Chunk;
  readonly size: number;
  readonly tombstones: number;
  /** Sequence, old position, new position; one after the other. */
  readonly moves: readonly number[];
}

/** One block after the other, while everything else goes on. */
export class BlockRewriter {
  readonly #parts: RewriterParts;
  readonly #waiting = new Set<FileBlock>();
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(parts: RewriterParts) {
    this.#parts = parts;
  }

  /** Rewrites a block as soon as possible. */
  add(block: FileBlock): void {
    if (this.#stopped) return;
    this.#waiting.add(block);
    this.#running ??= this.#work();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
  }

  /** Resolves when there is nothing left to rewrite. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #work(): Promise<void> {
    const { turns, warn } = this.#parts;
    for (;;) {
      await turns.next();
      const [block] = this.#waiting;
      if (block === undefined) break;
      this.#waiting.delete(block);
      try {
        if (!this.#isSettled(block)) await this.#rewrite(block);
      } catch (error) {
        block.compact = true;
        warn(`Block ${block.number} was not rewritten: ${error}`);
      }
    }
    this.#running = null;
  }

  /** Whether it must stay, or may as well. */
  #isSettled(block: FileBlock): boolean {
    const { engine } = this.#parts;
    // The last block is written to.
    return block.gone || block.damaged || block === engine.blocks.last ||
      block.compact;
  }

  async #rewrite(block: FileBlock): Promise<void> {
    const { disk, engine } = this.#parts;
    const { generation } = block;
    const plan = await this.#inTurns(this.#plan(block));
    // Among what is damaged may be tombstones.
    if (block.damaged || this.#stopped) return;
    if (plan.size === 0) return engine.removeEmpty(block);
    const compresses = this.#parts.compresses() && plan.size >= 8;
    const isSame = plan.size === block.size &&
      compresses === block.compressed;
    block.compact = true;
    if (isSame) return this.#parts.rewritten(block);
    const bytes = await this.#encode(block, plan, compresses);
    // From now on the directory may be somebody else's.
    if (this.#stopped) return;
    const temporary = `${block.path}.tmp`;
    await this.#write(temporary, bytes);
    if (this.#stopped) return;
    const isOutdated = block.gone || block.generation !== generation ||
      block === engine.blocks.last;
    if (isOutdated) {
      if (disk.exists(temporary)) disk.remove(temporary);
      if (!block.gone) this.add(block);
      return;
    }
    disk.rename(temporary, block.path);
    engine.namesChanged = true;
    engine.changed = true;
    block.replaced(plan.content, plan.size, compresses);
    block.tombstones = plan.tombstones;
    block.last = block.end;
    this.#move(plan.moves);
    this.#parts.rewritten(block);
  }

  /** Makes a file of these bytes, durably. @throws DiskError */
  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const { disk, turns } = this.#parts;
    const file = disk.open(path, {
      write: true,
      create: true,
      truncate: true,
      mode: FILE_MODE,
    });
    try {
      for (let at = 0; at < bytes.length; at += WRITTEN_AT_ONCE) {
        if (at > 0) await turns.next();
        file.writeAt(bytes.subarray(at, at + WRITTEN_AT_ONCE), at);
      }
      await file.sync();
    } finally {
      file.close();
    }
  }

  async #encode(
    block: FileBlock,
    { content, size }: Plan,
    compresses: boolean,
  ): Promise<Uint8Array> {
    let bytes: Uint8Array = content.bytes.subarray(0, size);
    if (compresses) bytes = await this.#inTurns(compressBlock(bytes));
    return block.secret?.apply(bytes, 0) ?? bytes;
  }

  /** Does work with a turn of the event loop between any two steps. */
  async #inTurns<T>(work: Work<T>): Promise<T> {
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
      await this.#parts.turns.next();
    }
  }

  /** Live messages, and the tombstones that somebody needs. */
  *#plan(block: FileBlock): Work<Plan> {
    const { engine, positions } = this.#parts;
    yield* block.loading();
    block.load();
    yield;
    const content = new Chunk(block.size + EMPTY_RECORD_SIZE);
    const moves: number[] = [];
    let size = 0;
    let tombstones = 0;
    /** Where a record tells where the block ends; below 0: none does. */
    let last = -1;
    yield* engine.walker.walk(
      block,
      (from, at, { sequence, kind, size: length }) => {
        if (sequence === block.end) last = at;
        if (kind === RecordKind.NoMessage) return;
        if (kind === RecordKind.Tombstone) {
          if (!engine.tombstones.isNeeded(block, sequence)) return;
          tombstones++;
        } else {
          if (positions.position(sequence) !== at) return;
          if (engine.blocks.find(sequence) !== block) return;
          if (at !== size) moves.push(sequence, at, size);
        }
        content.bytes.set(from.bytes.subarray(at, at + length), size);
        size += length;
      },
    );
    if (size > 0 && last >= 0 && positions.position(block.end) !== last) {
      size = this.#noteEnd(block, block.load(), last, content, size);
    }
    return { content, size, tombstones, moves };
  }

  /** Where the block ended may be all that tells where the stream does. */
  #noteEnd(
    block: FileBlock,
    from: Chunk,
    last: number,
    content: Chunk,
    size: number,
  ): number {
    const high = recordTimeHigh(from, last);
    const low = recordTimeLow(from, last);
    const kind = RecordKind.NoMessage;
    const end = writeEmptyRecord(content, size, kind, block.end, high, low);
    const { hash } = this.#parts;
    hash.sealRecordIn(block.key, content, size, end - size);
    return end;
  }

  #move(moves: readonly number[]): void {
    const { positions } = this.#parts;
    for (let i = 0; i < moves.length; i += 3) {
      // It may have been deleted meanwhile.
      positions.move(moves[i] ?? 0, moves[i + 1] ?? 0, moves[i + 2] ?? 0);
    }
  }
}

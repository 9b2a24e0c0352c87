/**
 * What a stream in files does from time to time.
 *
 * @module
 */

import type { Random, Timer, Timers } from "../../runtime/mod.ts";
import type { BlockDigester } from "./block_digester.ts";
import type { BlockRewriter } from "./block_rewriter.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";

/** How often memory and files are looked at, milliseconds. */
const LOOK = 5000;
/** Looks after which a file is closed that nobody has used. */
const FILE_IDLE = 6;
/** Smaller blocks are rewritten with the syncs only, bytes. */
const SPARSE_MIN = 2 * 1024 * 1024;
/** Between two indexes, milliseconds, and what is added at random. */
const INDEX_INTERVAL = 120_000;
const INDEX_JITTER = 30_000;
/** Entries that can be written without holding up the loop. */
const INDEX_EFFORT = 20_000;

/** What there is to keep in order. */
export interface HousekeepingParts {
  readonly timers: Timers;
  readonly random: Pick<Random, "below">;
  readonly engine: FileEngine;
  readonly rewriter: BlockRewriter;
  readonly syncInterval: number;
  readonly digester: Pick<BlockDigester, "addAll">;
  readonly sync: () => Promise<void>;
  /** @param effort at most */
  readonly writeIndex: (effort: number) => Promise<void>;
  readonly warn: (text: string) => void;
}

/** One per stream. */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  readonly #timers: Timer[] = [];
  #syncTimer: Timer | null = null;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
    const { timers, random, syncInterval } = parts;
    this.#timers.push(timers.every(LOOK, () => this.#look()));
    const jitter = random.below(INDEX_JITTER);
    this.#timers.push(
      timers.every(INDEX_INTERVAL + jitter, () => void this.#writeIndex()),
    );
    // So that not all streams go to the disk at the same time.
    const first = syncInterval / 2 +
      random.below(Math.max(1, syncInterval / 2));
    this.#syncTimer = timers.after(first, () => void this.#sync());
  }

  /** Whether a block has lost so much that it is rewritten at once. */
  static isWorthwhile(block: FileBlock): boolean {
    return block.size > SPARSE_MIN && 2 * block.liveBytes < block.size;
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#syncTimer?.cancel();
    this.#syncTimer = null;
  }

  async #sync(): Promise<void> {
    const { engine, rewriter, sync, timers, syncInterval, warn } = this.#parts;
    try {
      engine.flush();
      await sync();
    } catch (error) {
      warn(`Could not sync: ${error}`);
    }
    if (this.#syncTimer === null) return;
    for (const block of engine.blocks.all) {
      if (engine.blocksRemoved && block.tombstones > 0) block.compact = false;
      if (2 * block.liveBytes < block.size) rewriter.add(block);
    }
    engine.blocksRemoved = false;
    this.#parts.digester.addAll();
    this.#syncTimer = timers.after(syncInterval, () => void this.#sync());
  }

  async #writeIndex(): Promise<void> {
    try {
      await this.#parts.writeIndex(INDEX_EFFORT);
    } catch (error) {
      this.#parts.warn(`Stream state was not written: ${error}`);
    }
  }

  #look(): void {
    const { engine } = this.#parts;
    const { memory } = engine;
    memory.look();
    for (const block of engine.blocks.all) {
      if (block.isOpen && memory.now - block.used > FILE_IDLE && !block.dirty) {
        block.close();
      }
    }
  }
}

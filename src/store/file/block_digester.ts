/**
 * Makes digests of blocks to which nothing is appended any more, one after the
 * other, while everything else goes on.
 *
 * @module
 */

import type { Turns, Work } from "../../connection/mod.ts";
import type { MessageLog } from "../messages/mod.ts";
import { BlockReading } from "./block_reading.ts";
import type { DigestFiles } from "./digest_files.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";

/** Smaller blocks are read about as fast as their digests, bytes. */
const SMALLEST = 256 * 1024;
/** Digests that are noted to be of durable blocks between two rests. */
const SETTLED_AT_ONCE = 16;

/** What making digests needs. */
export interface DigesterParts {
  readonly turns: Turns;
  readonly engine: FileEngine;
  readonly log: MessageLog;
  readonly digests: DigestFiles;
  /** Bytes of the smallest blocks that get digests. */
  readonly digestFrom?: number;
  readonly warn: (text: string) => void;
}

/** One per stream. */
export class BlockDigester {
  readonly #parts: DigesterParts;
  readonly #smallest: number;
  readonly #waiting = new Set<FileBlock>();
  readonly #durable = new Set<FileBlock>();
  #isWorking = false;
  #stopped = false;

  constructor(parts: DigesterParts) {
    this.#parts = parts;
    this.#smallest = parts.digestFrom ?? SMALLEST;
  }

  /** Makes digests of all blocks that should have one. */
  addAll(): void {
    for (const block of this.#parts.engine.blocks.all) this.add(block);
  }

  /** Makes the digest of a block, if it should have one. */
  add(block: FileBlock): void {
    if (this.#stopped || !this.#isWanted(block)) return;
    this.#waiting.add(block);
    this.#goOn();
  }

  /** Blocks have become durable. */
  settle(blocks: readonly FileBlock[]): void {
    for (const each of blocks) {
      if (each.digest === "unsettled") this.#durable.add(each);
    }
    if (!this.#stopped && this.#durable.size > 0) this.#goOn();
  }

  /** A block is about to change in place, or is damaged. @throws DiskError */
  forget(block: FileBlock): void {
    this.#parts.digests.forget(block);
  }

  /** Makes no more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
    this.#durable.clear();
  }

  /** All blocks are durable, and nothing else goes on. @throws DiskError */
  *settlingAll(): Work<void> {
    const { engine, digests } = this.#parts;
    for (const [i, block] of engine.blocks.all.entries()) {
      digests.settle(block);
      if (i % SETTLED_AT_ONCE === 0) yield;
    }
  }

  #isWanted(block: FileBlock): boolean {
    // What has lost much will be rewritten.
    return block.digest === "none" && !block.gone && !block.damaged &&
      block !== this.#parts.engine.blocks.last && block.pending === 0 &&
      block.size >= this.#smallest && 2 * block.liveBytes >= block.size;
  }

  #goOn(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    const { turns, warn } = this.#parts;
    try {
      for (;;) {
        await turns.next();
        const [block] = this.#waiting;
        if (block !== undefined) {
          this.#waiting.delete(block);
          if (this.#isWanted(block)) await this.#digest(block);
        } else if (this.#durable.size > 0) this.#settleSome();
        else break;
      }
    } catch (error) {
      this.stop();
      warn(`Digests of blocks are not written any more: ${error}`);
    }
    this.#isWorking = false;
  }

  #settleSome(): void {
    let left = SETTLED_AT_ONCE;
    for (const block of this.#durable) {
      if (left-- === 0) break;
      this.#durable.delete(block);
      this.#parts.digests.settle(block);
    }
  }

  async #digest(block: FileBlock): Promise<void> {
    const { engine, turns, digests } = this.#parts;
    const { generation } = block;
    const isWanted = () =>
      !this.#stopped && block.generation === generation &&
      this.#isWanted(block);
    engine.checkWritable();
    const work = this.#read(block, isWanted);
    for (;;) {
      const step = work.next();
      if (!step.done) await turns.next();
      else {
        if (step.value !== null) digests.write(block, step.value);
        break;
      }
    }
  }

  /** @returns null: it has changed meanwhile, or is not what it should be */
  *#read(block: FileBlock, isWanted: () => boolean): Work<Uint8Array | null> {
    const { log, engine } = this.#parts;
    const wasLoaded = block.isLoaded;
    block.holders++;
    try {
      yield* block.loading();
      if (!isWanted()) return null;
      const reading = new BlockReading(log, engine, block);
      while (!reading.isDone) {
        reading.some();
        yield;
        if (!isWanted()) return null;
      }
      const body = reading.end();
      // Something was deleted meanwhile: then it is not that easy.
      if (body === null && reading.isPlain && block.liveBytes < block.size) {
        this.#waiting.add(block);
      }
      return body;
    } finally {
      block.holders--;
      if (!wasLoaded) engine.memory.drop(block);
    }
  }
}

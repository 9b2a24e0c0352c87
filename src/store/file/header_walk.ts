/**
 * Finds messages that have a header without looking at the others.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { Chunk, EMPTY_CHUNK } from "../../protocol/mod.ts";
import type { StoredMessage } from "../contract.ts";
import type { MessageLog } from "../messages/mod.ts";
import {
  EMPTY_RECORD_SIZE,
  hasHeader,
  recordLength,
  recordSequence,
} from "../format/mod.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";

/** Records between two rests. */
const STRIDE = 4096;
/** Bytes that are read between two rests. */
const PORTION = 1024 * 1024;

/** Visits messages from `from` on, in ascending order. @throws DiskError */
export function* messagesWithHeader(
  engine: FileEngine,
  log: MessageLog,
  from: number,
  visit: (message: StoredMessage) => void,
): Work<void> {
  let memory = EMPTY_CHUNK;
  for (const block of [...engine.blocks.all]) {
    if (block.end < from || block.gone) continue;
    const { size } = block;
    if (memory.size < size) memory = new Chunk(size);
    yield* read(block, memory, size);
    for (let at = 0; at < size && !block.gone;) {
      at = walk(log, memory, size, at, from, visit);
      yield;
    }
  }
}

/** Copies the first `size` bytes of a block. */
function* read(block: FileBlock, memory: Chunk, size: number): Work<void> {
  if (block.isLoaded) yield* block.loading();
  if (block.gone) return;
  if (block.isLoaded || block.compressed) {
    return memory.bytes.set(block.head(size));
  }
  for (let at = 0; at < size && !block.gone; at += PORTION) {
    block.readPart(memory, at, Math.min(size, at + PORTION));
    yield;
  }
}

/** Looks at some records from `at` on. @returns where to go on */
function walk(
  log: MessageLog,
  chunk: Chunk,
  size: number,
  at: number,
  from: number,
  visit: (message: StoredMessage) => void,
): number {
  for (let i = 0; i < STRIDE && at + EMPTY_RECORD_SIZE <= size; i++) {
    const length = recordLength(chunk, at);
    // Damage is the business of others.
    if (length < EMPTY_RECORD_SIZE) return size;
    if (hasHeader(chunk, at)) {
      const sequence = recordSequence(chunk, at);
      const isThere = sequence >= from && log.index.has(sequence);
      const message = isThere ? log.load(sequence) : null;
      if (message !== null && message.headerSize > 0) visit(message);
    }
    at += length;
  }
  return at + EMPTY_RECORD_SIZE <= size ? at : size;
}

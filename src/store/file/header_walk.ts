/**
 * Finds messages that have a header without looking at the others.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
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

/** Visits messages from `from` on, in ascending order. @throws DiskError */
export function* messagesWithHeader(
  engine: FileEngine,
  log: MessageLog,
  from: number,
  visit: (message: StoredMessage) => void,
): Work<void> {
  for (const block of [...engine.blocks.all]) {
    if (block.end < from) continue;
    for (let at = 0; at < block.size && !block.gone;) {
      at = walk(engine, log, block, at, from, visit);
      yield;
    }
  }
}

/** Looks at some records from `at` on. @returns where to go on */
function walk(
  engine: FileEngine,
  log: MessageLog,
  block: FileBlock,
  at: number,
  from: number,
  visit: (message: StoredMessage) => void,
): number {
  const chunk = block.load();
  block.used = engine.memory.now;
  engine.memory.loaded(block);
  for (let i = 0; i < STRIDE && at + EMPTY_RECORD_SIZE <= block.size; i++) {
    const length = recordLength(chunk, at);
    // Damage is the business of others.
    if (length < EMPTY_RECORD_SIZE) return block.size;
    if (hasHeader(chunk, at)) {
      const sequence = recordSequence(chunk, at);
      const isThere = sequence >= from &&
        log.index.position(sequence) === at;
      const message = isThere ? log.load(sequence) : null;
      if (message !== null) visit(message);
    }
    at += length;
  }
  return at + EMPTY_RECORD_SIZE <= block.size ? at : block.size;
}

/**
 * What a crash has left of an atomic batch.
 *
 * @module
 */

import type { StreamStore } from "../../../store/mod.ts";
import { headerValue } from "../header_block.ts";
import { StreamHeader } from "../publish_headers.ts";
import { headersOf } from "../stored_parts.ts";

/**
 * Messages of a batch are appended one after the other and end in one that
 * commits it. If the last message of a stream is one that does not, the batch
 * was never acknowledged.
 * @returns the sequence of its first message; 0: there is no such batch
 */
export function unfinishedBatch(store: StreamStore): number {
  let first = 0;
  let batch = "";
  for (let sequence = store.lastSequence;; sequence--) {
    const message = store.load(sequence);
    if (message === null) return first;
    const headers = headersOf(message);
    const id = headerValue(headers, StreamHeader.batchId) ?? "";
    const commits = headerValue(headers, StreamHeader.batchCommit) !== null;
    if (id === "" || commits || (first > 0 && id !== batch)) return first;
    batch = id;
    first = sequence;
  }
}

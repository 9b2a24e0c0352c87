/**
 * What a crash has left of an atomic batch that was being committed: of one
 * that a Go server has staged on disk the rest is stored, any other is taken
 * back. In either case nobody was told of it, and it is there as a whole or not
 * at all.
 *
 * @module
 */

import { shortHash } from "../../../account/mod.ts";
import type {
  MessageBody,
  StoredMessage,
  StreamStore,
} from "../../../store/mod.ts";
import { bareOptions } from "../../bare_store.ts";
import { headerValue, withHeader } from "../header_block.ts";
import { StreamHeader } from "../publish_headers.ts";
import { parseUnsigned } from "../sequence_text.ts";
import { bodyOf, headersOf, payloadOf } from "../stored_parts.ts";
import type { Stream } from "../stream.ts";

/** Commits a batch without the message that says so. */
const END_OF_BATCH = "eob";

/** The messages of a batch at the end of a stream. */
export interface UnfinishedBatch {
  readonly id: string;
  /** Sequence of the first of them. */
  readonly first: number;
  /** Which message of the batch the last one is. */
  readonly done: number;
}

/** Leaves no part of a batch at the end of a stream that was found on disk. */
export function settleUnfinished(stream: Stream): void {
  const { store, config, host, name } = stream;
  // What a mirror has copied is complete in its origin.
  if (config.allow_atomic && config.mirror === null) {
    const batch = unfinishedBatch(store);
    if (batch !== null && !complete(stream, batch)) {
      store.truncate(batch.first - 1);
      stream.touch();
    }
  }
  if (config.storage === "file") host.stores.dropStaged(name);
}

/**
 * Messages of a batch are appended one after the other and end in one that
 * commits it. If the last message of a stream is one that does not, the batch
 * was never acknowledged. Copies from other streams are no part of any.
 */
export function unfinishedBatch(store: StreamStore): UnfinishedBatch | null {
  let found: UnfinishedBatch | null = null;
  for (let sequence = store.lastSequence;; sequence--) {
    const message = store.load(sequence);
    if (message === null) return found;
    const headers = headersOf(message);
    const id = headerValue(headers, StreamHeader.batchId) ?? "";
    const isOther = id === "" || (found !== null && id !== found.id) ||
      headerValue(headers, StreamHeader.batchCommit) !== null ||
      headerValue(headers, StreamHeader.streamSource) !== null;
    if (isOther) return found;
    const number = headerValue(headers, StreamHeader.batchSequence) ?? "";
    const done: number = found?.done ?? parseUnsigned(number) ?? 0;
    found = { id, first: sequence, done };
  }
}

/** Stores the rest of a batch that was staged. @returns whether it is complete */
function complete(stream: Stream, batch: UnfinishedBatch): boolean {
  const { host, name } = stream;
  const options = bareOptions(shortHash(batch.id), "file");
  const staged = host.stores.staged(name, options);
  if (staged === null) return false;
  try {
    const end = staged.load(staged.lastSequence);
    const commit = end === null ? null : commitOf(end);
    if (commit === null || batch.done === 0) return false;
    const isEnd = commit === END_OF_BATCH;
    const last = staged.lastSequence - (isEnd ? 1 : 0);
    host.logger.notice(
      `  Restoring partial batch write for stream '${host.account.name} > ${name}' (seq ${
        batch.done + 1
      } to ${last})`,
    );
    for (let sequence = batch.done + 1; sequence <= last; sequence++) {
      const message = staged.load(sequence);
      if (message === null) return false;
      const body = copyOf(message, isEnd && sequence === last);
      const outcome = stream.ingest.store(message.subject, body, null);
      if (outcome.refusal !== null) return false;
    }
    return true;
  } finally {
    staged.stop();
  }
}

function commitOf(message: StoredMessage): string | null {
  return headerValue(headersOf(message), StreamHeader.batchCommit);
}

/** A copy: the staged one goes. @param commits whether it is to say so */
function copyOf(message: StoredMessage, commits: boolean): MessageBody {
  const block = headersOf(message);
  const headers = commits
    ? withHeader(block, StreamHeader.batchCommit, "1")
    : block;
  return bodyOf(headers, payloadOf(message));
}

/**
 * Atomic batches: messages that are stored all at once or not at all.
 *
 * They are gathered (`BatchParts`) until the publisher commits, and checked then. All are
 * appended before anything else happens, and what was appended is taken back
 * if one can't be. Nothing of a batch is told before all of it is safe; what a
 * crash leaves of one is taken back at the next start (`unfinishedBatch`).
 *
 * @module
 */

import type { Timer } from "../../../runtime/mod.ts";
import { ApiError, type ApiErrorName } from "../../errors.ts";
import { isSupportedLevel } from "../../versioning.ts";
import { withHeader, withoutHeader } from "../header_block.ts";
import { type Demands, refusedOnArrival } from "../preconditions.ts";
import type { Publication } from "../publication.ts";
import { StreamHeader } from "../publish_headers.ts";
import { parseUnsigned } from "../sequence_text.ts";
import type { Stream } from "../stream.ts";
import { BatchChecks } from "./batch_checks.ts";
import { BatchParts } from "./batch_parts.ts";

/** Characters of a batch's id. */
export const BATCH_ID_MAX = 64;
const PER_STREAM_MAX = 50;
const TOTAL_MAX = 1000;
const SIZE_MAX = 1000;
/** Milliseconds between two messages of a batch, at most. */
export const BATCH_TIMEOUT = 10_000;

/** Ends a batch without the message that is at its end. */
const END_OF_BATCH = "eob";

interface AtomicBatch {
  readonly id: string;
  readonly parts: BatchParts;
  /** Messages so far, the end of the batch included. */
  count: number;
  timer: Timer;
}

/** A message of a batch, with what its headers say of the batch. */
interface BatchMessage {
  readonly id: string;
  readonly sequence: number;
  readonly commits: boolean;
  /** Whether the message itself is not part of the batch. */
  readonly isEnd: boolean;
}

/** A checked message. */
export interface CheckedMessage {
  readonly publication: Publication;
  readonly demands: Demands;
}

/** The atomic batches of a stream. */
export class AtomicBatches {
  readonly #stream: Stream;
  readonly #open = new Map<string, AtomicBatch>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Takes a message with the id of a batch. */
  take(publication: Publication): void {
    const { message } = publication;
    const reply = message?.reply() ?? "";
    const answers = reply !== "" && !this.#stream.config.no_ack;
    try {
      const body = this.#take(publication);
      if (answers) {
        this.#stream.outbox.send({ subject: reply, body, kind: "claim" });
      }
    } catch (error) {
      const refusal = this.#stream.ingest.refusalOf(error);
      if (answers) this.#stream.refuse(reply, refusal);
    }
  }

  /** Abandons all. */
  clear(): void {
    for (const batch of [...this.#open.values()]) this.#close(batch);
  }

  /** @returns the answer: empty until the batch is committed */
  #take(publication: Publication): string {
    this.#admit(publication);
    const { headers } = publication;
    const id = headers.get("batchId");
    if (id.length > BATCH_ID_MAX) {
      throw new ApiError("atomicPublishInvalidBatchID");
    }
    const sequence = parseUnsigned(headers.get("batchSequence"));
    if (sequence === undefined) throw new ApiError("atomicPublishMissingSeq");
    const commit = headers.get("batchCommit");
    const isEnd = commit === END_OF_BATCH;
    const commits = headers.has("batchCommit");
    const part: BatchMessage = { id, sequence, commits, isEnd };
    const batch = this.#batchOf(part);
    if (commits && !isEnd && commit !== "1") {
      throw this.#abandon(batch, "atomicPublishInvalidBatchCommit");
    }
    this.#checkLevel(batch, publication);
    this.#checkPlace(batch, part);
    if (!isEnd) this.#add(batch, publication);
    if (!commits) return "";
    this.#release(batch);
    try {
      return this.#commit(batch, isEnd);
    } finally {
      batch.parts.discard();
    }
  }

  /** What every message is held to when it arrives. */
  #admit(publication: Publication): void {
    const refusal = refusedOnArrival(publication, this.#stream);
    if (refusal !== null) throw refusal;
    if (!this.#stream.config.allow_atomic) {
      throw new ApiError("atomicPublishDisabled");
    }
  }

  #batchOf(part: BatchMessage): AtomicBatch {
    const present = this.#open.get(part.id);
    if (present !== undefined) return present;
    const { limits, openBatches } = this.#stream.host;
    if (part.sequence !== 1) {
      throw sizeOf(part) > this.#sizeMax
        ? this.#tooLarge()
        : new ApiError("atomicPublishIncompleteBatch");
    }
    const perStream = limits.maxBatchInflightPerStream || PER_STREAM_MAX;
    const total = limits.maxBatchInflightTotal || TOTAL_MAX;
    if (this.#open.size >= perStream || openBatches.atomic >= total) {
      throw new ApiError("atomicPublishTooManyInflight");
    }
    const { id } = part;
    const batch: AtomicBatch = {
      id,
      parts: new BatchParts(this.#stream, id),
      count: 0,
      timer: this.#timeout(id),
    };
    this.#open.set(id, batch);
    openBatches.atomic++;
    return batch;
  }

  #timeout(id: string): Timer {
    const { limits, timers } = this.#stream.host;
    return timers.after(limits.maxBatchTimeout || BATCH_TIMEOUT, () => {
      const batch = this.#open.get(id);
      if (batch === undefined) return;
      this.#close(batch);
      this.#tell(batch, "timeout");
    });
  }

  #checkLevel(batch: AtomicBatch, publication: Publication): void {
    const level = publication.headers.get("requiredApiLevel");
    if (level === "") return;
    if (!isSupportedLevel(level)) {
      this.#tell(batch, "unsupported");
      throw this.#abandon(batch, "requiredApiLevel");
    }
    publication.setHeaders(
      withoutHeader(publication.headerBlock(), StreamHeader.requiredApiLevel),
    );
  }

  /** Nothing may be missing, and no more may come than allowed. */
  #checkPlace(batch: AtomicBatch, part: BatchMessage): void {
    batch.timer.cancel();
    batch.timer = this.#timeout(batch.id);
    batch.count++;
    if (batch.count !== part.sequence || (part.sequence === 1 && part.isEnd)) {
      this.#tell(batch, "incomplete");
      throw this.#abandon(batch, "atomicPublishIncompleteBatch");
    }
    if (sizeOf(part) <= this.#sizeMax) return;
    this.#close(batch);
    this.#tell(batch, "large");
    throw this.#tooLarge();
  }

  get #sizeMax(): number {
    return this.#stream.host.limits.maxBatchSize || SIZE_MAX;
  }

  #tooLarge(): ApiError {
    return new ApiError("atomicPublishTooLargeBatch", { size: this.#sizeMax });
  }

  #add(batch: AtomicBatch, publication: Publication): void {
    try {
      batch.parts.push(publication);
    } catch (error) {
      this.#close(batch);
      throw error;
    }
  }

  /** Checks and stores all of it. @returns the acknowledgement */
  #commit({ id, parts }: AtomicBatch, isEnd: boolean): string {
    const stream = this.#stream;
    const messages = parts.all();
    const checks = new BatchChecks(stream);
    const checked: CheckedMessage[] = [];
    for (const publication of messages) {
      publication.subject = stream.transform(publication.subject);
      if (publication.headers.get("expectedLastMsgId") !== "") {
        throw new ApiError("atomicPublishUnsupportedHeaderBatch", {
          header: StreamHeader.expectedLastMsgId,
        });
      }
      checked.push({ publication, demands: checks.check(publication) });
    }
    const last = messages.at(-1);
    if (isEnd && last !== undefined) {
      last.setHeaders(
        withHeader(last.headerBlock(), StreamHeader.batchCommit, "1"),
      );
    }
    const sequence = stream.ingest.storeBatch(checked);
    return stream.responses.batch(sequence, id, messages.length);
  }

  #abandon(batch: AtomicBatch, reason: ApiErrorName): ApiError {
    this.#close(batch);
    return new ApiError(reason);
  }

  #close(batch: AtomicBatch): void {
    this.#release(batch);
    batch.parts.discard();
  }

  /** It takes no more messages. */
  #release(batch: AtomicBatch): void {
    batch.timer.cancel();
    if (this.#open.delete(batch.id)) this.#stream.host.openBatches.atomic--;
  }

  #tell(
    { id }: AtomicBatch,
    reason: "timeout" | "large" | "incomplete" | "unsupported",
  ): void {
    const { host, name } = this.#stream;
    host.advisories.batchAbandoned(name, id, reason);
  }
}

/** Messages of the batch, without what only ends it. */
function sizeOf({ sequence, isEnd }: BatchMessage): number {
  return isEnd ? sequence - 1 : sequence;
}

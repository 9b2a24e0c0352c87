/**
 * Fast batches: messages that are stored as they come, with few
 * acknowledgements, which pace the publisher.
 *
 * @module
 */

import { encodeGoJson } from "../../../protocol/mod.ts";
import type { Timer } from "../../../runtime/mod.ts";
import { subjectFromText } from "../../../subject/mod.ts";
import { ApiError } from "../../errors.ts";
import { isSupportedLevel } from "../../versioning.ts";
import { withoutHeader } from "../header_block.ts";
import { checkLastMsgId, refusedOnArrival } from "../preconditions.ts";
import type { Publication } from "../publication.ts";
import { StreamHeader } from "../publish_headers.ts";
import type { Stream } from "../stream.ts";
import { BATCH_ID_MAX, BATCH_TIMEOUT } from "./atomic_batches.ts";
import { BatchChecks, DuplicateInBatch } from "./batch_checks.ts";
import { type FastReply, parseFastReply } from "./fast_reply.ts";

const PER_STREAM_MAX = 1000;
const TOTAL_MAX = 50_000;
/** Messages between acknowledgements over all batches of a stream. */
const FLOW_TOTAL = 500;

interface FastBatch {
  readonly id: string;
  readonly gapsAllowed: boolean;
  readonly flowMax: number;
  /** Messages between acknowledgements. */
  flow: number;
  /** Last sequence of the batch that has come and is accounted for. */
  last: number;
  /** Up to which sequence of the batch all has been acknowledged. */
  acknowledged: number;
  /** Sequence of the stream that the last message has. */
  stored: number;
  timer: Timer;
}

/** The fast batches of a stream. */
export class FastBatches {
  readonly #stream: Stream;
  readonly #open = new Map<string, FastBatch>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Takes a message whose reply subject is one of a fast batch.
   * @param given as its publisher gave it; empty: as it is
   */
  take(publication: Publication, given: string): void {
    const reply = publication.message?.reply() ?? "";
    try {
      this.#take(publication, reply, given || reply);
    } catch (error) {
      const refusal = this.#stream.ingest.refusalOf(error);
      if (!this.#stream.config.no_ack) this.#stream.refuse(reply, refusal);
    }
  }

  /** Abandons all. */
  clear(): void {
    for (const batch of [...this.#open.values()]) this.#close(batch);
  }

  #take(publication: Publication, reply: string, given: string): void {
    const stream = this.#stream;
    const refusal = refusedOnArrival(publication, stream);
    if (refusal !== null) throw refusal;
    if (!stream.config.allow_batched) {
      throw new ApiError("batchPublishDisabled");
    }
    const part = parseFastReply(given);
    if (part === null) throw new ApiError("batchPublishInvalidPattern");
    if (part.batch.length > BATCH_ID_MAX) {
      throw new ApiError("batchPublishInvalidBatchID");
    }
    const batch = this.#batchOf(part);
    this.#checkLevel(batch, publication);
    batch.timer.cancel();
    batch.timer = this.#timeout(batch.id);
    if (part.operation === "ping") return this.#ping(batch, part, reply);
    if (!this.#isInOrder(batch, part, reply)) return;
    if (part.operation === "end") return this.#commit(batch, reply);
    if (part.sequence === 1 && part.operation !== "commit") {
      if (!stream.config.no_ack) this.#sendFlow(0, batch, reply);
    }
    this.#store(batch, part, publication, reply);
  }

  #batchOf(part: FastReply): FastBatch {
    const present = this.#open.get(part.batch);
    if (present !== undefined) return present;
    if (part.sequence !== 1 || part.operation === "ping") {
      throw new ApiError("batchPublishUnknownBatchID");
    }
    const { limits, openBatches } = this.#stream.host;
    const perStream = limits.maxBatchInflightPerStream || PER_STREAM_MAX;
    const total = limits.maxBatchInflightTotal || TOTAL_MAX;
    if (this.#open.size >= perStream || openBatches.fast >= total) {
      throw new ApiError("batchPublishTooManyInflight");
    }
    const id = part.batch;
    const batch: FastBatch = {
      id,
      gapsAllowed: part.gapsAllowed,
      flowMax: part.flow,
      // Beside others, a publisher begins slowly.
      flow: this.#open.size === 0 ? Math.min(FLOW_TOTAL, part.flow) : 1,
      last: 0,
      acknowledged: 0,
      stored: 0,
      timer: this.#timeout(id),
    };
    this.#open.set(id, batch);
    openBatches.fast++;
    return batch;
  }

  #timeout(id: string): Timer {
    const { limits, timers } = this.#stream.host;
    return timers.after(limits.maxBatchTimeout || BATCH_TIMEOUT, () => {
      const batch = this.#open.get(id);
      if (batch !== undefined) this.#close(batch);
    });
  }

  #checkLevel(batch: FastBatch, publication: Publication): void {
    const level = publication.headers.get("requiredApiLevel");
    if (level === "") return;
    if (!isSupportedLevel(level)) {
      this.#close(batch);
      throw new ApiError("requiredApiLevel");
    }
    publication.setHeaders(
      withoutHeader(publication.headerBlock(), StreamHeader.requiredApiLevel),
    );
  }

  /** Tells again how far the batch has come, or what is missing. */
  #ping(batch: FastBatch, part: FastReply, reply: string): void {
    if (part.sequence > batch.last) {
      this.#sendGap(batch.last + 1, part.sequence + 1, reply);
      if (!batch.gapsAllowed) return this.#commit(batch, reply);
      batch.last = part.sequence;
      if (this.#pace(batch, reply)) return;
    }
    this.#sendFlow(batch.acknowledged, batch, reply);
  }

  /** Whether the message may be stored; a gap may end the batch. */
  #isInOrder(batch: FastBatch, part: FastReply, reply: string): boolean {
    const next = batch.last + 1;
    if (part.sequence === next) {
      // The end of the batch is no message of it.
      if (part.operation !== "end") batch.last = next;
      return true;
    }
    this.#sendGap(next, part.sequence, reply);
    if (batch.gapsAllowed && part.sequence > next) {
      batch.last = part.operation === "end" ? part.sequence - 1 : part.sequence;
      return true;
    }
    this.#commit(batch, reply);
    return false;
  }

  #store(
    batch: FastBatch,
    part: FastReply,
    publication: Publication,
    reply: string,
  ): void {
    const stream = this.#stream;
    const commits = part.operation === "commit";
    try {
      publication.subject = stream.transform(publication.subject);
      const demands = new BatchChecks(stream).check(publication);
      checkLastMsgId(publication.headers, stream);
      batch.stored = stream.ingest.storeBatch([{ publication, demands }]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error instanceof DuplicateInBatch) {
        this.#repeated(batch, part, error.sequence, reply);
      } else if (error.is("streamWrongLastMsgID")) {
        this.#refused(batch, part, error, reply);
      } else this.#failed(batch, part, error, reply);
      return;
    }
    if (commits) this.#commit(batch, reply);
    else this.#pace(batch, reply);
  }

  /** A message with an id that was seen before counts as stored. */
  #repeated(
    batch: FastBatch,
    part: FastReply,
    sequence: number,
    reply: string,
  ): void {
    this.#pace(batch, reply);
    if (part.operation !== "commit") return;
    if (part.gapsAllowed || batch.last !== 1) {
      return this.#commit(batch, reply);
    }
    this.#close(batch);
    const { outbox, responses } = this.#stream;
    const body = responses.duplicateBatch(sequence, batch.id, part.sequence);
    outbox.send({ subject: reply, body, kind: "claim" });
  }

  /** The batch goes on as if the message had been stored, unless it ends it. */
  #refused(
    batch: FastBatch,
    part: FastReply,
    error: ApiError,
    reply: string,
  ): void {
    if (part.operation === "commit") this.#close(batch);
    if (!this.#stream.config.no_ack) this.#stream.refuse(reply, error);
  }

  #failed(
    batch: FastBatch,
    part: FastReply,
    error: ApiError,
    reply: string,
  ): void {
    if (!part.gapsAllowed && batch.last === 1) {
      this.#close(batch);
      this.#stream.refuse(reply, error);
      return;
    }
    const told = subjectFromText(encodeGoJson(error.toJSON()));
    this.#send(`{"type":"err","seq":${part.sequence},"error":${told}}`, reply);
    if (part.gapsAllowed && part.operation !== "commit") return;
    batch.last--;
    this.#commit(batch, reply);
  }

  /** Ends the batch with what has been stored. */
  #commit(batch: FastBatch, reply: string): void {
    this.#close(batch);
    const { responses } = this.#stream;
    this.#send(responses.batch(batch.stored, batch.id, batch.last), reply);
  }

  /**
   * Acknowledges if it is time to, and adjusts how often that is.
   * @returns whether it was
   */
  #pace(batch: FastBatch, reply: string): boolean {
    const steps = Math.floor((batch.last - batch.acknowledged) / batch.flow);
    if (steps < 1) return false;
    batch.acknowledged += steps * batch.flow;
    const share = Math.max(1, Math.floor(FLOW_TOTAL / this.#open.size));
    const most = Math.min(share, batch.flowMax);
    if (batch.flow < most) batch.flow = Math.min(2 * batch.flow, most);
    else if (batch.flow > most) {
      batch.flow = Math.max(Math.floor(batch.flow / 2), most);
    }
    this.#sendFlow(batch.acknowledged, batch, reply);
    return true;
  }

  #sendFlow(sequence: number, { flow }: FastBatch, reply: string): void {
    this.#send(`{"type":"ack","seq":${sequence},"msgs":${flow}}`, reply);
  }

  #sendGap(expected: number, found: number, reply: string): void {
    this.#send(
      `{"type":"gap","last_seq":${expected},"seq":${found}}`,
      reply,
    );
  }

  #send(body: string, reply: string): void {
    this.#stream.outbox.send({ subject: reply, body, kind: "claim" });
  }

  #close(batch: FastBatch): void {
    batch.timer.cancel();
    if (this.#open.delete(batch.id)) this.#stream.host.openBatches.fast--;
  }
}

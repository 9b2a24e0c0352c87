/**
 * The way of a message into its stream.
 *
 * Conditions first, which change nothing; then the store, which takes the
 * message or changes nothing either; then what follows from it. The
 * acknowledgement waits for the end of the batch.
 *
 * @module
 */

import type { Producer, Receiver, Subscription } from "../../account/mod.ts";
import type { Message } from "../../protocol/mod.ts";
import { type MessageBody, StoreError } from "../../store/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import { ApiError } from "../errors.ts";
import { addToCounter } from "./counter.ts";
import { withHeader, withoutHeader } from "./header_block.ts";
import { parseMessageTtl } from "./message_ttl.ts";
import {
  checkHeaders,
  type Demands,
  NO_DEMANDS,
  refusedOutright,
  tooLarge,
} from "./preconditions.ts";
import { Publication } from "./publication.ts";
import { StreamHeader } from "./publish_headers.ts";
import { PURGE_SCHEDULE, ROLLUP_SUBJECT } from "./schedule_headers.ts";
import { headersOf, payloadOf } from "./stored_parts.ts";
import type { Stream } from "./stream.ts";
import { SubjectCache } from "./subject_cache.ts";

/** Bytes of a message in memory besides subject, headers and payload. */
const MEMORY_OVERHEAD = 16;
/** Bytes of a record in a file, as before. */
const FILE_OVERHEAD = 30;
/** More with headers. */
const FILE_HEADERS_OVERHEAD = 4;
const NANOS_PER_SECOND = 1_000_000_000;

/** Where a message that comes from another stream is to be stored. */
export interface Position {
  readonly sequence: number;
  /** Nanoseconds. */
  readonly time: bigint;
}

/** What came of a publication. */
export interface Outcome {
  /** Sequence that the message has used up; 0: it was refused. */
  sequence: number;
  /** Why it was refused; null when it was not, or had been stored before. */
  refusal: ApiError | null;
  /** Sequence of the message that it repeats; 0: it is new. */
  duplicateOf: number;
  /** New total of a counter; else empty. */
  value: string;
}

/** Receives what is published to the subjects of a stream. */
export class Ingest implements Receiver {
  readonly seesImports = true;
  readonly #stream: Stream;
  readonly #subjects = new SubjectCache();
  readonly #publication = new Publication();
  readonly #outcome: Outcome = {
    sequence: 0,
    refusal: null,
    duplicateOf: 0,
    value: "",
  };

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  deliver(
    subscription: Subscription,
    message: Message,
    _producer: Producer,
  ): boolean {
    subscription.delivered++;
    const { subjectChunk, subjectStart, subjectEnd } = message;
    const subject = this.#subjects.get(
      subjectChunk.bytes,
      subjectStart,
      subjectEnd,
    );
    const publication = this.#publication;
    publication.take(message, subject);
    this.#publish(publication);
    return true;
  }

  /**
   * Stores what other streams, schedules and delete markers have to say.
   * @param at null: behind the last message
   */
  store(subject: string, body: MessageBody, at: Position | null): Outcome {
    const publication = new Publication();
    publication.set(subject, body);
    return this.process(publication, at);
  }

  /** Stores the message and tells its publisher. */
  #publish(publication: Publication): void {
    const { message } = publication;
    const outcome = this.process(publication, null);
    if (message === null || !message.hasReply) return;
    const { config, outbox, responses } = this.#stream;
    if (config.no_ack) return;
    const { sequence, refusal, duplicateOf, value } = outcome;
    if (refusal !== null) this.#stream.refuse(message.reply(), refusal);
    else if (duplicateOf > 0) {
      const body = responses.duplicate(duplicateOf);
      outbox.send({ subject: message.reply(), body });
    } else if (value !== "") {
      const body = responses.counter(sequence, value);
      outbox.send({ subject: message.reply(), body });
    } else outbox.acknowledge(message, sequence);
  }

  /** Checks and stores. The outcome is valid until the next message. */
  process(publication: Publication, at: Position | null): Outcome {
    const stream = this.#stream;
    const outcome = this.#outcome;
    outcome.sequence = 0;
    outcome.duplicateOf = 0;
    outcome.value = "";
    stream.touch();
    publication.subject = stream.transform(publication.subject);
    outcome.refusal = refusedOutright(publication, stream.config);
    if (outcome.refusal !== null) return outcome;
    try {
      this.#processSound(publication, at, outcome);
    } catch (error) {
      outcome.refusal = this.#refusalOf(error);
    }
    return outcome;
  }

  /** Checks the rest, and stores. @throws ApiError, StoreError */
  #processSound(
    publication: Publication,
    at: Position | null,
    outcome: Outcome,
  ): void {
    const { config } = this.#stream;
    const hasHeaders = publication.headers.count > 0;
    const demands = hasHeaders
      ? checkHeaders(publication, this.#stream)
      : NO_DEMANDS;
    outcome.duplicateOf = demands.duplicateOf;
    if (demands.duplicateOf > 0) return;
    if (config.allow_msg_counter && demands.increment === null) {
      if (!publication.trusted || at === null) {
        throw new ApiError("messageIncrMissing");
      }
    }
    if (demands.increment !== null) {
      outcome.value = this.#count(publication, demands.increment);
    }
    if (demands.isSchedule && !publication.headers.has("rollup")) {
      publication.setHeaders(
        withHeader(
          publication.headerBlock(),
          StreamHeader.rollup,
          ROLLUP_SUBJECT,
        ),
      );
    }
    this.#admit(publication, hasHeaders);
    outcome.sequence = this.#keep(publication, demands, at);
  }

  /** What storage and account allow, and how long the message lives. */
  #admit(publication: Publication, hasHeaders: boolean): void {
    const { config, host } = this.#stream;
    const refusal = host.usage.refusal(
      config.storage,
      config.num_replicas,
      recordSize(publication, config.storage),
    );
    if (refusal !== null) throw refusal;
    if (!hasHeaders || !publication.headers.has("ttl")) return;
    const ttl = parseMessageTtl(publication.headers.get("ttl"));
    if (ttl === undefined) throw new ApiError("messageTTLInvalid");
    publication.ttl = ttl;
    const { subject_delete_marker_ttl, max_msgs_per_subject } = config;
    const least = Math.trunc(subject_delete_marker_ttl / NANOS_PER_SECOND);
    // A marker must not outlive what it stands for.
    if (ttl <= 0 || ttl >= least || max_msgs_per_subject === 1) return;
    publication.ttl = least;
    const block = withoutHeader(publication.headerBlock(), StreamHeader.ttl);
    publication.setHeaders(
      withHeader(block, StreamHeader.ttl, String(least)),
    );
  }

  /** Stores, or uses up a sequence when nobody is interested. */
  #keep(
    publication: Publication,
    demands: Demands,
    at: Position | null,
  ): number {
    const stream = this.#stream;
    const { config, store, index } = stream;
    const { subject } = publication;
    const wanted = config.retention !== "interest" ||
      index.hasInterest(subject);
    if (!wanted && at === null) {
      const sequence = store.skip(1, true);
      stream.noteStored(sequence, demands.msgId);
      this.#rollUp(publication, demands, 0);
      return sequence;
    }
    const previous = stream.republisher?.previous(subject) ?? 0;
    publication.rollup = demands.rollup !== "";
    let sequence: number;
    if (at === null) sequence = store.append(publication);
    else {
      sequence = at.sequence;
      const { ttl, body, rollup } = publication;
      store.appendAt(sequence, { subject, body, ttl, rollup, time: at.time });
    }
    stream.noteStored(sequence, demands.msgId);
    if (index.size > 0) index.stored(sequence, subject);
    this.#rollUp(publication, demands, 1);
    stream.republisher?.publish(publication, sequence, previous);
    if (config.allow_msg_schedules) {
      const time = at?.time ?? stream.host.clock.nowNanos();
      stream.scheduler.note(publication.headers, subject, sequence, time);
    }
    return sequence;
  }

  /** Purges what the message replaces. */
  #rollUp(publication: Publication, demands: Demands, keep: number): void {
    if (publication.headers.count === 0) return;
    const { config, purger } = this.#stream;
    if (!config.allow_rollup_hdrs || config.deny_purge) return;
    const { subject, headers } = publication;
    if (demands.rollup === "sub") purger.purge({ filter: subject, keep });
    else if (demands.rollup === "all") purger.purge({ keep });
    if (headers.get("scheduleNext") !== PURGE_SCHEDULE) return;
    const schedule = headers.get("scheduler");
    if (schedule !== "") purger.purge({ filter: schedule });
  }

  /** Replaces the payload by the new total. @returns the total */
  #count(publication: Publication, increment: bigint): string {
    const { store, host, config } = this.#stream;
    const { subject } = publication;
    const last = store.loadLast(SubjectFilter.of(subject));
    const stored = last === null ? null : {
      headers: headersOf(last),
      payload: payloadOf(last),
    };
    const { headers, payload, value } = addToCounter(
      stored,
      { headers: publication.headerBlock(), payload: publication.payload() },
      increment,
      subject,
    );
    publication.setContent(headers, payload);
    if (publication.size > host.maxPayload) {
      throw new ApiError("streamMessageExceedsMaximum");
    }
    const refusal = tooLarge(publication, config);
    if (refusal !== null) throw refusal;
    return value;
  }

  /** What the publisher is told of a failure. */
  #refusalOf(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    if (error instanceof StoreError) {
      return ApiError.from(error, "streamStoreFailed");
    }
    this.#stream.failed(error);
    return ApiError.from(error, "streamStoreFailed");
  }
}

/** Bytes that a message takes in its store. */
function recordSize(
  { subject, size, headerSize }: Publication,
  storage: "memory" | "file",
): number {
  const content = subject.length + size;
  if (storage === "memory") return content + MEMORY_OVERHEAD;
  const headers = headerSize > 0 ? FILE_HEADERS_OVERHEAD : 0;
  return content + FILE_OVERHEAD + headers;
}

/**
 * The way of a message into its stream.
 *
 * Conditions first, which change nothing; then the store, which takes the
 * message or changes nothing either; then what follows from it. The
 * acknowledgement waits for the end of the batch.
 *
 * @module
 */

import {
  type Producer,
  type Receiver,
  SERVICE_REPLY_PREFIX,
  type Subscription,
} from "../../account/mod.ts";
import {
  type JetStreamTrace,
  type Message,
  type MessageTrace,
  TRACE_DEST_HEADER,
  TRACE_DISABLED,
} from "../../protocol/mod.ts";
import { type MessageBody, StoreError } from "../../store/mod.ts";
import { SubjectFilter, subjectToText } from "../../subject/mod.ts";
import { ApiError } from "../errors.ts";
import type { CheckedMessage } from "./batch/atomic_batches.ts";
import { importedFastReply, isFastReply } from "./batch/fast_reply.ts";
import { SECOND } from "./config/context.ts";
import { addToCounter } from "./counter.ts";
import { replacingHeader, withHeader, withoutHeader } from "./header_block.ts";
import { parseMessageTtl } from "./message_ttl.ts";
import {
  checkHeaders,
  type Demands,
  NO_DEMANDS,
  refusedOutright,
  tooLarge,
} from "./preconditions.ts";
import { Publication } from "./publication.ts";
import { recordSize } from "./record_size.ts";
import { StreamHeader } from "./publish_headers.ts";
import { PURGE_SCHEDULE, ROLLUP_SUBJECT } from "./schedule_headers.ts";
import { headersOf, payloadOf } from "./stored_parts.ts";
import type { Stream } from "./stream.ts";
import { SubjectCache } from "./subject_cache.ts";

const TOO_MANY = "NATS/1.0 429 Too Many Requests\r\n\r\n";

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

/** A message that has been stored. */
interface Kept {
  publication: Publication;
  demands: Demands;
  sequence: number;
  /** Sequence of the message of its subject before, if that is of interest. */
  previous: number;
  /** Whether it is there at all. */
  wanted: boolean;
}

/** What is told of a message that is traced. */
interface StreamTrace {
  readonly event: JetStreamTrace;
  /** Whether it is not to be stored. */
  readonly only: boolean;
}

/** Receives what is published to the subjects of a stream. */
export class Ingest implements Receiver {
  readonly seesImports = true;
  readonly sends = false;
  readonly #stream: Stream;
  readonly #subjects = new SubjectCache();
  readonly #publication = new Publication();
  readonly #trusted = new Publication();
  readonly #kept: Kept = {
    publication: this.#publication,
    demands: NO_DEMANDS,
    sequence: 0,
    previous: 0,
    wanted: true,
  };
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
    const bytes = publication.size + subject.length + message.replyEnd -
      message.replyStart;
    const { intake, backlog } = this.#stream;
    if (!intake.take(bytes)) this.#drop(message);
    else if (backlog.isWaiting) this.#postpone(message, subject, bytes);
    else if (message.trace === null) this.#accept(publication, message);
    else this.#acceptTraced(publication, message, this.#trace(message.trace));
    return true;
  }

  /** Takes it in when its turn comes. */
  #postpone(message: Message, subject: string, bytes: number): void {
    const { intake, backlog } = this.#stream;
    const copy = backlog.copy(message);
    // It is told now that there will be something to tell.
    const trace = copy.trace === null ? null : this.#trace(copy.trace);
    intake.defer(bytes);
    backlog.push(() => {
      intake.resume(bytes);
      const publication = this.#publication;
      publication.take(copy, subject);
      if (trace === null) this.#accept(publication, copy);
      else this.#acceptTraced(publication, copy, trace);
    });
  }

  #trace(trace: MessageTrace): StreamTrace {
    const event = trace.jetStream(this.#stream.config.name);
    return { event, only: trace.only };
  }

  /** Publishers are told at once: nothing was stored. */
  #drop(message: Message): void {
    const { host, name, answers, responses, intake } = this.#stream;
    host.warnRarely(
      `Dropping messages due to excessive stream ingest rate on '${host.account.name}' > '${name}': ${intake.reached}`,
    );
    if (!message.hasReply) return;
    answers.send({
      subject: message.reply(),
      headers: TOO_MANY,
      body: responses.refusal(new ApiError("streamTooManyRequests")),
    });
    this.#stream.touch();
  }

  /** Tells the trace, which ends here: what is stored asks for none. */
  #acceptTraced(
    publication: Publication,
    message: Message,
    { event, only }: StreamTrace,
  ): void {
    const stream = this.#stream;
    const subject = stream.transform(publication.subject);
    let refusal: ApiError | null;
    if (only) refusal = this.#check(publication);
    else {
      publication.setHeaders(replacingHeader(
        publication.headerBlock(),
        TRACE_DEST_HEADER,
        TRACE_DISABLED,
      ));
      this.#outcome.refusal = null;
      this.#accept(publication, message);
      refusal = this.#outcome.refusal;
    }
    if (refusal === null) {
      event.stored(subjectToText(subject), !this.#isWanted(subject));
    }
    event.finish(refusal?.message ?? "");
  }

  /** Why a message would be refused, as far as it can be known without storing it. */
  #check(publication: Publication): ApiError | null {
    const refusal = refusedOutright(publication, this.#stream.config);
    if (refusal !== null || publication.headers.count === 0) return refusal;
    try {
      checkHeaders(publication, this.#stream);
      return null;
    } catch (error) {
      return this.refusalOf(error);
    }
  }

  /** Whether messages to the subject, as it is stored, are kept at all. */
  #isWanted(subject: string): boolean {
    const { config, index } = this.#stream;
    return config.retention !== "interest" || index.hasInterest(subject);
  }

  #accept(publication: Publication, message: Message): void {
    const { atomicBatches, fastBatches } = this.#stream;
    const { replyChunk, replyStart, replyEnd } = message;
    if (isFastReply(replyChunk.bytes, replyStart, replyEnd)) {
      this.#stream.touch();
      fastBatches.take(publication, "");
    } else if (this.#isImportedPart(publication, message)) {
      this.#stream.touch();
    } else if (publication.headers.get("batchId") !== "") {
      this.#stream.touch();
      atomicBatches.take(publication);
    } else this.#publish(publication);
  }

  /** Takes a message of a fast batch that has come through an import. */
  #isImportedPart(publication: Publication, message: Message): boolean {
    const { requestInfo } = publication;
    if (requestInfo === "" || !message.hasReply) return false;
    if (!message.reply().startsWith(SERVICE_REPLY_PREFIX)) return false;
    const given = importedFastReply(requestInfo);
    if (given === "") return false;
    this.#stream.fastBatches.take(publication, given);
    return true;
  }

  /**
   * Stores what other streams, schedules and delete markers have to say.
   * @param at null: behind the last message
   */
  store(subject: string, body: MessageBody, at: Position | null): Outcome {
    const publication = this.#trusted;
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
      outbox.send({ subject: message.reply(), body, kind: "claim" });
    } else if (value !== "") {
      const body = responses.counter(sequence, value);
      outbox.send({ subject: message.reply(), body, kind: "claim" });
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
      outcome.refusal = this.refusalOf(error);
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
    this.#admit(publication, demands);
    outcome.sequence = this.#keep(publication, demands, at);
  }

  /**
   * Stores checked messages all at once, or none of them.
   * @returns the sequence of the last
   * @throws ApiError
   */
  storeBatch(messages: readonly CheckedMessage[]): number {
    const { store } = this.#stream;
    const before = store.lastSequence;
    const kept: Kept[] = [];
    try {
      let bytes = 0;
      for (const { publication, demands } of messages) {
        bytes += this.#complete(publication, demands);
      }
      // For all of them before any: what they displace does not come back.
      this.#checkRoom(bytes);
      for (const { publication, demands } of messages) {
        this.#setTtl(publication);
        const each = { ...this.#kept, publication, demands };
        this.#append(each, null);
        kept.push(each);
      }
    } catch (error) {
      if (store.lastSequence > before) store.truncate(before);
      throw this.refusalOf(error);
    }
    for (const each of kept) this.#follow(each);
    return store.lastSequence;
  }

  /** What storage and account allow, and how the message is stored. */
  #admit(publication: Publication, demands: Demands): void {
    this.#checkRoom(this.#complete(publication, demands));
    this.#setTtl(publication);
  }

  /** Adds what is stored with it. @returns bytes that it will take; 0: it is not kept */
  #complete(publication: Publication, demands: Demands): number {
    if (demands.isSchedule && !publication.headers.has("rollup")) {
      const block = publication.headerBlock();
      publication.setHeaders(
        withHeader(block, StreamHeader.rollup, ROLLUP_SUBJECT),
      );
    }
    return this.#isWanted(publication.subject)
      ? recordSize(publication, this.#stream.config.storage)
      : 0;
  }

  /** @throws ApiError when there is no room for so many bytes */
  #checkRoom(bytes: number): void {
    const { config: { storage, num_replicas }, host } = this.#stream;
    const refusal = bytes > 0
      ? host.usage.refusal(storage, num_replicas, bytes)
      : host.usage.exhaustion(storage);
    if (refusal !== null) throw refusal;
  }

  #setTtl(publication: Publication): void {
    const { headers, subject } = publication;
    if (headers.count === 0 || !headers.has("ttl")) return;
    if (!this.#isWanted(subject)) return;
    const ttl = parseMessageTtl(publication.headers.get("ttl"));
    if (ttl === undefined) throw new ApiError("messageTTLInvalid");
    publication.ttl = ttl;
    const { config } = this.#stream;
    const { subject_delete_marker_ttl, max_msgs_per_subject } = config;
    const least = Math.trunc(subject_delete_marker_ttl / SECOND);
    // A marker must not outlive what it stands for.
    if (ttl <= 0 || ttl >= least || max_msgs_per_subject === 1) return;
    publication.ttl = least;
    const block = withoutHeader(publication.headerBlock(), StreamHeader.ttl);
    publication.setHeaders(
      withHeader(block, StreamHeader.ttl, String(least)),
    );
  }

  /** The way of a single message. */
  #keep(
    publication: Publication,
    demands: Demands,
    at: Position | null,
  ): number {
    const kept = this.#kept;
    kept.publication = publication;
    kept.demands = demands;
    this.#append(kept, at);
    this.#follow(kept);
    return kept.sequence;
  }

  /** Stores, or uses up a sequence when nobody is interested. */
  #append(kept: Kept, at: Position | null): void {
    const stream = this.#stream;
    const { store } = stream;
    const { publication, demands } = kept;
    const { subject } = publication;
    kept.previous = 0;
    kept.wanted = this.#isWanted(subject);
    if (!kept.wanted) kept.sequence = store.skip(1, true);
    else {
      if (stream.republisher !== null) {
        kept.previous = stream.republisher.previous(subject);
      }
      publication.rollup = demands.rollup !== "";
      if (at === null) kept.sequence = store.append(publication);
      else {
        kept.sequence = at.sequence;
        const { ttl, body, rollup } = publication;
        const { time } = at;
        store.appendAt(at.sequence, { subject, body, ttl, rollup, time });
      }
    }
  }

  /** What follows from a message that is stored. */
  #follow({ publication, demands, sequence, previous, wanted }: Kept): void {
    const stream = this.#stream;
    const { subject, headers } = publication;
    stream.noteStored(sequence, demands.msgId);
    if (wanted && stream.index.size > 0) stream.index.stored(sequence, subject);
    if (headers.count > 0) {
      this.#rollUp(publication, demands, wanted ? sequence : sequence + 1);
    }
    if (!wanted) return;
    stream.republisher?.publish(publication, sequence, previous);
    if (stream.config.allow_msg_schedules) {
      const time = stream.host.clock.nowNanos();
      stream.scheduler.note(headers, subject, sequence, time);
    }
  }

  /** Purges what the message replaces, below `before`. */
  #rollUp(
    { subject, headers }: Publication,
    { rollup }: Demands,
    before: number,
  ): void {
    const { config, rollups, store } = this.#stream;
    if (!config.allow_rollup_hdrs || config.deny_purge) return;
    if (rollup === "sub") {
      rollups.displace({ filter: subject, sequence: before });
    } else if (rollup === "all") rollups.displace({ sequence: before });
    if (headers.get("scheduleNext") !== PURGE_SCHEDULE) return;
    const filter = headers.get("scheduler");
    if (filter === "") return;
    // Whatever comes before it is done is another schedule.
    rollups.displace({ filter, sequence: store.lastSequence + 1 });
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
  refusalOf(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    if (error instanceof StoreError) {
      return ApiError.from(error, "streamStoreFailed");
    }
    this.#stream.failed(error);
    return ApiError.from(error, "streamStoreFailed");
  }
}

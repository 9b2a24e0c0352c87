/**
 * What the messages of a batch must fulfil, one after the other, as if those
 * before had been stored already.
 *
 * @module
 */

import { SubjectFilter } from "../../../subject/mod.ts";
import { ApiError } from "../../errors.ts";
import { addToCounter, type CounterMessage } from "../counter.ts";
import { parseMessageTtl } from "../message_ttl.ts";
import {
  checkScheduling,
  type Demands,
  headersTooLarge,
  incrementOf,
  recordTooLarge,
  unknownRollup,
} from "../preconditions.ts";
import type { Publication } from "../publication.ts";
import { recordSize } from "../record_size.ts";
import { parseExpectedSequence } from "../sequence_text.ts";
import { headersOf, payloadOf } from "../stored_parts.ts";
import type { Stream } from "../stream.ts";

/** What the batch has written to a subject so far. */
interface Written {
  messages: number;
  bytes: number;
  /** Whether the last message is a schedule. */
  isSchedule: boolean;
}

/** A message with an id that was seen before. */
export class DuplicateInBatch extends ApiError {
  /** @param sequence of the message before; 0: it is part of the batch */
  constructor(readonly sequence: number) {
    super("atomicPublishContainsDuplicateMessage");
  }
}

/** Checks the messages of one batch; nothing is changed but the messages. */
export class BatchChecks {
  readonly #stream: Stream;
  readonly #ids = new Set<string>();
  readonly #counters = new Map<string, CounterMessage>();
  readonly #written = new Map<string, Written>();
  /** Sequences that subjects were found to have, as was expected. */
  readonly #expected = new Map<string, number>();
  #messages = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /**
   * Checks the next message, whose subject has been transformed, and fills in
   * what it is to be stored with.
   * @throws ApiError
   */
  check(publication: Publication): Demands {
    const { config } = this.#stream;
    const refusal = recordTooLarge(publication, config) ??
      headersTooLarge(publication);
    if (refusal !== null) throw refusal;
    const { headers, subject } = publication;
    const demands: Demands = {
      rollup: "",
      increment: incrementOf(publication, config),
      isSchedule: false,
      duplicateOf: 0,
      msgId: headers.get("msgId"),
    };
    this.#checkPlain(publication, demands.msgId);
    if (config.allow_msg_counter) this.#count(publication, demands.increment);
    this.#checkSequences(publication);
    demands.isSchedule = checkScheduling(headers, subject, {
      ...this.#stream.schedules,
      isSchedule: (each) => this.#isSchedule(each),
    });
    demands.rollup = demands.isSchedule ? "sub" : this.#rollup(publication);
    this.#note(publication, demands);
    return demands;
  }

  #checkPlain({ headers }: Publication, msgId: string): void {
    const { config } = this.#stream;
    const expected = headers.get("expectedStream");
    if (expected !== "" && expected !== config.name) {
      throw new ApiError("streamNotMatch");
    }
    const ttl = parseMessageTtl(headers.get("ttl"));
    if (ttl !== 0 && !config.allow_msg_ttl) {
      throw new ApiError("messageTTLDisabled");
    }
    if (ttl === undefined) throw new ApiError("messageTTLInvalid");
    if (msgId !== "") {
      if (this.#ids.has(msgId)) throw new DuplicateInBatch(0);
      const sequence = this.#stream.findDuplicate(msgId);
      if (sequence > 0) throw new DuplicateInBatch(sequence);
      this.#ids.add(msgId);
    }
    if (headers.get("streamSource") !== "") {
      throw new ApiError("messageSourceHdrNotAllowed");
    }
  }

  #count(publication: Publication, increment: bigint | null): void {
    if (increment === null) throw new ApiError("messageIncrMissing");
    const { store, host, config } = this.#stream;
    const { subject } = publication;
    let last = this.#counters.get(subject) ?? null;
    if (last === null) {
      const stored = store.loadLast(SubjectFilter.of(subject));
      last = stored === null
        ? null
        : { headers: headersOf(stored), payload: payloadOf(stored) };
    }
    const own = {
      headers: publication.headerBlock(),
      payload: publication.payload(),
    };
    const counter = addToCounter(last, own, increment, subject);
    publication.setContent(counter.headers, counter.payload);
    const { max_msg_size } = config;
    const most = max_msg_size >= 0
      ? Math.min(max_msg_size, host.maxPayload)
      : host.maxPayload;
    if (publication.size > most) {
      throw new ApiError("streamMessageExceedsMaximum");
    }
    this.#counters.set(subject, counter);
  }

  #checkSequences({ headers, subject }: Publication): void {
    const expected = headers.get("expectedLastSequence");
    if (expected !== "") {
      const seq = this.#stream.store.lastSequence + this.#messages;
      if (seq !== parseExpectedSequence(expected)) {
        throw new ApiError("streamWrongLastSequence", { seq });
      }
      if (this.#messages > 0) {
        throw new ApiError("streamWrongLastSequenceConstant");
      }
    }
    const ofSubject = headers.get("expectedLastSubjectSequence");
    const other = headers.get("expectedLastSubjectSequenceSubject");
    if (ofSubject !== "") {
      this.#checkSubject(other === "" ? subject : other, ofSubject);
    } else if (other !== "") {
      throw new ApiError("streamExpectedLastSeqPerSubjectInvalid");
    }
  }

  #checkSubject(subject: string, expected: string): void {
    if (this.#written.has(subject)) {
      throw new ApiError("streamWrongLastSequenceConstant");
    }
    const seq = this.#expected.get(subject) ??
      this.#stream.store.loadLast(SubjectFilter.of(subject))?.sequence ?? 0;
    if (seq !== parseExpectedSequence(expected)) {
      throw new ApiError("streamWrongLastSequence", { seq });
    }
    this.#expected.set(subject, seq);
  }

  #isSchedule(subject: string): boolean | null {
    return this.#written.get(subject)?.isSchedule ??
      this.#stream.schedules.isSchedule(subject);
  }

  #rollup({ headers, subject }: Publication): "" | "sub" | "all" {
    const rollup = headers.get("rollup").toLowerCase();
    if (rollup === "") return "";
    const { config } = this.#stream;
    if (!config.allow_rollup_hdrs || config.deny_purge) {
      throw rollupFailed("rollup not permitted");
    }
    if (rollup === "sub") {
      if (this.#written.has(subject)) {
        throw rollupFailed("batch rollup sub invalid");
      }
      return rollup;
    }
    if (rollup === "all") {
      if (this.#messages > 0) throw rollupFailed("batch rollup all invalid");
      return rollup;
    }
    throw unknownRollup(headers);
  }

  /** Counts the message, if there is room for it. */
  #note(publication: Publication, demands: Demands): void {
    const { config, store } = this.#stream;
    const written = this.#written.get(publication.subject) ??
      { messages: 0, bytes: 0, isSchedule: false };
    this.#written.set(publication.subject, written);
    written.messages++;
    written.bytes += recordSize(publication, config.storage);
    written.isSchedule = demands.isSchedule;
    this.#messages++;
    if (config.discard !== "new") return;
    let { messages, bytes } = store;
    for (const each of this.#written.values()) {
      messages += each.messages;
      bytes += each.bytes;
    }
    if (config.max_msgs > 0 && messages > config.max_msgs) {
      throw storeFailed("maximum messages exceeded");
    }
    if (config.max_bytes > 0 && bytes > config.max_bytes) {
      throw storeFailed("maximum bytes exceeded");
    }
    if (!config.discard_new_per_subject || demands.rollup !== "") return;
    const filter = SubjectFilter.of(publication.subject);
    const present = store.filteredState(filter, 1).messages;
    if (present + written.messages > config.max_msgs_per_subject) {
      throw storeFailed("maximum messages per subject exceeded");
    }
  }
}

function rollupFailed(err: string): ApiError {
  return new ApiError("streamRollupFailed", { err });
}

function storeFailed(err: string): ApiError {
  return new ApiError("streamStoreFailed", { err });
}

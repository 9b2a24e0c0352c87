/**
 * What streams tell of themselves, and what they tell their stores.
 *
 * @module
 */

import {
  STORE_ERRORS,
  type StoreLimits,
  type StreamStore,
} from "../../store/mod.ts";
import {
  SubjectFilter,
  subjectFromText,
  subjectToText,
} from "../../subject/mod.ts";
import type { Work } from "../../connection/mod.ts";
import { ApiError } from "../errors.ts";
import { formatTime, ZERO_TIME } from "../json/time.ts";
import type { StreamState } from "../types/infos.ts";
import {
  NO_SEQUENCES,
  NO_SUBJECTS,
  SequenceList,
  SubjectCounts,
} from "../types/long_lists.ts";
import type { StreamConfig } from "../types/stream_config.ts";

/**
 * More deleted sequences are counted and not listed: a restored stream may have
 * gaps of any size, and nobody could receive the list.
 */
const DELETED_MAX = 10_000_000;

/** The part of a configuration that its store enforces. */
export function limitsOf(config: StreamConfig): StoreLimits {
  return {
    maxMessages: config.max_msgs,
    maxBytes: config.max_bytes,
    maxMessagesPerSubject: config.max_msgs_per_subject,
    maxAge: BigInt(config.max_age),
    discard: config.discard,
    discardNewPerSubject: config.discard_new_per_subject,
    allowTtl: config.allow_msg_ttl,
    markDeletes: config.subject_delete_marker_ttl > 0,
    compression: config.compression,
  };
}

/** State of a stream as clients see it. */
export function describeState(
  store: StreamStore,
  consumers: number,
): StreamState {
  const state = store.state();
  return {
    messages: state.messages,
    bytes: state.bytes,
    first_seq: state.firstSequence,
    first_ts: timeText(state.firstTime),
    last_seq: state.lastSequence,
    last_ts: timeText(state.lastTime),
    num_subjects: state.subjects,
    subjects: NO_SUBJECTS,
    num_deleted: state.deleted,
    deleted: NO_SEQUENCES,
    lost: state.lost === null ? null : {
      msgs: [...state.lost.sequences],
      bytes: state.lost.bytes,
    },
    consumer_count: consumers,
  };
}

function timeText(nanos: bigint): string {
  return nanos === 0n ? ZERO_TIME : formatTime(nanos);
}

/** The sequences that are missing in between. */
export function* missingSequences(store: StreamStore): Work<SequenceList> {
  if (store.state().deleted > DELETED_MAX) return NO_SEQUENCES;
  const sequences = new SequenceList();
  yield* store.listingDeleted((sequence) => sequences.add(sequence));
  return sequences;
}

/** Some of the subjects that were asked for. */
export interface SubjectPage {
  /** How many there are. */
  readonly total: number;
  readonly subjects: SubjectCounts;
}

/** A page of the subjects that match a filter (text), and their messages. */
export function* subjectPage(
  store: StreamStore,
  filter: string,
  offset: number,
  limit: number,
): Work<SubjectPage> {
  const subjects = new SubjectCounts();
  const total = yield* store.listingSubjects(
    SubjectFilter.of(subjectFromText(filter)),
    offset,
    limit,
    (subject, messages) => subjects.add(subjectToText(subject), messages),
  );
  return { total, subjects };
}

/** Files know what lies outside of a stream. @throws ApiError */
export function checkInside(
  { storage, firstSequence, lastSequence }: StreamStore,
  sequence: number,
): void {
  if (storage === "memory") return;
  if (sequence >= firstSequence && sequence <= lastSequence) return;
  const err = sequence > lastSequence
    ? STORE_ERRORS.endOfStore
    : STORE_ERRORS.notFound;
  throw new ApiError("streamMsgDeleteFailed", { err });
}

/**
 * Keeps the configuration of a new stream. If that fails, nothing is left of
 * it, but for messages that were there before.
 * @throws DiskError
 */
export function keepNew(store: StreamStore, meta: string): void {
  let kept = false;
  try {
    store.writeMeta(meta);
    kept = true;
  } finally {
    if (!kept) {
      if (store.messages === 0) store.delete();
      else store.stop();
    }
  }
}

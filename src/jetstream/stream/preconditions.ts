/**
 * What a message must fulfil before it is stored.
 *
 * Nothing here changes anything, so that a message that is refused leaves no
 * trace. The order of the checks is that of the Go server.
 *
 * @module
 */

import { quoteText } from "../../log/mod.ts";
import type { MessageReader } from "../../store/mod.ts";
import { SubjectFilter, subjectToText } from "../../subject/mod.ts";
import { ApiError } from "../errors.ts";
import type { StreamConfig } from "../types/stream_config.ts";
import type { StreamHost } from "./contract.ts";
import { parseIncrement } from "./counter.ts";
import { headerValue } from "./header_block.ts";
import { parseMessageTtl } from "./message_ttl.ts";
import type { Publication } from "./publication.ts";
import { type PublishHeaders, StreamHeader } from "./publish_headers.ts";
import {
  checkSchedule,
  checkScheduleEnd,
  ROLLUP_SUBJECT,
  type ScheduleContext,
} from "./schedule_headers.ts";
import { FILE_OVERHEAD, recordSize } from "./record_size.ts";
import { parseExpectedSequence } from "./sequence_text.ts";

/** Bytes of a record in a file; larger ones are taken for damaged. */
const RECORD_MAX = 32 << 20;
const HEADERS_MAX = 65_535;

/** What the checks know of the stream. */
export interface PublishedStream {
  readonly config: StreamConfig;
  readonly store: MessageReader;
  readonly schedules: ScheduleContext;
  /** Id of the last message; empty: it has none. */
  readonly lastMsgId: string;
  /** Sequence of the message with that id; 0: not seen within the window. */
  findDuplicate(id: string): number;
}

/** What the headers of a message that may be stored ask for. */
export interface Demands {
  /** What is purged once it is stored. */
  rollup: "" | "sub" | "all";
  /** What a counter is to grow by; null: the message adds to none. */
  increment: bigint | null;
  isSchedule: boolean;
  /** Sequence of the message that has been stored with this id; else 0. */
  duplicateOf: number;
  msgId: string;
}

/** Of messages without headers. */
export const NO_DEMANDS: Demands = Object.freeze({
  rollup: "",
  increment: null,
  isSchedule: false,
  duplicateOf: 0,
  msgId: "",
});

/** Sizes and seal, for every message. @returns why it is refused, or null */
export function refusedOutright(
  publication: Publication,
  config: StreamConfig,
): ApiError | null {
  const refusal = recordTooLarge(publication, config);
  if (refusal !== null) return refusal;
  if (config.sealed) return new ApiError("streamSealed");
  return tooLarge(publication, config);
}

/** Why a message of a batch is refused as it arrives; null when it is not. */
export function refusedOnArrival(
  publication: Publication,
  { config, host }: { config: StreamConfig; host: StreamHost },
): ApiError | null {
  const { sealed, storage, num_replicas, max_msg_size } = config;
  if (sealed) return new ApiError("streamSealed");
  const bytes = recordSize(publication, storage);
  const refusal = host.usage.refusal(storage, num_replicas, bytes);
  if (refusal !== null) return refusal;
  return max_msg_size >= 0 && publication.size > max_msg_size
    ? new ApiError("streamMessageExceedsMaximum")
    : null;
}

/** More than a record in a file can be. */
export function recordTooLarge(
  { size, subject }: Publication,
  { storage }: StreamConfig,
): ApiError | null {
  const isTooLarge = storage === "file" &&
    size + subject.length + FILE_OVERHEAD > RECORD_MAX;
  return isTooLarge
    ? new ApiError("streamStoreFailed", { err: "message too large" })
    : null;
}

/** By the limits of the stream and the format. */
export function tooLarge(
  publication: Publication,
  { max_msg_size }: StreamConfig,
): ApiError | null {
  if (max_msg_size >= 0 && publication.size > max_msg_size) {
    return new ApiError("streamMessageExceedsMaximum");
  }
  return headersTooLarge(publication);
}

/** Their size has sixteen bits. */
export function headersTooLarge({ headerSize }: Publication): ApiError | null {
  return headerSize > HEADERS_MAX
    ? new ApiError("streamHeaderExceedsMaximum")
    : null;
}

/**
 * Checks the headers of a message.
 * @throws ApiError
 */
export function checkHeaders(
  publication: Publication,
  stream: PublishedStream,
): Demands {
  const { headers, trusted } = publication;
  const { config } = stream;
  const increment = incrementOf(publication, config);
  const expected = headers.get("expectedStream");
  if (expected !== "" && expected !== config.name) {
    throw new ApiError("streamNotMatch");
  }
  if (!trusted && !config.allow_msg_ttl) {
    const ttl = parseMessageTtl(headers.get("ttl"));
    if (ttl !== undefined && ttl !== 0) {
      throw new ApiError("messageTTLDisabled");
    }
  }
  checkSequences(headers, publication.subject, stream);
  const isSchedule = !trusted &&
    checkScheduling(headers, publication.subject, stream.schedules);
  if (!trusted && headers.get("streamSource") !== "") {
    throw new ApiError("messageSourceHdrNotAllowed");
  }
  const msgId = headers.get("msgId");
  const demands: Demands = {
    rollup: "",
    increment,
    isSchedule,
    duplicateOf: 0,
    msgId,
  };
  if (msgId !== "" && config.mirror === null) {
    demands.duplicateOf = stream.findDuplicate(msgId);
    if (demands.duplicateOf > 0) return demands;
  }
  checkLastMsgId(headers, stream);
  demands.rollup = isSchedule
    ? ROLLUP_SUBJECT
    : rollupOf(headers, trusted, config);
  return demands;
}

/** @throws ApiError when the last message has another id than is expected */
export function checkLastMsgId(
  headers: PublishHeaders,
  { lastMsgId }: { readonly lastMsgId: string },
): void {
  const expected = headers.get("expectedLastMsgId");
  if (expected === "" || expected === lastMsgId) return;
  throw new ApiError("streamWrongLastMsgID", { id: subjectToText(lastMsgId) });
}

/**
 * What a counter is to grow by; null: nothing.
 * @throws ApiError when the message is no increment, or the stream no counter
 */
export function incrementOf(
  publication: Publication,
  config: StreamConfig,
): bigint | null {
  const { headers, trusted } = publication;
  const text = headers.get("increment");
  if (text === "") return null;
  const increment = parseIncrement(text);
  if (increment === undefined) throw new ApiError("messageIncrInvalid");
  if (trusted) return config.allow_msg_counter ? increment : null;
  if (!config.allow_msg_counter) throw new ApiError("messageIncrDisabled");
  if (publication.hasPayload) throw new ApiError("messageIncrPayload");
  const conditional = CONDITIONS.some((each) => headers.get(each) !== "");
  if (conditional) throw new ApiError("messageIncrInvalid");
  return increment;
}

/** What can't be asked of an increment. */
const CONDITIONS = [
  "rollup",
  "expectedStream",
  "expectedLastMsgId",
  "expectedLastSubjectSequenceSubject",
  "expectedLastSequence",
  "expectedLastSubjectSequence",
] as const;

function checkSequences(
  headers: PublishHeaders,
  subject: string,
  { store }: PublishedStream,
): void {
  const ofSubject = headers.get("expectedLastSubjectSequence");
  const other = headers.get("expectedLastSubjectSequenceSubject");
  if (ofSubject !== "") {
    const filter = SubjectFilter.of(other === "" ? subject : other);
    const seq = store.loadLast(filter)?.sequence ?? 0;
    if (seq !== parseExpectedSequence(ofSubject)) {
      throw new ApiError("streamWrongLastSequence", { seq });
    }
  } else if (other !== "") {
    throw new ApiError("streamExpectedLastSeqPerSubjectInvalid");
  }
  const expected = headers.get("expectedLastSequence");
  if (expected === "") return;
  const seq = store.lastSequence;
  if (seq !== parseExpectedSequence(expected)) {
    throw new ApiError("streamWrongLastSequence", { seq });
  }
}

/** @returns whether the message is a schedule @throws ApiError */
export function checkScheduling(
  headers: PublishHeaders,
  subject: string,
  context: ScheduleContext,
): boolean {
  const isSchedule = checkSchedule(headers, subject, context);
  checkScheduleEnd(headers, subject, context);
  return isSchedule;
}

function rollupOf(
  headers: PublishHeaders,
  trusted: boolean,
  config: StreamConfig,
): "" | "sub" | "all" {
  const rollup = headers.get("rollup").toLowerCase();
  if (rollup === "") return "";
  if (!trusted && (!config.allow_rollup_hdrs || config.deny_purge)) {
    throw new ApiError("streamRollupFailed", { err: "rollup not permitted" });
  }
  if (rollup === "sub" || rollup === "all") return rollup;
  throw unknownRollup(headers);
}

/** That a rollup is none of those there are. */
export function unknownRollup(headers: PublishHeaders): ApiError {
  const rollup = subjectToText(headers.get("rollup")).toLowerCase();
  const err = `rollup value invalid: ${quoteText(rollup)}`;
  return new ApiError("streamRollupFailed", { err });
}

/** Whether a stored message is a schedule, by its header block. */
export function isScheduleBlock(headers: string): boolean {
  return (headerValue(headers, StreamHeader.schedule) ?? "") !== "";
}

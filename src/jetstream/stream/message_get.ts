/**
 * Single messages for the API.
 *
 * @module
 */

import { encodeBase64 } from "../../config/mod.ts";
import type { StoredMessage, StreamStore } from "../../store/mod.ts";
import {
  SubjectFilter,
  subjectFromText,
  subjectToText,
} from "../../subject/mod.ts";
import type { MessageRequest } from "../assets.ts";
import { ApiError } from "../errors.ts";
import { formatTime, parseTime } from "../json/time.ts";
import type { StoredMsg } from "../types/infos.ts";

/**
 * Finds a message by sequence, time or subject.
 * @throws ApiError
 */
export function getMessage(
  store: StreamStore,
  request: MessageRequest,
): StoredMsg {
  checkRequest(request);
  const found = find(store, request);
  if (found === null) throw new ApiError("noMessageFound");
  const split = found.bodyStart + Math.max(0, found.headerSize);
  const { bytes } = found.chunk;
  return {
    subject: subjectToText(found.subject),
    seq: found.sequence,
    hdrs: request.no_hdr
      ? ""
      : encodeBase64(bytes.subarray(found.bodyStart, split)),
    data: encodeBase64(bytes.subarray(split, found.bodyEnd)),
    time: formatTime(found.time),
  };
}

/** Sequence, last subject and time exclude each other. */
function checkRequest(request: MessageRequest): void {
  const { seq, last_by_subj, next_by_subj, start_time } = request;
  const chosen = [seq > 0, last_by_subj !== "", start_time !== null]
    .filter(Boolean).length;
  const none = chosen === 0 && next_by_subj === "";
  if (none || chosen > 1 || (last_by_subj !== "" && next_by_subj !== "")) {
    throw new ApiError("badRequest");
  }
}

function find(
  store: StreamStore,
  { seq, last_by_subj, next_by_subj, start_time }: MessageRequest,
): StoredMessage | null {
  const from = start_time === null
    ? seq
    : store.sequenceAt(parseTime(start_time) ?? 0n);
  if (last_by_subj !== "") return store.loadLast(filterOf(last_by_subj));
  return next_by_subj === ""
    ? store.load(from)
    : store.loadNext(filterOf(next_by_subj), from);
}

function filterOf(text: string): SubjectFilter {
  return SubjectFilter.of(subjectFromText(text));
}

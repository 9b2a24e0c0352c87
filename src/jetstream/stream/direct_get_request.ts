/**
 * What a direct request asks for.
 *
 * @module
 */

import { boolean, int, list, nullable, string, uint64 } from "../json/kind.ts";
import { omit, struct, type StructKind } from "../json/struct.ts";
import { time } from "../json/time.ts";

/** Every field is there; zero, empty or null when it was not given. */
export interface DirectGetRequest {
  seq: number;
  last_by_subj: string;
  next_by_subj: string;
  /** Messages; 0: one, and not as a batch; below: none, but the end of one. */
  batch: number;
  /** Bytes of a batch; 0: as many as may be pending for a client. */
  max_bytes: number;
  /** RFC 3339. */
  start_time: string | null;
  multi_last: string[];
  up_to_seq: number;
  /** RFC 3339. */
  up_to_time: string | null;
  no_hdr: boolean;
}

export const DIRECT_GET_REQUEST: StructKind<DirectGetRequest> = struct(
  "JSApiMsgGetRequest",
  {
    seq: omit(uint64),
    last_by_subj: omit(string),
    next_by_subj: omit(string),
    batch: omit(int),
    max_bytes: omit(int),
    start_time: omit(nullable(time)),
    multi_last: omit(list(string)),
    up_to_seq: omit(uint64),
    up_to_time: omit(nullable(time)),
    no_hdr: omit(boolean),
  },
);

/** Whether it names no message. */
export function isEmpty(request: DirectGetRequest): boolean {
  return request.seq === 0 && request.last_by_subj === "" &&
    request.next_by_subj === "" && request.multi_last.length === 0 &&
    request.start_time === null;
}

/** Whether what it asks for excludes each other. */
export function isConflicting(request: DirectGetRequest): boolean {
  const bySequence = request.seq > 0;
  const byTime = request.start_time !== null;
  const last = request.last_by_subj !== "";
  const next = request.next_by_subj !== "";
  const multi = request.multi_last.length > 0;
  return (bySequence && last) || (bySequence && byTime) || (byTime && last) ||
    (last && next) || (last && request.batch > 0) || (last && multi) ||
    (next && multi) || (request.up_to_seq > 0 && request.up_to_time !== null);
}

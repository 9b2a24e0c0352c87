/**
 * `$JS.API.STREAM.…`: reading and removing messages.
 *
 * @module
 */

import { ApiError } from "../errors.ts";
import { boolean, int, list, nullable, string, uint64 } from "../json/kind.ts";
import { omit, struct, type StructKind } from "../json/struct.ts";
import { time } from "../json/time.ts";
import type { MessageRequest, PurgeRequest } from "../assets.ts";
import { STORED_MSG } from "../types/infos.ts";
import { type Answer, type Endpoint, SUCCESS } from "./endpoint.ts";
import { then } from "./later.ts";

/** Position of the stream's name behind `STREAM.PURGE`, and behind `STREAM.MSG.GET`. */
const STREAM = 5;
const STREAM_OF_MESSAGE = 6;

const PURGE_REQUEST: StructKind<PurgeRequest> = struct(
  "JSApiStreamPurgeRequest",
  { seq: omit(uint64), filter: omit(string), keep: omit(uint64) },
);

interface MsgGetRequest extends MessageRequest {
  readonly batch: number;
  readonly max_bytes: number;
  readonly multi_last: string[];
  readonly up_to_seq: number;
  readonly up_to_time: string | null;
}

const GET_REQUEST: StructKind<MsgGetRequest> = struct("JSApiMsgGetRequest", {
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
});

const DELETE_REQUEST = struct<{ seq: number; no_erase: boolean }>(
  "JSApiMsgDeleteRequest",
  { seq: uint64, no_erase: omit(boolean) },
);

export function messageEndpoints(): Endpoint[] {
  return [purge(), get(), remove()];
}

function purge(): Endpoint {
  return {
    subject: "$JS.API.STREAM.PURGE.*",
    type: "stream_purge_response",
    besideError: '"purged":0',
    handle(call) {
      const account = call.enter();
      const request = call.readOptional(PURGE_REQUEST);
      if (request.seq > 0 && request.keep > 0) throw new ApiError("badRequest");
      const stream = account.stream(call.token(STREAM));
      const { sealed, deny_purge } = stream.config;
      if (sealed) throw new ApiError("streamSealed");
      if (deny_purge) {
        throw new ApiError("streamPurgeFailed", {
          err: "stream purge not permitted",
        });
      }
      return attempt(
        () =>
          then(
            stream.purge(request),
            (count) => ({ fields: `"success":true,"purged":${count}` }),
          ),
        (error) => ({
          fields: '"purged":0',
          error: ApiError.from(error, "streamGeneralError"),
        }),
      );
    },
  };
}

function get(): Endpoint {
  return {
    subject: "$JS.API.STREAM.MSG.GET.*",
    type: "stream_msg_get_response",
    uncounted: true,
    handle(call) {
      const account = call.enter();
      const request = call.readRequired(GET_REQUEST);
      if (request.batch > 0 || request.max_bytes > 0 || isUnclear(request)) {
        throw new ApiError("badRequest");
      }
      const stream = account.stream(call.token(STREAM_OF_MESSAGE));
      if (stream.offlineReason !== "") return null;
      const message = STORED_MSG.write(stream.getMessage(request));
      return { fields: `"message":${message}` };
    },
  };
}

/** Whether a request says too little, or things that don't go together. */
function isUnclear(request: MessageRequest): boolean {
  const { seq, last_by_subj, next_by_subj, start_time } = request;
  const byTime = start_time !== null;
  const ways = [seq > 0, last_by_subj !== "", byTime].filter(Boolean).length;
  return ways > 1 || (ways === 0 && next_by_subj === "") ||
    (last_by_subj !== "" && next_by_subj !== "");
}

function remove(): Endpoint {
  return {
    subject: "$JS.API.STREAM.MSG.DELETE.*",
    type: "stream_msg_delete_response",
    handle(call) {
      const account = call.enter();
      const { seq, no_erase } = call.readRequired(DELETE_REQUEST);
      const stream = account.stream(call.token(STREAM_OF_MESSAGE));
      const { sealed, deny_delete } = stream.config;
      if (sealed) throw new ApiError("streamSealed");
      if (deny_delete) {
        throw new ApiError("streamMsgDeleteFailed", {
          err: "message delete not permitted",
        });
      }
      return attempt(
        () => then(stream.deleteMessage(seq, !no_erase), () => SUCCESS),
        (error) => ({
          fields: "",
          error: ApiError.from(error, "streamMsgDeleteFailed"),
        }),
      );
    },
  };
}

/** @param failed what to answer when it fails, at once or later */
function attempt(
  act: () => Answer | Promise<Answer>,
  failed: (error: unknown) => Answer,
): Answer | Promise<Answer> {
  try {
    const answer = act();
    return answer instanceof Promise ? answer.catch(failed) : answer;
  } catch (error) {
    return failed(error);
  }
}

/**
 * Sends a consumer back, or ahead.
 *
 * @module
 */

import { shortHash } from "../../account/mod.ts";
import { ApiError } from "../errors.ts";
import { uint64 } from "../json/kind.ts";
import { readLeniently } from "../json/read.ts";
import { JsonError } from "../json/reading.ts";
import { omit, struct, type StructKind } from "../json/struct.ts";
import { formatTime, parseTime } from "../json/time.ts";
import { API_ERROR, CONSUMER_INFO } from "../types/infos.ts";
import { headerValue } from "../stream/header_block.ts";
import { shownInfo } from "../versioning.ts";
import type { Consumer } from "./consumer.ts";
import { asksTooMuch, type Spoken } from "./doors.ts";

const TYPE = "io.nats.jetstream.api.v1.consumer_reset_response";
const IDENTITY_HEADER = "Nats-Stream-Identity";

const REQUEST: StructKind<{ seq: number }> = struct(
  "JSApiConsumerResetRequest",
  { seq: omit(uint64) },
);

/** An answer. */
export interface ResetAnswer {
  /** Header block, byte string; empty: none. */
  readonly headers: string;
  /** JSON. */
  readonly body: string;
}

/** Does what a request asks for, or tells why not; on large streams later. */
export function answerReset(
  consumer: Consumer,
  spoken: Spoken,
): ResetAnswer | Promise<ResetAnswer> {
  try {
    if (asksTooMuch(spoken)) throw new ApiError("requiredApiLevel");
    const sequence = startFor(consumer, readSequence(spoken.payload));
    consumer.restartAt(sequence);
    return consumer.complete() === null
      ? accepted(consumer, spoken, sequence)
      : acceptedLater(consumer, spoken, sequence);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return refused(error);
  }
}

function accepted(
  consumer: Consumer,
  spoken: Spoken,
  sequence: number,
): ResetAnswer {
  const info = CONSUMER_INFO.writeFields(shownInfo(consumer.info()));
  return {
    headers: identityHeader(consumer, spoken),
    body: `{"type":"${TYPE}",${info},"reset_seq":${sequence}}`,
  };
}

async function acceptedLater(
  consumer: Consumer,
  spoken: Spoken,
  sequence: number,
): Promise<ResetAnswer> {
  // Another reset may come meanwhile.
  for (
    let counted = consumer.complete();
    counted !== null;
    counted = consumer.complete()
  ) await counted;
  return consumer.closed
    ? refused(new ApiError("consumerNotFound"))
    : accepted(consumer, spoken, sequence);
}

function refused(error: ApiError): ResetAnswer {
  const told = API_ERROR.write(error.toJSON());
  return {
    headers: "",
    body: `{"type":"${TYPE}","error":${told},"reset_seq":0}`,
  };
}

/** 0: back to what is acknowledged. @throws ApiError */
function readSequence(payload: Uint8Array): number {
  if (payload.length === 0) return 0;
  try {
    return readLeniently(REQUEST, payload).seq;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ApiError("invalidJSON", { err: error.message });
  }
}

/** @throws ApiError when the deliver policy does not allow the sequence */
function startFor(
  { config, state, stream: { store } }: Consumer,
  sequence: number,
): number {
  if (sequence === 0) return state.ackFloorStream + 1;
  const refuse = (err: string) => new ApiError("consumerInvalidReset", { err });
  switch (config.deliver_policy) {
    case "all":
      return sequence;
    case "by_start_sequence":
      if (sequence < config.opt_start_seq) throw refuse("below start seq");
      return sequence;
    case "by_start_time": {
      const time = parseTime(config.opt_start_time ?? "") ?? 0n;
      if (sequence < store.sequenceAt(time)) throw refuse("below start time");
      return sequence;
    }
    default:
      throw refuse("not allowed");
  }
}

/** Tells which stream it is, if the client wants to know. */
function identityHeader(
  { stream }: Consumer,
  { headers }: Spoken,
): string {
  if (headers === "" || headerValue(headers, IDENTITY_HEADER) === null) {
    return "";
  }
  const identity = shortHash(formatTime(stream.created));
  return `NATS/1.0\r\n${IDENTITY_HEADER}: ${identity}\r\n\r\n`;
}

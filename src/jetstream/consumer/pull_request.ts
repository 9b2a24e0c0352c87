/**
 * Requests for messages.
 *
 * @module
 */

import { boolean, duration, int, string } from "../json/kind.ts";
import { readLeniently } from "../json/read.ts";
import { omit, struct, type StructKind } from "../json/struct.ts";
import { JsonError } from "../json/reading.ts";
import { decodeByteString } from "../../protocol/mod.ts";

/** As clients write it. */
export interface PullRequestBody {
  /** Nanoseconds; 0: until it is served. */
  expires: number;
  /** Messages wanted. */
  batch: number;
  /** 0: no limit. */
  max_bytes: number;
  no_wait: boolean;
  /** Nanoseconds; 0: none. */
  idle_heartbeat: number;
  group: string;
  min_pending: number;
  min_ack_pending: number;
  id: string;
  priority: number;
}

const BODY: StructKind<PullRequestBody> = struct(
  "JSApiConsumerGetNextRequest",
  {
    expires: omit(duration),
    batch: omit(int),
    max_bytes: omit(int),
    no_wait: omit(boolean),
    idle_heartbeat: omit(duration),
    group: omit(string),
    min_pending: omit(int),
    min_ack_pending: omit(int),
    id: omit(string),
    priority: omit(int),
  },
);

/** A request that can't be read; the text is for the client. */
export class PullRequestError extends Error {
  override readonly name = "PullRequestError";
}

/** A request, and whether it was an object: only then has it a priority group. */
export interface ParsedPullRequest {
  readonly body: PullRequestBody;
  readonly formal: boolean;
}

/**
 * Reads the payload of a request: nothing or any other text asks for one
 * message, a number for as many, an object says more.
 * @throws PullRequestError
 */
export function parsePullRequest(payload: Uint8Array): ParsedPullRequest {
  const text = decodeByteString(payload).trim();
  if (!text.startsWith("{")) {
    const batch = /^[+-]?\d{1,18}$/.test(text) ? Number(text) : 1;
    return { body: { ...BODY.zero(), batch }, formal: false };
  }
  const body = plainBody(text) ?? carefully(payload);
  const { idle_heartbeat: heartbeat, expires } = body;
  if (heartbeat > 0 && heartbeat * 2 > expires) {
    throw new PullRequestError("heartbeat value too large");
  }
  return { body, formal: true };
}

function carefully(payload: Uint8Array): PullRequestBody {
  try {
    return readLeniently(BODY, payload);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new PullRequestError(error.message, { cause: error });
  }
}

const PLAIN = /^\{[\x20-\x5b\x5d-\x7e]*\}$/;

/** The usual request, quickly; null when it takes a closer look. */
function plainBody(text: string): PullRequestBody | null {
  if (!PLAIN.test(text)) return null;
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const body: PullRequestBody = {
    expires: 0,
    batch: 0,
    max_bytes: 0,
    no_wait: false,
    idle_heartbeat: 0,
    group: "",
    min_pending: 0,
    min_ack_pending: 0,
    id: "",
    priority: 0,
  };
  const target: Record<string, unknown> = { ...body };
  for (const name of Object.keys(value)) {
    const given = value[name];
    const known = target[name];
    if (known === undefined || typeof given !== typeof known) return null;
    if (typeof given === "number" && !Number.isSafeInteger(given)) return null;
    target[name] = given;
  }
  return Object.assign(body, target);
}

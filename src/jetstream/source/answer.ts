/**
 * What an origin answers to a request for a consumer.
 *
 * @module
 */

import { decodeByteString, type Message } from "../../protocol/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import type { ApiErrorBody } from "../errors.ts";
import { headerValue } from "../stream/header_block.ts";

/** The consumer that was made or reset. */
export interface OriginConsumer {
  /** Byte strings. */
  readonly name: string;
  readonly deliver: string;
  /** Last sequence of the stream that it has no need to deliver. */
  readonly delivered: number;
  readonly ackPolicy: string;
  /** Of the stream; empty: unknown. */
  readonly identity: string;
}

/** Header that tells which stream of its name the origin is. */
export const IDENTITY_HEADER = "Nats-Stream-Identity";

/** JSON that is none, or that tells of no consumer. */
export type AnswerFault = "malformed" | "incomplete";

/** Reads the answer to a request for a consumer. */
export function parseAnswer(
  message: Message,
): OriginConsumer | ApiErrorBody | AnswerFault {
  const { chunk, bodyStart, bodyEnd, headerSize } = message;
  const split = bodyStart + Math.max(0, headerSize);
  const headers = decodeByteString(chunk.bytes, bodyStart, split);
  const body = parse(chunk.bytes.subarray(split, bodyEnd));
  if (body === null) return "malformed";
  const error = field(body, "error");
  if (isObject(error)) {
    return {
      code: numberOf(error, "code"),
      err_code: numberOf(error, "err_code"),
      description: textOf(error, "description"),
    };
  }
  const config = field(body, "config");
  if (!isObject(config)) return "incomplete";
  const delivered = field(body, "delivered");
  return {
    name: subjectFromText(textOf(body, "name")),
    deliver: subjectFromText(textOf(config, "deliver_subject")),
    delivered: isObject(delivered) ? numberOf(delivered, "stream_seq") : 0,
    ackPolicy: textOf(config, "ack_policy"),
    identity: headerValue(headers, IDENTITY_HEADER) ?? "",
  };
}

function parse(bytes: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function field(object: object, name: string): unknown {
  return Reflect.get(object, name);
}

function textOf(object: object, name: string): string {
  const value = field(object, name);
  return typeof value === "string" ? value : "";
}

function numberOf(object: object, name: string): number {
  const value = field(object, name);
  return typeof value === "number" ? value : 0;
}

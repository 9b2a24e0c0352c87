/**
 * What comes from the consumer of an origin.
 *
 * @module
 */

import { decodeByteString, type Message } from "../../protocol/mod.ts";
import { headerValue } from "../stream/header_block.ts";

/** Tokens of the short and the long kind of acknowledgement subjects. */
const SHORT = 9;
const LONG = 11;
/** What control messages begin with. */
const CONTROL = "NATS/1.0 100 ";

/** A delivered message, by its reply subject. */
export interface Delivery {
  readonly stream: string;
  readonly consumer: string;
  /** How often it was delivered. */
  readonly deliveries: number;
  readonly streamSequence: number;
  readonly consumerSequence: number;
  /** When the origin stored it, nanoseconds. */
  readonly time: bigint;
  /** Messages that wait, this one included. */
  readonly pending: number;
}

/** Reads `$JS.ACK…`; null when the subject is none. */
export function parseDelivery(reply: string): Delivery | null {
  const tokens = reply.split(".");
  const { length } = tokens;
  if (tokens[0] !== "$JS" || tokens[1] !== "ACK") return null;
  if (length !== SHORT && length < LONG) return null;
  const [stream = "", consumer = "", ...rest] = tokens.slice(
    length === SHORT ? 2 : 4,
  );
  const numbers = rest.slice(0, 5);
  if (!numbers.every((each) => /^[0-9]+$/.test(each))) return null;
  const [deliveries, streamSequence, consumerSequence, , pending] = numbers
    .map(Number) as [number, number, number, number, number];
  return {
    stream,
    consumer,
    deliveries,
    streamSequence,
    consumerSequence,
    time: BigInt(numbers[3] ?? "0"),
    pending,
  };
}

/** A heartbeat or a request of flow control. */
export interface ControlMessage {
  /** Where flow control wants its answer; empty: it is a heartbeat. */
  readonly reply: string;
  /** Last sequence of the consumer; 0: it does not tell. */
  readonly lastConsumer: number;
  /** Where a consumer that waits for an answer wants it; empty: it does not. */
  readonly stalled: string;
}

/** Null when the message is no control message. */
export function parseControl(message: Message): ControlMessage | null {
  const { chunk, bodyStart, bodyEnd, headerSize } = message;
  if (headerSize <= 0 || bodyEnd !== bodyStart + headerSize) return null;
  const block = decodeByteString(chunk.bytes, bodyStart, bodyEnd);
  if (!block.startsWith(CONTROL)) return null;
  const last = headerValue(block, "Nats-Last-Consumer") ?? "";
  return {
    reply: message.reply(),
    lastConsumer: /^[0-9]+$/.test(last) ? Number(last) : 0,
    stalled: headerValue(block, "Nats-Consumer-Stalled") ?? "",
  };
}

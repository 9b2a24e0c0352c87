/**
 * Counters: messages whose payload is a number that publishers add to.
 *
 * @module
 */

import { encodeByteString } from "../../protocol/mod.ts";
import { encodeGoJson } from "../../protocol/mod.ts";
import { ApiError } from "../errors.ts";
import { headerValue, replacingHeader } from "./header_block.ts";
import { StreamHeader } from "./publish_headers.ts";

/** Totals by stream and subject that a counter was fed from. */
type Sources = Map<string, Map<string, string>>;

/** A decimal integer of any size; undefined when the text is none. */
export function parseIncrement(text: string): bigint | undefined {
  return /^[+-]?[0-9]+$/.test(text)
    ? BigInt(text.replace(/^\+/, ""))
    : undefined;
}

/** A stored or sourced counter. */
export interface CounterMessage {
  /** Header block, byte string. */
  readonly headers: string;
  readonly payload: Uint8Array;
}

/** What a counter becomes. */
export interface CounterChange {
  readonly headers: string;
  readonly payload: Uint8Array;
  /** The new total. */
  readonly value: string;
}

/**
 * Adds to a counter.
 * @param last what is stored; null: nothing yet
 * @param increment by the publisher's word
 * @param subject of the message, byte string
 * @throws ApiError messageCounterBroken when what is stored is no counter
 */
export function addToCounter(
  last: CounterMessage | null,
  message: CounterMessage,
  increment: bigint,
  subject: string,
): CounterChange {
  const sources = last === null ? new Map() : sourcesOf(last.headers);
  const total = last === null ? 0n : valueOf(last.payload);
  let { headers } = message;
  let added = increment;
  const origin = headerValue(headers, StreamHeader.streamSource);
  if (origin !== null && origin !== "") {
    added = addSource(sources, origin, subject, valueOf(message.payload));
    headers = replacingHeader(headers, StreamHeader.increment, String(added));
  }
  if (sources.size > 0) {
    headers = replacingHeader(
      headers,
      StreamHeader.counterSources,
      encodeSources(sources),
    );
  }
  const value = String(total + added);
  return { headers, payload: encodeByteString(`{"val":"${value}"}`), value };
}

/** Notes a source's total. @returns how far it is from the one before */
function addSource(
  sources: Sources,
  origin: string,
  subject: string,
  value: bigint,
): bigint {
  const fields = origin.split(" ");
  const stream = fields[0] ?? "";
  const from = fields[4] ?? subject;
  const subjects = sources.get(stream) ?? new Map<string, string>();
  const previous = BigInt(subjects.get(from) ?? "0");
  sources.set(stream, subjects.set(from, String(value)));
  return value - previous;
}

/** The number in a counter's payload, 0 if it has none. */
function valueOf(payload: Uint8Array): bigint {
  const text = textField(parse(payload), "val");
  return parseIncrement(text) ?? 0n;
}

/** The total that a stored counter tells. */
export function counterText(payload: Uint8Array): string {
  return textField(parse(payload), "val");
}

function parse(payload: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (typeof value === "object" && value !== null) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ApiError("messageCounterBroken");
}

function textField(object: object, name: string): string {
  const value: unknown = Reflect.get(object, name) ?? "";
  if (typeof value !== "string") throw new ApiError("messageCounterBroken");
  return value;
}

function sourcesOf(headers: string): Sources {
  const sources: Sources = new Map();
  const text = headerValue(headers, StreamHeader.counterSources) ?? "";
  if (text === "") return sources;
  for (const [stream, totals] of entriesOf(parse(encodeByteString(text)))) {
    if (typeof totals !== "object" || totals === null) {
      throw new ApiError("messageCounterBroken");
    }
    const subjects = new Map<string, string>();
    for (const [subject, total] of entriesOf(totals)) {
      if (typeof total !== "string" || parseIncrement(total) === undefined) {
        throw new ApiError("messageCounterBroken");
      }
      subjects.set(subject, total);
    }
    sources.set(stream, subjects);
  }
  return sources;
}

function entriesOf(object: object): [string, unknown][] {
  return Object.entries(object);
}

function encodeSources(sources: Sources): string {
  const sorted = [...sources].sort(byName).map(([stream, totals]) => [
    stream,
    Object.fromEntries([...totals].sort(byName)),
  ]);
  return encodeGoJson(Object.fromEntries(sorted));
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

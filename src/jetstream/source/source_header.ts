/**
 * The header by which a sourced message tells where it comes from:
 * `Nats-Stream-Source: <stream> <sequence> <filter> <destination> <subject>
 * [<identity>]`.
 *
 * @module
 */

import { parseDelivery } from "./delivery.ts";

/** Where a stored message comes from. */
export interface SourcePosition {
  /** Name of the stream, with a hash when it is another domain's. */
  readonly stream: string;
  /** Key of the source; empty when the header is of an older kind. */
  readonly key: string;
  readonly sequence: number;
  /** Of the stream; empty: unknown. */
  readonly identity: string;
}

/**
 * @param key of the source: stream, filter and destination
 * @param subject under which the message was stored in the origin
 */
export function sourceHeader(
  key: string,
  sequence: number,
  subject: string,
  identity: string,
): string {
  const [stream, filter, destination] = key.split(" ");
  const end = identity === "" ? "" : ` ${identity}`;
  return `${stream} ${sequence} ${filter} ${destination} ${subject}${end}`;
}

/**
 * Null when the header can't be understood. Older servers wrote the reply
 * subject of the delivery, or no more than stream and sequence.
 */
export function parseSourceHeader(text: string): SourcePosition | null {
  const delivery = parseDelivery(text);
  if (delivery !== null) {
    const { stream, streamSequence: sequence } = delivery;
    return { stream, key: "", sequence, identity: "" };
  }
  const fields = text.split(" ");
  const [stream = "", number = "", filter, destination, , identity] = fields;
  if (fields.length < 2 || fields.length === 3) return null;
  if (!/^[0-9]+$/.test(number)) return null;
  return {
    stream,
    key: filter === undefined ? "" : `${stream} ${filter} ${destination}`,
    sequence: Number(number),
    identity: identity ?? "",
  };
}

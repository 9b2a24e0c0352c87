/**
 * Text of protocol trace lines, without the prefix that names the connection.
 *
 * @module
 */

import { quoteBytes } from "./quote.ts";

const decoder = new TextDecoder();

/** How much of a payload a trace line shows. */
export interface TracePayloadOptions {
  /** Bytes of the payload shown at most; 0 for all of them. */
  readonly limit: number;
  /** Show the header block only, and nothing of messages without one. */
  readonly headersOnly: boolean;
}

/** An op that came in: `<<- [PUB foo 5]`. Without `argument` the op stands alone. */
export function traceInbound(
  op: string,
  argument?: Uint8Array | string,
): string {
  return `<<- ${opList(op, argument)}`;
}

/** An op that went out: `->> [MSG foo 1 5]`. */
export function traceOutbound(
  op: string,
  argument?: Uint8Array | string,
): string {
  return `->> ${opList(op, argument)}`;
}

/** A subscription removed by the server itself: `<-> [DELSUB 1]`. */
export function traceDelete(sid: Uint8Array | string): string {
  return `<-> ${opList("DELSUB", sid)}`;
}

/**
 * A message's content: `<<- MSG_PAYLOAD: ["hello"]`.
 *
 * @param payload header block and body, without the closing CRLF
 * @param headerLength bytes of the header block, its empty line included
 * @returns `undefined` when there is nothing to show
 */
export function tracePayload(
  direction: "<<-" | "->>",
  payload: Uint8Array,
  headerLength: number,
  options: TracePayloadOptions,
): string | undefined {
  const shown = options.headersOnly ? headerLength - 4 : payload.length;
  if (shown <= 0 || shown > payload.length) return undefined;
  if (options.limit > 0 && shown > options.limit) {
    const quoted = quoteBytes(payload, 0, options.limit);
    return `${direction} MSG_PAYLOAD: [${quoted.slice(0, -1)}..."]`;
  }
  return `${direction} MSG_PAYLOAD: [${quoteBytes(payload, 0, shown)}]`;
}

function opList(op: string, argument: Uint8Array | string | undefined): string {
  if (argument === undefined) return `[${op}]`;
  const text = typeof argument === "string"
    ? argument
    : decoder.decode(argument);
  return op === "" ? `[${text}]` : `[${op} ${text}]`;
}

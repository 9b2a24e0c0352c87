/**
 * Headers and payload of a stored message.
 *
 * @module
 */

import { decodeByteString } from "../../protocol/mod.ts";
import type { MessageBody } from "../../store/mod.ts";

/** The header block as a byte string; empty: none. */
export function headersOf(
  { chunk, bodyStart, headerSize }: MessageBody,
): string {
  return headerSize <= 0
    ? ""
    : decodeByteString(chunk.bytes, bodyStart, bodyStart + headerSize);
}

/** The payload; a view, valid as long as the message. */
export function payloadOf(
  { chunk, bodyStart, bodyEnd, headerSize }: MessageBody,
): Uint8Array {
  return chunk.bytes.subarray(bodyStart + Math.max(0, headerSize), bodyEnd);
}

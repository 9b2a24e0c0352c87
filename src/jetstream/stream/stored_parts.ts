/**
 * Headers and payload of a stored message, and what its headers say.
 *
 * @module
 */

import {
  Chunk,
  decodeByteString,
  writeByteString,
} from "../../protocol/mod.ts";
import type { MessageBody } from "../../store/mod.ts";
import { headerValue } from "./header_block.ts";
import { parseMessageTtl } from "./message_ttl.ts";
import { StreamHeader } from "./publish_headers.ts";

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

/** A body of its own, made of such parts. @param block byte string; empty: none */
export function bodyOf(block: string, payload: Uint8Array): MessageBody {
  const chunk = new Chunk(block.length + payload.length);
  const at = writeByteString(chunk.bytes, 0, block);
  chunk.bytes.set(payload, at);
  return {
    chunk,
    bodyStart: 0,
    bodyEnd: chunk.size,
    headerSize: block.length,
  };
}

/** Seconds that a message was to live; 0: it does not say. */
export function ttlOfStored(message: MessageBody): number {
  const text = headerValue(headersOf(message), StreamHeader.ttl) ?? "";
  return parseMessageTtl(text) ?? 0;
}

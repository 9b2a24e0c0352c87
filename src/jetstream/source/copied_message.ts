/**
 * A delivered message as a copy of it is stored.
 *
 * @module
 */

import {
  Chunk,
  decodeByteString,
  type Message,
  writeByteString,
} from "../../protocol/mod.ts";
import type { MessageBody } from "../../store/mod.ts";
import { withoutPrefixed } from "../stream/header_block.ts";

/** The header block without what only the origin had to look at. */
export function copiedHeaders(message: Message): string {
  const { chunk, bodyStart, headerSize } = message;
  if (headerSize <= 0) return "";
  const block = decodeByteString(
    chunk.bytes,
    bodyStart,
    bodyStart + headerSize,
  );
  return withoutPrefixed(
    withoutPrefixed(block, "Nats-Expected-"),
    "Nats-Batch-",
  );
}

/** The message with another header block, byte string; empty: none. */
export function withHeaders(message: Message, block: string): MessageBody {
  const { chunk, bodyStart, bodyEnd, headerSize } = message;
  const payload = chunk.bytes.subarray(
    bodyStart + Math.max(0, headerSize),
    bodyEnd,
  );
  const body = new Chunk(block.length + payload.length);
  const at = writeByteString(body.bytes, 0, block);
  body.bytes.set(payload, at);
  return {
    chunk: body,
    bodyStart: 0,
    bodyEnd: body.size,
    headerSize: block.length,
  };
}

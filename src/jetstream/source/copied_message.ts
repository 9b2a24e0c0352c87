/**
 * A delivered message as a copy of it is stored.
 *
 * @module
 */

import type { Message } from "../../protocol/mod.ts";
import type { MessageBody } from "../../store/mod.ts";
import { withoutPrefixed } from "../stream/header_block.ts";
import { bodyOf, headersOf, payloadOf } from "../stream/stored_parts.ts";

/** The header block without what only the origin had to look at. */
export function copiedHeaders(message: Message): string {
  const block = headersOf(message);
  return withoutPrefixed(
    withoutPrefixed(block, "Nats-Expected-"),
    "Nats-Batch-",
  );
}

/** The message with another header block, byte string; empty: none. */
export function withHeaders(message: Message, block: string): MessageBody {
  return bodyOf(block, payloadOf(message));
}

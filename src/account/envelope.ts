/**
 * A message on its way to another account: other subjects, maybe another
 * header, the same payload.
 *
 * @module
 */

import { Chunk, Message } from "../protocol/mod.ts";
import { writeSubject } from "../subject/mod.ts";
import { blockSize, headersWith } from "./headers.ts";

/** Room for most requests; larger ones get a chunk that is not kept. */
const KEPT_SIZE = 4096;

/** What goes into an envelope. */
export interface Contents {
  readonly subject: string;
  /** Empty: none. */
  readonly reply: string;
  /** A header to be set; null: none. Its value has no line ends. */
  readonly header: { readonly name: string; readonly value: string } | null;
}

/** Used again and again: making buffers would cost more than all the rest. */
export class Envelope {
  readonly #message = new Message();
  readonly #chunk = new Chunk(KEPT_SIZE);

  /** The message to send on; valid until the next one. */
  fill(original: Message, { subject, reply, header }: Contents): Message {
    const block = header === null
      ? ""
      : headersWith(original, header.name, header.value);
    const payloadStart = original.bodyStart + blockSize(original);
    const payloadSize = original.bodyEnd - payloadStart;
    const bodySize = header === null ? 0 : block.length + payloadSize;
    const size = subject.length + reply.length + bodySize;
    const chunk = size > KEPT_SIZE ? new Chunk(size) : this.#chunk;
    const message = this.#message;
    message.trace = original.trace;
    message.subjectChunk = chunk;
    message.subjectStart = 0;
    message.subjectEnd = writeSubject(chunk.bytes, 0, subject);
    message.replyChunk = chunk;
    message.replyStart = message.subjectEnd;
    message.replyEnd = writeSubject(chunk.bytes, message.subjectEnd, reply);
    message.route = "";
    if (original.route !== "") routeBy(message, original);
    if (header === null) {
      message.chunk = original.chunk;
      message.bodyStart = original.bodyStart;
      message.bodyEnd = original.bodyEnd;
      message.headerSize = original.headerSize;
      message.tailStart = original.tailStart;
      return message;
    }
    const bodyStart = message.replyEnd;
    const at = writeSubject(chunk.bytes, bodyStart, block);
    chunk.bytes.set(
      original.chunk.bytes.subarray(payloadStart, original.bodyEnd),
      at,
    );
    message.chunk = chunk;
    message.bodyStart = bodyStart;
    message.bodyEnd = bodyStart + bodySize;
    message.headerSize = block.length;
    message.tailStart = -1;
    return message;
  }
}

/** What is routed by another subject keeps its own; only the route changes. */
function routeBy(message: Message, original: Message): void {
  message.route = message.subject();
  message.subjectChunk = original.subjectChunk;
  message.subjectStart = original.subjectStart;
  message.subjectEnd = original.subjectEnd;
}

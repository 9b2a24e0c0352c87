/**
 * A message on its way into a stream.
 *
 * @module
 */

import { Chunk, EMPTY_CHUNK, type Message } from "../../protocol/mod.ts";
import { decodeByteString, writeByteString } from "../../protocol/mod.ts";
import type { Append, MessageBody } from "../../store/mod.ts";
import { withoutHeader, withoutStatus } from "./header_block.ts";
import { PublishHeaders, StreamHeader } from "./publish_headers.ts";

/** Bytes of the shortest block that has a header; what is shorter is none. */
const BLOCK_MIN = 12;
/** `NATS/1.0` and CR LF. */
const VERSION_LINE = 10;
const CR = 0x0d;

/** Filled for one message after the other. */
export class Publication implements Append, MessageBody {
  /** Literal subject under which it is to be stored, byte string. */
  subject = "";
  chunk: Chunk = EMPTY_CHUNK;
  bodyStart = 0;
  bodyEnd = 0;
  /** 0: no headers. */
  headerSize = 0;
  /** Seconds; 0: none of its own; -1: for ever. */
  ttl = 0;
  rollup = false;
  /** With its reply subject; null when nobody waits for an answer. */
  message: Message | null = null;
  /** Comes from another stream or the server itself, which has checked it. */
  trusted = false;
  /** What an import tells of who published it, JSON; empty: there was none. */
  requestInfo = "";
  readonly headers: PublishHeaders = new PublishHeaders();

  /** What the store is given. */
  get body(): MessageBody {
    return this;
  }

  /** Bytes of headers and payload. */
  get size(): number {
    return this.bodyEnd - this.bodyStart;
  }

  get hasPayload(): boolean {
    return this.bodyEnd - this.bodyStart > this.headerSize;
  }

  /** Takes over a message that a client published; the bytes stay where they are. */
  take(message: Message, subject: string): void {
    this.subject = subject;
    this.message = message;
    this.trusted = false;
    this.requestInfo = "";
    this.ttl = 0;
    this.chunk = message.chunk;
    this.bodyStart = message.bodyStart;
    this.bodyEnd = message.bodyEnd;
    this.headerSize = Math.max(0, message.headerSize);
    if (this.headerSize > 0) this.#scan();
    else this.headers.clear();
  }

  /** Takes over what the server itself has to store. */
  set(subject: string, body: MessageBody): void {
    this.subject = subject;
    this.message = null;
    this.trusted = true;
    this.ttl = 0;
    this.chunk = body.chunk;
    this.bodyStart = body.bodyStart;
    this.bodyEnd = body.bodyEnd;
    this.headerSize = Math.max(0, body.headerSize);
    if (this.headerSize > 0) this.#scan();
    else this.headers.clear();
  }

  /** The same with bytes of its own; nobody waits for an answer to it. */
  copy(): Publication {
    const { chunk, bodyStart, bodyEnd } = this;
    const copy = new Publication();
    copy.subject = this.subject;
    copy.trusted = this.trusted;
    copy.ttl = this.ttl;
    copy.chunk = Chunk.of(chunk.bytes.subarray(bodyStart, bodyEnd));
    copy.bodyEnd = bodyEnd - bodyStart;
    copy.headerSize = this.headerSize;
    copy.headers.scan(copy.chunk, 0, copy.headerSize);
    return copy;
  }

  /** The header block as a byte string; empty: none. */
  headerBlock(): string {
    const { chunk, bodyStart, headerSize } = this;
    if (headerSize === 0) return "";
    return decodeByteString(chunk.bytes, bodyStart, bodyStart + headerSize);
  }

  payload(): Uint8Array {
    return this.chunk.bytes.subarray(
      this.bodyStart + this.headerSize,
      this.bodyEnd,
    );
  }

  /** Replaces the header block. */
  setHeaders(block: string): void {
    this.#replace(block, this.payload());
  }

  /** Replaces header block and payload. */
  setContent(block: string, payload: Uint8Array): void {
    this.#replace(block, payload);
  }

  #replace(block: string, payload: Uint8Array): void {
    const chunk = new Chunk(block.length + payload.length);
    const at = writeByteString(chunk.bytes, 0, block);
    chunk.bytes.set(payload, at);
    this.chunk = chunk;
    this.bodyStart = 0;
    this.bodyEnd = chunk.size;
    this.headerSize = block.length;
    this.headers.scan(chunk, 0, block.length);
  }

  /** Finds headers; what must not be stored is taken out. */
  #scan(): void {
    const { chunk, bodyStart, headerSize, headers } = this;
    headers.scan(chunk, bodyStart, bodyStart + headerSize);
    const plain = headerSize <= BLOCK_MIN ||
      chunk.bytes[bodyStart + VERSION_LINE - 2] === CR;
    if (plain && !headers.has("requestInfo")) return;
    this.requestInfo = headers.get("requestInfo");
    this.setHeaders(
      withoutHeader(
        plain ? this.headerBlock() : withoutStatus(this.headerBlock()),
        StreamHeader.requestInfo,
      ),
    );
  }
}

/**
 * Headers of direct answers, as bytes.
 *
 * @module
 */

import {
  Chunk,
  copyChunk,
  encodeByteString,
  TIME_SIZE,
  writeDecimal,
  writeTime,
} from "../../protocol/mod.ts";
import type { StoredMessage } from "../../store/mod.ts";

const LINE_END = "\r\n";
const VERSION = encodeByteString("NATS/1.0\r\n");
const SEQUENCE = encodeByteString("\r\nNats-Sequence: ");
const TIME = encodeByteString("\r\nNats-Time-Stamp: ");
const END = encodeByteString("\r\n\r\n");
/** Digits of the largest sequence. */
const SEQUENCE_DIGITS = 20;
/** First size of the buffer. */
const INITIAL_SIZE = 512;

/**
 * Headers of answers with the last message of a subject, which the request
 * names:
 *
 * ```
 * NATS/1.0                      or the header block of the message
 * Nats-Stream: ORDERS
 * Nats-Subject: orders.1
 * Nats-Sequence: 4711
 * Nats-Time-Stamp: 2026-01-02T03:04:05.678Z
 * ```
 */
export class AnswerHeaders {
  /** Where they are, from its start. */
  chunk: Chunk = new Chunk(INITIAL_SIZE);
  readonly #stream: Uint8Array;
  /** Bytes that are neither the message's nor the subject's, at the most. */
  readonly #fixed: number;

  /** @param streamName byte string */
  constructor(streamName: string) {
    this.#stream = encodeByteString(
      `Nats-Stream: ${streamName}\r\nNats-Subject: `,
    );
    this.#fixed = VERSION.length + this.#stream.length + SEQUENCE.length +
      SEQUENCE_DIGITS + TIME.length + TIME_SIZE + END.length;
  }

  /**
   * Writes those of `message`, whose subject is `source[start, end)`.
   * @returns their size
   */
  write(
    message: StoredMessage,
    source: Chunk,
    start: number,
    end: number,
  ): number {
    const size = this.#fixed + message.headerSize + end - start;
    if (size > this.chunk.size) this.chunk = new Chunk(2 * size);
    const { chunk } = this;
    const { bytes } = chunk;
    let at = this.#begin(message);
    at = append(bytes, at, this.#stream);
    at = copyChunk(chunk, at, source, start, end);
    at = writeDecimal(bytes, append(bytes, at, SEQUENCE), message.sequence);
    at = append(bytes, at, TIME);
    at = writeTime(bytes, at, message.timeHigh, message.timeLow);
    return append(bytes, at, END);
  }

  /** The message's own headers, or what they begin with. */
  #begin({ chunk, bodyStart, headerSize }: StoredMessage): number {
    if (headerSize <= 0) return append(this.chunk.bytes, 0, VERSION);
    const end = bodyStart + headerSize - LINE_END.length;
    return copyChunk(this.chunk, 0, chunk, bodyStart, end);
  }
}

/** Short texts only. */
function append(target: Uint8Array, at: number, text: Uint8Array): number {
  for (let i = 0; i < text.length; i++) target[at + i] = text[i] as number;
  return at + text.length;
}

/**
 * Messages as records, in memory and on disk alike.
 *
 * @module
 */

import { type Chunk, copyChunk, EMPTY_CHUNK } from "../protocol/mod.ts";
import { writeSubject } from "../subject/mod.ts";
import type { MessageBody, StoredMessage } from "./contract.ts";
import {
  beginRecord,
  RecordKind,
  recordSize,
  recordTime,
  recordTimeHigh,
  recordTimeLow,
  RecordView,
  writeHeaderSize,
} from "./format/mod.ts";

/** Bytes of the record of a message. */
export function sizeOfMessage(subject: string, body: MessageBody): number {
  const headerSize = Math.max(0, body.headerSize);
  const size = body.bodyEnd - body.bodyStart - headerSize;
  return recordSize(subject.length, headerSize, size);
}

/** Writes the record of a message, without a checksum. */
export function writeMessage(
  target: Chunk,
  at: number,
  size: number,
  sequence: number,
  high: number,
  low: number,
  subject: string,
  body: MessageBody,
): void {
  const hasHeader = body.headerSize > 0;
  let to = beginRecord(
    target,
    at,
    size,
    hasHeader,
    RecordKind.Message,
    sequence,
    high,
    low,
    subject.length,
  );
  to = writeSubject(target.bytes, to, subject);
  if (hasHeader) to = writeHeaderSize(target, to, body.headerSize);
  copyChunk(target, to, body.chunk, body.bodyStart, body.bodyEnd);
}

/** A stored message where it is; the same object for all of a store's. */
export class MessageCursor implements StoredMessage {
  readonly #record = new RecordView();
  readonly #nameOf: (subject: number) => string;
  chunk: Chunk = EMPTY_CHUNK;
  sequence = 0;
  bodyStart = 0;
  bodyEnd = 0;
  headerSize = 0;
  #at = 0;
  #subject = 0;

  /** @param nameOf names the subject of an id */
  constructor(nameOf: (subject: number) => string) {
    this.#nameOf = nameOf;
  }

  /** Points to the record at `at`, whose subject has that id. */
  moveTo(chunk: Chunk, at: number, subject: number): this {
    const record = this.#record;
    record.read(chunk, at, chunk.size);
    this.chunk = chunk;
    this.#at = at;
    this.#subject = subject;
    this.sequence = record.sequence;
    this.bodyStart = record.headerStart;
    this.bodyEnd = record.messageEnd;
    this.headerSize = record.headerEnd - record.headerStart;
    return this;
  }

  get subject(): string {
    return this.#nameOf(this.#subject);
  }

  get time(): bigint {
    return recordTime(this.chunk, this.#at);
  }

  get timeHigh(): number {
    return recordTimeHigh(this.chunk, this.#at);
  }

  get timeLow(): number {
    return recordTimeLow(this.chunk, this.#at);
  }
}

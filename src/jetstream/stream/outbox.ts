/**
 * What a stream has to say, kept until the end of the batch.
 *
 * @module
 */

import {
  Chunk,
  copyChunk,
  encodeByteString,
  Message,
  writeByteString,
  writeDecimal,
} from "../../protocol/mod.ts";

/** First size of the buffer, bytes. */
const INITIAL_SIZE = 4096;
/** A larger buffer is not kept once it has been emptied, bytes. */
const KEPT_SIZE = 1 << 20;
/** Digits of the largest sequence. */
const SEQUENCE_DIGITS = 20;
/** `<size>` and CR LF in front of an acknowledgement. */
const SIZE_LINE = 6;

/** A message to be sent. */
export interface Outgoing {
  /** Byte string. */
  readonly subject: string;
  /** Byte string; empty: none. */
  readonly reply?: string;
  /** Header block, byte string; empty: none. */
  readonly headers?: string;
  /** Bytes, or a byte string. */
  readonly body?: Uint8Array | string;
}

/** Hands on a message; true when somebody took it. */
export type Publish = (message: Message) => boolean;

/**
 * Messages in one buffer, acknowledgements as no more than reply subject and
 * sequence: their text is made when they go out.
 */
export class Outbox {
  #chunk = new Chunk(INITIAL_SIZE);
  #end = 0;
  #count = 0;
  /** Per message: ends of subject, reply, header block and body. */
  readonly #ends: number[] = [];
  /** Per message: the sequence that it acknowledges; 0: it has a body. */
  readonly #sequences: number[] = [];
  readonly #message = new Message();
  readonly #acknowledgement: Acknowledgement;

  /** @param prefix of acknowledgements up to the sequence, byte string */
  constructor(prefix: string) {
    this.#acknowledgement = new Acknowledgement(prefix);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Messages that wait. */
  get count(): number {
    return this.#count;
  }

  /** Acknowledges `message`, which has a reply subject, as stored. */
  acknowledge(
    { replyChunk, replyStart, replyEnd }: Message,
    sequence: number,
  ): void {
    this.#reserve(replyEnd - replyStart);
    const at = copyChunk(
      this.#chunk,
      this.#end,
      replyChunk,
      replyStart,
      replyEnd,
    );
    this.#close(at, at, at, at, sequence);
  }

  /** Queues a message. */
  send({ subject, reply = "", headers = "", body = "" }: Outgoing): void {
    this.#reserve(subject.length + reply.length + headers.length + body.length);
    const { bytes } = this.#chunk;
    const subjectEnd = writeByteString(bytes, this.#end, subject);
    const replyEnd = writeByteString(bytes, subjectEnd, reply);
    const headersEnd = writeByteString(bytes, replyEnd, headers);
    let end: number;
    if (typeof body === "string") {
      end = writeByteString(bytes, headersEnd, body);
    } else {
      bytes.set(body, headersEnd);
      end = headersEnd + body.length;
    }
    this.#close(subjectEnd, replyEnd, headersEnd, end, 0);
  }

  /**
   * Sends everything in order. What is queued meanwhile waits for the next time.
   * @param instead sent in place of acknowledgements, byte string
   */
  deliver(publish: Publish, instead?: string): void {
    const body = instead === undefined
      ? null
      : Chunk.of(encodeByteString(instead));
    const chunk = this.#chunk;
    const ends = this.#ends.splice(0);
    const sequences = this.#sequences.splice(0);
    this.#chunk = new Chunk(INITIAL_SIZE);
    this.#end = 0;
    this.#count = 0;
    let start = 0;
    for (const [i, sequence] of sequences.entries()) {
      this.#fill(chunk, start, ends, i, sequence);
      if (sequence > 0 && body !== null) this.#replaceBody(body);
      publish(this.#message);
      start = ends[4 * i + 3] as number;
    }
    if (this.#count === 0 && chunk.size <= KEPT_SIZE) this.#chunk = chunk;
  }

  #fill(
    chunk: Chunk,
    start: number,
    ends: readonly number[],
    index: number,
    sequence: number,
  ): void {
    const message = this.#message;
    const subjectEnd = ends[4 * index] as number;
    message.subjectChunk = chunk;
    message.subjectStart = start;
    message.subjectEnd = subjectEnd;
    message.replyChunk = chunk;
    message.replyStart = subjectEnd;
    message.replyEnd = ends[4 * index + 1] as number;
    if (sequence > 0) {
      this.#acknowledgement.fill(message, sequence);
      return;
    }
    const headersEnd = ends[4 * index + 2] as number;
    const headerSize = headersEnd - message.replyEnd;
    message.chunk = chunk;
    message.bodyStart = message.replyEnd;
    message.bodyEnd = ends[4 * index + 3] as number;
    message.headerSize = headerSize === 0 ? -1 : headerSize;
    message.tailStart = -1;
  }

  #replaceBody(body: Chunk): void {
    const message = this.#message;
    message.chunk = body;
    message.bodyStart = 0;
    message.bodyEnd = body.size;
    message.tailStart = -1;
  }

  #close(
    subjectEnd: number,
    replyEnd: number,
    headersEnd: number,
    end: number,
    sequence: number,
  ): void {
    this.#ends.push(subjectEnd, replyEnd, headersEnd, end);
    this.#sequences.push(sequence);
    this.#end = end;
    this.#count++;
  }

  #reserve(size: number): void {
    const needed = this.#end + size;
    if (needed <= this.#chunk.size) return;
    const larger = new Chunk(Math.max(2 * this.#chunk.size, needed));
    larger.bytes.set(this.#chunk.bytes.subarray(0, this.#end));
    this.#chunk = larger;
  }
}

/**
 * `{"stream":"S","seq":N}`, laid out as a subscriber gets it: one after the
 * other, only digits change.
 */
class Acknowledgement {
  readonly #chunk: Chunk;
  readonly #prefix: number;
  #start = 0;
  #digits = 0;
  #bound = 0;
  #end = 0;

  constructor(prefix: string) {
    this.#prefix = prefix.length;
    this.#chunk = new Chunk(
      SIZE_LINE + prefix.length + SEQUENCE_DIGITS + 3,
    );
    this.#chunk.bytes.set(encodeByteString(prefix), SIZE_LINE);
  }

  /** Makes it the body of `message`. */
  fill(message: Message, sequence: number): void {
    if (sequence >= this.#bound || 10 * sequence < this.#bound) {
      this.#resize(sequence);
    }
    const { bytes } = this.#chunk;
    writeDecimal(bytes, SIZE_LINE + this.#prefix, sequence);
    message.chunk = this.#chunk;
    message.bodyStart = SIZE_LINE;
    message.bodyEnd = this.#end;
    message.headerSize = -1;
    message.tailStart = this.#start;
  }

  /** Lays it out for sequences with as many digits. */
  #resize(sequence: number): void {
    const { bytes } = this.#chunk;
    this.#digits = String(sequence).length;
    this.#bound = 10 ** this.#digits;
    this.#end = SIZE_LINE + this.#prefix + this.#digits + 1;
    const size = String(this.#end - SIZE_LINE);
    this.#start = SIZE_LINE - 2 - size.length;
    writeByteString(bytes, this.#start, `${size}\r\n`);
    writeByteString(bytes, this.#end - 1, "}\r\n");
  }
}

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
import type { MessageBody } from "../../store/mod.ts";

/** First size of the buffer, bytes. */
const INITIAL_SIZE = 4096;
/** Messages for which there is room at first. */
const INITIAL_COUNT = 128;
/** Messages with a body take three entries each. */
const NO_PARTS = new Uint32Array(0);
const FIRST_PARTS = 12;
/** A larger buffer is not kept once it has been emptied, bytes. */
const KEPT_SIZE = 1 << 20;
/** Digits of the largest sequence. */
const SEQUENCE_DIGITS = 20;
/** `<size>` and CR LF in front of an acknowledgement. */
const SIZE_LINE = 6;

/** Stands where acknowledgements have their sequence. */
const Kind = {
  /** True whatever becomes of what was stored. */
  always: 0,
  /** Tells a publisher that something was stored. */
  claim: -1,
  /** Means nothing unless something was stored. */
  sequel: -2,
} as const;

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
  /**
   * What it is when that could not be stored of which it tells: by default it
   * is as true as before; a claim must be taken back, a sequel not be sent.
   */
  readonly kind?: keyof typeof Kind;
}

/** Hands on a message; true when somebody took it. */
export type Publish = (message: Message) => boolean;

/**
 * Messages that wait: their bytes in one buffer, and where each ends. Arrays
 * would give back their memory when they are emptied, and grow with each batch
 * anew; these stay.
 */
class Batch {
  chunk = new Chunk(INITIAL_SIZE);
  /** Bytes of the buffer that are used. */
  end = 0;
  /** Messages. */
  count = 0;
  /** Per message: the end of its last part. */
  ends = new Uint32Array(INITIAL_COUNT);
  /** Per message: the sequence that it acknowledges; with a body, a `Kind`. */
  sequences = new Float64Array(INITIAL_COUNT);
  /** Per message with a body: ends of subject, reply and header block. */
  parts = NO_PARTS;
  /** Entries of `parts` that are used. */
  #partsEnd = 0;

  reserve(size: number): void {
    const needed = this.end + size;
    if (needed <= this.chunk.size) return;
    const larger = new Chunk(Math.max(2 * this.chunk.size, needed));
    larger.bytes.set(this.chunk.bytes.subarray(0, this.end));
    this.chunk = larger;
  }

  /** Adds the message whose bytes end at `end`. */
  push(end: number, sequence: number): void {
    if (this.count === this.ends.length) this.#grow();
    this.ends[this.count] = end;
    this.sequences[this.count++] = sequence;
    this.end = end;
  }

  /** Adds the parts of the message that is pushed next. */
  pushParts(subjectEnd: number, replyEnd: number, headersEnd: number): void {
    const at = this.#partsEnd;
    if (at === this.parts.length) this.#growParts();
    this.parts[at] = subjectEnd;
    this.parts[at + 1] = replyEnd;
    this.parts[at + 2] = headersEnd;
    this.#partsEnd = at + 3;
  }

  clear(): void {
    if (this.chunk.size > KEPT_SIZE) {
      this.chunk = new Chunk(INITIAL_SIZE);
      this.ends = new Uint32Array(INITIAL_COUNT);
      this.sequences = new Float64Array(INITIAL_COUNT);
      this.parts = NO_PARTS;
    }
    this.end = 0;
    this.count = 0;
    this.#partsEnd = 0;
  }

  #grow(): void {
    const { ends, sequences } = this;
    this.ends = new Uint32Array(2 * this.count);
    this.ends.set(ends);
    this.sequences = new Float64Array(2 * this.count);
    this.sequences.set(sequences);
  }

  #growParts(): void {
    const { parts } = this;
    this.parts = new Uint32Array(2 * parts.length + FIRST_PARTS);
    this.parts.set(parts);
  }
}

/**
 * What waits to be sent; of acknowledgements no more than reply subject and
 * sequence: their text is made when they go out.
 */
export class Outbox {
  #waiting = new Batch();
  #spare: Batch | null = null;
  readonly #message = new Message();
  readonly #acknowledgement: Acknowledgement;

  /** @param prefix of acknowledgements up to the sequence, byte string */
  constructor(prefix: string) {
    this.#acknowledgement = new Acknowledgement(prefix);
  }

  get isEmpty(): boolean {
    return this.#waiting.count === 0;
  }

  /** Acknowledges `message`, which has a reply subject, as stored. */
  acknowledge(
    { replyChunk, replyStart, replyEnd }: Message,
    sequence: number,
  ): void {
    const batch = this.#waiting;
    batch.reserve(replyEnd - replyStart);
    const end = copyChunk(
      batch.chunk,
      batch.end,
      replyChunk,
      replyStart,
      replyEnd,
    );
    batch.push(end, sequence);
  }

  /** Queues a message. */
  send(outgoing: Outgoing): void {
    const { subject, reply = "", headers = "", body = "" } = outgoing;
    const batch = this.#waiting;
    batch.reserve(
      subject.length + reply.length + headers.length + body.length,
    );
    const { bytes } = batch.chunk;
    const subjectEnd = writeByteString(bytes, batch.end, subject);
    const replyEnd = writeByteString(bytes, subjectEnd, reply);
    const headersEnd = writeByteString(bytes, replyEnd, headers);
    batch.pushParts(subjectEnd, replyEnd, headersEnd);
    if (typeof body === "string") writeByteString(bytes, headersEnd, body);
    else bytes.set(body, headersEnd);
    batch.push(headersEnd + body.length, Kind[outgoing.kind ?? "always"]);
  }

  /**
   * Answers `request`, which has a reply subject, with a stored message.
   * @param headers header block of the answer, from the chunk's start to `headersEnd`
   */
  answer(
    { replyChunk, replyStart, replyEnd }: Message,
    headers: Chunk,
    headersEnd: number,
    { chunk, bodyStart, bodyEnd, headerSize }: MessageBody,
  ): void {
    const payload = bodyStart + Math.max(0, headerSize);
    const batch = this.#waiting;
    batch.reserve(replyEnd - replyStart + headersEnd + bodyEnd - payload);
    const target = batch.chunk;
    const subject = copyChunk(
      target,
      batch.end,
      replyChunk,
      replyStart,
      replyEnd,
    );
    const block = copyChunk(target, subject, headers, 0, headersEnd);
    batch.pushParts(subject, subject, block);
    const end = copyChunk(target, block, chunk, payload, bodyEnd);
    batch.push(end, Kind.always);
  }

  /**
   * Sends everything in order. What is queued meanwhile waits for the next time.
   * @param instead sent in place of acknowledgements and other claims, byte
   * string; without it, all was stored
   */
  deliver(publish: Publish, instead?: string): void {
    const batch = this.#waiting;
    this.#waiting = this.#spare ?? new Batch();
    this.#spare = null;
    const body = instead === undefined
      ? null
      : Chunk.of(encodeByteString(instead));
    const message = this.#message;
    const { count, ends, sequences } = batch;
    let start = 0;
    let part = 0;
    for (let i = 0; i < count; i++) {
      const end = ends[i] as number;
      const sequence = sequences[i] as number;
      message.subjectChunk = batch.chunk;
      message.subjectStart = start;
      message.replyChunk = batch.chunk;
      if (sequence > 0) this.#fillAcknowledgement(end, sequence, body);
      else {
        this.#fillMessage(batch, part, end);
        part += 3;
        if (body !== null && sequence === Kind.claim) {
          replaceBody(message, body);
        }
      }
      if (body === null || sequence !== Kind.sequel) publish(message);
      start = end;
    }
    batch.clear();
    this.#spare = batch;
  }

  /** @param instead body of the message instead of an acknowledgement */
  #fillAcknowledgement(
    end: number,
    sequence: number,
    instead: Chunk | null,
  ): void {
    const message = this.#message;
    message.subjectEnd = end;
    message.replyStart = end;
    message.replyEnd = end;
    if (instead === null) this.#acknowledgement.fill(message, sequence);
    else replaceBody(message, instead);
  }

  #fillMessage({ chunk, parts }: Batch, part: number, end: number): void {
    const message = this.#message;
    const subjectEnd = parts[part] as number;
    const replyEnd = parts[part + 1] as number;
    const headerSize = (parts[part + 2] as number) - replyEnd;
    message.subjectEnd = subjectEnd;
    message.replyStart = subjectEnd;
    message.replyEnd = replyEnd;
    message.chunk = chunk;
    message.bodyStart = replyEnd;
    message.bodyEnd = end;
    message.headerSize = headerSize === 0 ? -1 : headerSize;
    message.tailStart = -1;
  }
}

/** Gives a message that body alone. */
function replaceBody(message: Message, body: Chunk): void {
  message.chunk = body;
  message.bodyStart = 0;
  message.bodyEnd = body.size;
  message.headerSize = -1;
  message.tailStart = -1;
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

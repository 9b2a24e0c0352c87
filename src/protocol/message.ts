/**
 * A message on its way through the server, as ranges of the bytes it came in.
 *
 * @module
 */

import {
  CR,
  decodeByteString,
  encodeByteString,
  LF,
  SPACE,
  writeByteString,
  writeDecimal,
} from "./bytes.ts";
import { Chunk, copyChunk, EMPTY_CHUNK } from "./chunk.ts";
import type { MessageTrace } from "./message_trace.ts";

/** Bytes of a frame besides subject, sid, reply, sizes and body: `HMSG`, blanks, two CR LF. */
const FRAME_OVERHEAD = 4 + 5 + 4;
/** Two sizes of at most ten digits. */
const SIZES_MAX = 20;
/** `MSG ` as a little-endian word. */
const MSG_BLANK = 0x2047534d;

/** Where an op stands that was written for a subscriber. */
export class WrittenFrame {
  chunk: Chunk = EMPTY_CHUNK;
  start = 0;
  end = 0;
  /** Whether it is to be remembered. */
  wanted = false;
  #sid = "";
  #headers = false;

  /** Remembers it, for subscribers with the same sid who take headers as well, or don't either. */
  set(
    chunk: Chunk,
    start: number,
    end: number,
    sid: string,
    headers: boolean,
  ): void {
    this.chunk = chunk;
    this.start = start;
    this.end = end;
    this.#sid = sid;
    this.#headers = headers;
  }

  /** Whether a subscriber with this sid is to get the same bytes. */
  suits(sid: string, headers: boolean): boolean {
    return this.end > 0 && this.#sid === sid && this.#headers === headers;
  }

  /** Forgets it. @param wanted whether the next one is to be remembered */
  reset(wanted: boolean): void {
    this.wanted = wanted;
    this.end = 0;
    this.chunk = EMPTY_CHUNK;
  }
}

/**
 * Valid while the read buffer that it points into is not reused; each
 * producer has one and fills it for every message.
 *
 * Body is header block and payload together, without the final CR LF.
 */
export class Message {
  subjectChunk: Chunk = EMPTY_CHUNK;
  subjectStart = 0;
  subjectEnd = 0;
  replyChunk: Chunk = EMPTY_CHUNK;
  replyStart = 0;
  /** Equal to `replyStart` when there is no reply subject. */
  replyEnd = 0;
  chunk: Chunk = EMPTY_CHUNK;
  bodyStart = 0;
  bodyEnd = 0;
  /** Bytes of the header block; -1 when the message came without headers. */
  headerSize = -1;
  /**
   * Start of the size arguments when these, CR LF, body and CR LF stand in
   * `chunk` just as a subscriber gets them; else -1.
   */
  tailStart = -1;
  /** Told of everything that happens to the message; null: nobody wants to know. */
  trace: MessageTrace | null = null;

  /**
   * The op as it was written last, in a chunk of its receiver: others to whom
   * it reads the same need no copy. Empty outside of a distribution to several.
   */
  readonly written: WrittenFrame = new WrittenFrame();

  /**
   * The subject that it is routed by when that is not its own, as with
   * messages of a stream; byte string, else empty.
   */
  route = "";

  get hasReply(): boolean {
    return this.replyEnd > this.replyStart;
  }

  /** Header and payload together, bytes. */
  get size(): number {
    return this.bodyEnd - this.bodyStart;
  }

  /** The subject as a byte string. */
  subject(): string {
    return decodeByteString(
      this.subjectChunk.bytes,
      this.subjectStart,
      this.subjectEnd,
    );
  }

  /** The reply subject as a byte string, empty when there is none. */
  reply(): string {
    return decodeByteString(
      this.replyChunk.bytes,
      this.replyStart,
      this.replyEnd,
    );
  }

  /** Bytes that a copy takes. */
  get copySize(): number {
    return this.subjectEnd - this.subjectStart + this.replyEnd -
      this.replyStart + this.size;
  }

  /** The same with its bytes in `chunk`, from `start` on, for whoever keeps it. */
  copy(chunk: Chunk, start: number): Message {
    const copy = new Message();
    const { subjectChunk, subjectStart, replyChunk, replyStart } = this;
    const subject = copyChunk(
      chunk,
      start,
      subjectChunk,
      subjectStart,
      this.subjectEnd,
    );
    const reply = copyChunk(
      chunk,
      subject,
      replyChunk,
      replyStart,
      this.replyEnd,
    );
    copy.subjectChunk = copy.replyChunk = copy.chunk = chunk;
    copy.subjectStart = start;
    copy.subjectEnd = copy.replyStart = subject;
    copy.replyEnd = copy.bodyStart = reply;
    copy.bodyEnd = copyChunk(
      chunk,
      reply,
      this.chunk,
      this.bodyStart,
      this.bodyEnd,
    );
    copy.headerSize = this.headerSize;
    copy.trace = this.trace;
    copy.route = this.route;
    return copy;
  }

  /** Replaces the subject. */
  setSubject(subject: string): void {
    this.subjectChunk = Chunk.of(encodeByteString(subject));
    this.subjectStart = 0;
    this.subjectEnd = subject.length;
  }

  /** Upper bound of the bytes that {@link writeFrame} writes. */
  frameSizeMax(sid: string): number {
    return FRAME_OVERHEAD + SIZES_MAX + sid.length +
      (this.subjectEnd - this.subjectStart) +
      (this.replyEnd - this.replyStart) + (this.bodyEnd - this.bodyStart);
  }

  /**
   * Writes the MSG or HMSG op for a subscriber.
   *
   * `MSG <subject> <sid> [reply] <size>\r\n<payload>\r\n`, or
   * `HMSG <subject> <sid> [reply] <header size> <size>\r\n<body>\r\n`.
   * @param headers whether the subscriber understands headers; others get
   * the payload alone
   * @returns the position after the op
   */
  writeFrame(
    chunk: Chunk,
    start: number,
    sid: string,
    headers: boolean,
  ): number {
    const target = chunk.bytes;
    let at = start;
    const withHeader = headers && this.headerSize > 0;
    if (withHeader) target[at++] = 0x48;
    chunk.view.setInt32(at, MSG_BLANK, true);
    at = copyChunk(
      chunk,
      at + 4,
      this.subjectChunk,
      this.subjectStart,
      this.subjectEnd,
    );
    target[at++] = SPACE;
    at = writeByteString(target, at, sid);
    target[at++] = SPACE;
    if (this.replyEnd > this.replyStart) {
      at = copyChunk(
        chunk,
        at,
        this.replyChunk,
        this.replyStart,
        this.replyEnd,
      );
      target[at++] = SPACE;
    }
    if (this.tailStart >= 0 && (withHeader || this.headerSize <= 0)) {
      return copyChunk(
        chunk,
        at,
        this.chunk,
        this.tailStart,
        this.bodyEnd + 2,
      );
    }
    return this.#writeTail(chunk, at, withHeader);
  }

  #writeTail(chunk: Chunk, start: number, withHeader: boolean): number {
    const target = chunk.bytes;
    let at = start;
    const from = withHeader || this.headerSize <= 0
      ? this.bodyStart
      : this.bodyStart + this.headerSize;
    if (withHeader) {
      at = writeDecimal(target, at, this.headerSize);
      target[at++] = SPACE;
    }
    at = writeDecimal(target, at, this.bodyEnd - from);
    at = writeEnd(target, at);
    at = copyChunk(chunk, at, this.chunk, from, this.bodyEnd);
    return writeEnd(target, at);
  }
}

function writeEnd(target: Uint8Array, at: number): number {
  target[at] = CR;
  target[at + 1] = LF;
  return at + 2;
}

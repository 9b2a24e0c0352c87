/**
 * The parser of every connection kind: resumable, driven by a verb table.
 *
 * It keeps no copy of any bytes. What a read left incomplete stays in the
 * caller's buffer, which the caller moves to the front before it reads on.
 *
 * @module
 */

import {
  CR,
  decodeByteString,
  LF,
  SIZE_DIGITS_MAX,
  SPACE,
  TAB,
} from "./bytes.ts";
import { type Chunk, EMPTY_CHUNK } from "./chunk.ts";
import { INCOMPLETE, Line } from "./line.ts";
import {
  goParserState,
  STATE_MSG_END_N,
  STATE_MSG_END_R,
} from "./parser_state.ts";
import type { PayloadVerb, Verb, VerbTable } from "./verb.ts";

/** Ranges for `runPlain`; they mean nothing between two calls of it. */
const plainOp = {
  chunk: EMPTY_CHUNK,
  subjectStart: 0,
  subjectEnd: 0,
  replyStart: 0,
  replyEnd: 0,
  sizeStart: 0,
  payloadStart: 0,
  payloadEnd: 0,
};

/** What a parser tells its connection besides running verbs. */
export interface ParserHandler {
  /**
   * Called at an op's first byte while {@link Parser.guarded} is set and the
   * op is not a CONNECT. Returns whether the op may go on.
   */
  admit(firstByte: number): boolean;
  /** The bytes are no operation; the parser has stopped. */
  onUnknownOperation(error: UnknownOperation): void;
  /** The arguments of a line exceed the limit; the parser has stopped. */
  onControlLineExceeded(length: number, snippet: Uint8Array): void;
}

/** Where and why the parser gave up. */
export interface UnknownOperation {
  /** The state that the Go server's log would name. */
  readonly state: number;
  /** Index of the offending byte in the buffer. */
  readonly index: number;
  /** The bytes from there on, 32 at the most. */
  readonly snippet: Uint8Array;
}

/** Bytes of an offending op that are logged. */
const SNIPPET_BYTES = 32;
const NINE = 0x39;
/** CR LF as a little-endian word. */
const CR_LF = 0x0a0d;

/** A parser belongs to one connection. */
export class Parser<H extends ParserHandler> {
  /** Whether ops other than CONNECT need the handler's consent. */
  guarded = false;
  /** Longest arguments of a line, bytes. */
  maxControlLine: number;
  /**
   * Set by the handler, during a callback, to stop after the op at hand: the
   * connection closed, or waits for something.
   */
  halted = false;

  readonly #verbs: VerbTable<H>;
  readonly #handler: H;
  /** The line of {@link #open}; other lines are read into the table's. */
  #openLine: Line | null = null;
  /** The verb whose payload is being awaited. */
  #open: PayloadVerb<H> | null = null;
  /** Payload range, as offsets from the op's first byte while suspended. */
  #payloadStart = 0;
  #payloadEnd = 0;

  constructor(verbs: VerbTable<H>, handler: H, maxControlLine: number) {
    this.#verbs = verbs;
    this.#handler = handler;
    this.maxControlLine = maxControlLine;
  }

  /**
   * Runs all ops that are complete in the first `limit` bytes of `chunk`.
   *
   * The op that the last call left incomplete must start at index 0.
   * @returns bytes consumed; the rest belongs in front of the next read
   */
  parse(chunk: Chunk, limit: number): number {
    let at = 0;
    this.halted = false;
    while (at < limit && !this.halted) {
      let next = INCOMPLETE;
      if (this.#open !== null) {
        next = this.#parsePayload(this.#open, chunk, limit);
      } else {
        next = this.#parsePlain(chunk, at, limit);
        if (next === INCOMPLETE) next = this.#parseLine(chunk, at, limit);
      }
      if (next === INCOMPLETE) break;
      at = next;
    }
    return at;
  }

  /** Bytes that the incomplete op has in all, as far as known; else 0. */
  get expected(): number {
    return this.#open === null ? 0 : this.#payloadEnd + 2;
  }

  /**
   * The short way for a complete op in plain form; whatever is unusual about
   * an op leaves it to {@link #parseLine}.
   */
  #parsePlain(chunk: Chunk, at: number, limit: number): number {
    const verb = this.#verbs.plain;
    const { view, bytes } = chunk;
    if (
      verb === null || this.guarded || at + 4 > limit ||
      view.getInt32(at, true) !== this.#verbs.plainWord
    ) return INCOMPLETE;
    const subjectStart = at + 4;
    let i = subjectStart;
    while (i < limit && (bytes[i] as number) > SPACE) i++;
    const subjectEnd = i++;
    if (i >= limit || bytes[subjectEnd] !== SPACE) return INCOMPLETE;
    let replyStart = 0;
    let replyEnd = 0;
    if ((bytes[i] as number) > NINE) {
      replyStart = i;
      while (i < limit && (bytes[i] as number) > SPACE) i++;
      replyEnd = i++;
      if (i >= limit || bytes[replyEnd] !== SPACE) return INCOMPLETE;
    }
    const sizeStart = i;
    let size = 0;
    for (; i < limit; i++) {
      const digit = (bytes[i] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      size = size * 10 + digit;
    }
    const payloadStart = i + 2;
    const payloadEnd = payloadStart + size;
    const digits = i - sizeStart;
    if (
      payloadEnd + 2 > limit || subjectEnd === subjectStart ||
      digits === 0 || digits > SIZE_DIGITS_MAX ||
      i - subjectStart > this.maxControlLine ||
      view.getInt16(i, true) !== CR_LF ||
      view.getInt16(payloadEnd, true) !== CR_LF
    ) return INCOMPLETE;
    const op = plainOp;
    op.chunk = chunk;
    op.subjectStart = subjectStart;
    op.subjectEnd = subjectEnd;
    op.replyStart = replyStart;
    op.replyEnd = replyEnd;
    op.sizeStart = sizeStart;
    op.payloadStart = payloadStart;
    op.payloadEnd = payloadEnd;
    return verb.runPlain?.(this.#handler, op) === true
      ? payloadEnd + 2
      : INCOMPLETE;
  }

  /** Reads a line at `at`; returns where the next op (or payload) starts. */
  #parseLine(chunk: Chunk, at: number, limit: number): number {
    const buffer = chunk.bytes;
    if (this.guarded) {
      const first = buffer[at] as number;
      if (first !== 0x43 && first !== 0x63 && !this.#handler.admit(first)) {
        this.halted = true;
        return limit;
      }
    }
    const verb = this.#verbs.find(buffer, at, limit);
    if (verb === undefined) return this.#noVerb(buffer, at, limit);
    const named = at + verb.name.length;
    if (verb.gap === "bare") return this.#parseBare(verb, buffer, named, limit);
    let from = named;
    while (from < limit && (buffer[from] === SPACE || buffer[from] === TAB)) {
      from++;
    }
    if (from === limit) return INCOMPLETE;
    if (from === named && verb.gap === "required") {
      return this.#fail(goParserState(verb.name), buffer, from, limit);
    }
    const line = this.#verbs.line;
    const lineEnd = line.scan(chunk, from, limit);
    if (lineEnd === INCOMPLETE) {
      if (limit - from > this.maxControlLine) {
        return this.#tooLong(buffer, from, limit);
      }
      return INCOMPLETE;
    }
    if (line.argsEnd - from > this.maxControlLine) {
      return this.#tooLong(buffer, from, line.argsEnd);
    }
    if (!("open" in verb)) {
      verb.run(this.#handler, line);
      return lineEnd + 1;
    }
    const size = verb.open(this.#handler, line);
    if (size < 0) {
      this.halted = true;
      return limit;
    }
    const start = lineEnd + 1;
    const end = start + size;
    if (end + 2 <= limit && buffer[end] === CR && buffer[end + 1] === LF) {
      verb.run(this.#handler, line, start, end);
      return end + 2;
    }
    if (!this.#terminatorFits(buffer, end, limit)) return limit;
    // Suspend: from here on everything counts from the op's first byte.
    this.#open = verb;
    this.#openLine = line;
    this.#verbs.line = new Line();
    this.#payloadStart = start - at;
    this.#payloadEnd = end - at;
    line.shift(-at);
    return INCOMPLETE;
  }

  /** Goes on with an op whose line has been handled; it starts at index 0. */
  #parsePayload(
    verb: PayloadVerb<H>,
    chunk: Chunk,
    limit: number,
  ): number {
    const buffer = chunk.bytes;
    const end = this.#payloadEnd;
    if (!this.#terminatorFits(buffer, end, limit)) return limit;
    if (limit < end + 2) return INCOMPLETE;
    const line = this.#openLine ?? this.#verbs.line;
    this.#open = null;
    this.#openLine = null;
    line.chunk = chunk;
    verb.run(this.#handler, line, this.#payloadStart, end);
    return end + 2;
  }

  /** An op without arguments: whatever follows, up to LF, is ignored. */
  #parseBare(
    verb: Verb<H>,
    buffer: Uint8Array,
    from: number,
    limit: number,
  ): number {
    for (let i = from; i < limit; i++) {
      if (buffer[i] !== LF) continue;
      if (!("open" in verb)) verb.run(this.#handler, this.#verbs.line);
      return i + 1;
    }
    // Nothing of an unfinished bare op but its name need be kept. The Go
    // server ignores endless text here; bounding it costs no honest client.
    if (limit - from > this.maxControlLine) {
      return this.#tooLong(buffer, from, limit);
    }
    return INCOMPLETE;
  }

  /** Whether what has arrived behind a payload can still become CR LF. */
  #terminatorFits(buffer: Uint8Array, end: number, limit: number): boolean {
    if (end < limit && buffer[end] !== CR) {
      this.#fail(STATE_MSG_END_R, buffer, end, limit);
      return false;
    }
    if (end + 1 < limit && buffer[end + 1] !== LF) {
      this.#fail(STATE_MSG_END_N, buffer, end + 1, limit);
      return false;
    }
    return true;
  }

  #noVerb(buffer: Uint8Array, at: number, limit: number): number {
    const why = this.#verbs.explain(buffer, at, limit);
    if (why.partial) return INCOMPLETE;
    const prefix = decodeByteString(buffer, at, at + why.matched);
    const state = goParserState(prefix.toUpperCase());
    return this.#fail(state, buffer, at + why.matched, limit);
  }

  #fail(
    state: number,
    buffer: Uint8Array,
    index: number,
    limit: number,
  ): number {
    // As in the Go server's log, the last byte of the input is never shown.
    const end = index + SNIPPET_BYTES;
    const snippet = buffer.slice(index, end > limit ? limit - 1 : end);
    this.halted = true;
    this.#handler.onUnknownOperation({ state, index, snippet });
    return limit;
  }

  #tooLong(buffer: Uint8Array, from: number, end: number): number {
    this.halted = true;
    const snippet = buffer.slice(from, Math.min(from + SNIPPET_BYTES, end));
    this.#handler.onControlLineExceeded(end - from, snippet);
    return end;
  }
}

/**
 * Direct requests for messages, answered without the API in between.
 *
 * What takes long is answered in slices: messages may come and go meanwhile.
 *
 * @module
 */

import type { Receiver, Subscription } from "../../account/mod.ts";
import { inSlices, type Work } from "../../connection/mod.ts";
import type { Chunk, Message } from "../../protocol/mod.ts";
import { type StoredMessage, StoreError } from "../../store/mod.ts";
import { SubjectFilter, subjectFromText } from "../../subject/mod.ts";
import { JsonError } from "../json/reading.ts";
import { readLeniently } from "../json/read.ts";
import { formatTime, parseTime } from "../json/time.ts";
import { isSupportedLevel } from "../versioning.ts";
import { AnswerHeaders } from "./answer_headers.ts";
import {
  DIRECT_GET_REQUEST,
  type DirectGetRequest,
  isConflicting,
  isEmpty,
} from "./direct_get_request.ts";
import { PublishHeaders } from "./publish_headers.ts";
import { headersOf, payloadOf } from "./stored_parts.ts";
import type { Stream } from "./stream.ts";

/** Subjects that one request may ask for. */
const SUBJECTS_MAX = 1024;
const VERSION_LINE = "NATS/1.0\r\n";
const LINE_END = "\r\n";
const STAR = 0x2a;
const GREATER = 0x3e;

/** Why a request is not answered by messages; the text is a status line. */
class Refusal extends Error {
  override readonly name = "Refusal";
}

/** What the message of a batch tells of the batch. */
interface BatchPlace {
  /** Messages that follow. */
  readonly pending: number;
  /** Sequence of the message before; 0: it is the first. */
  readonly previous: number;
}

/** Takes requests with a JSON body. */
export class DirectGet implements Receiver {
  readonly seesImports = true;
  readonly sends = false;
  readonly #stream: Stream;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  deliver(subscription: Subscription, message: Message): boolean {
    subscription.delivered++;
    if (!message.hasReply) return true;
    answer(this.#stream, message, () => {
      const request = read(message);
      if (request === null || isEmpty(request)) {
        throw new Refusal("408 Empty Request");
      }
      if (isConflicting(request)) throw new Refusal("408 Bad Request");
      return (answers) => {
        if (request.multi_last.length > 0) {
          answers.run(answers.multiple(request));
        } else if (request.batch !== 0) answers.run(answers.batch(request));
        else answers.single(request);
      };
    });
    return true;
  }
}

/** Takes requests for the last message of the subject that they end in. */
export class LastBySubject implements Receiver {
  readonly seesImports = true;
  readonly sends = false;
  readonly #stream: Stream;
  readonly #prefix: number;
  readonly #headers: AnswerHeaders;

  /** @param prefix length of the subject up to the one asked for */
  constructor(stream: Stream, prefix: number) {
    this.#stream = stream;
    this.#prefix = prefix;
    this.#headers = new AnswerHeaders(stream.streamName);
  }

  deliver(subscription: Subscription, message: Message): boolean {
    subscription.delivered++;
    if (!message.hasReply || this.#answerAtOnce(message)) return true;
    answer(this.#stream, message, () => {
      const request = read(message);
      const subject = message.subject().slice(this.#prefix);
      if (subject === "" || (request !== null && !isModest(request))) {
        throw new Refusal("408 Bad Request");
      }
      const withoutHeaders = request?.no_hdr ?? false;
      return (answers) =>
        answers.last(SubjectFilter.of(subject), withoutHeaders);
    });
    return true;
  }

  /**
   * The way of nearly all requests, without texts: nothing but a subject, and
   * there is a message. @returns false when it is anything else
   */
  #answerAtOnce(message: Message): boolean {
    const stream = this.#stream;
    const { subjectChunk, subjectStart, subjectEnd } = message;
    const start = subjectStart + this.#prefix;
    if (message.size > 0 || stream.toil.isBusy) return false;
    if (mayHaveWildcard(subjectChunk, start, subjectEnd)) return false;
    const found = stream.store.loadLastOf(subjectChunk, start, subjectEnd);
    if (found === null) return false;
    const headers = this.#headers;
    const size = headers.write(found, subjectChunk, start, subjectEnd);
    stream.answers.answer(message, headers.chunk, size, found);
    stream.touch();
    return true;
  }
}

function mayHaveWildcard(
  { bytes }: Chunk,
  start: number,
  end: number,
): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i] === STAR || bytes[i] === GREATER) return true;
  }
  return false;
}

/** Whether it asks for nothing more than one message. */
function isModest(request: DirectGetRequest): boolean {
  const { batch, up_to_seq, up_to_time } = request;
  return isEmpty(request) && batch === 0 && up_to_seq === 0 &&
    up_to_time === null;
}

/** @returns null when the request is empty @throws Refusal */
function read(message: Message): DirectGetRequest | null {
  const { chunk, bodyStart, bodyEnd, headerSize } = message;
  const split = bodyStart + Math.max(0, headerSize);
  if (split > bodyStart) {
    const headers = new PublishHeaders();
    headers.scan(chunk, bodyStart, split);
    const level = headers.get("requiredApiLevel");
    if (level !== "" && !isSupportedLevel(level)) {
      throw new Refusal("412 Required Api Level");
    }
  }
  if (split === bodyEnd) return null;
  try {
    return readLeniently(
      DIRECT_GET_REQUEST,
      chunk.bytes.subarray(split, bodyEnd),
    );
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new Refusal("408 Malformed Request");
  }
}

/** @param understand looks at the request; gives back what answers it */
function answer(
  stream: Stream,
  message: Message,
  understand: () => (answers: Answers) => void,
): void {
  const answers = new Answers(stream, message.reply());
  const refusing = (action: () => void) => {
    stream.touch();
    try {
      action();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answers.status(error.message);
    }
  };
  refusing(() => {
    const reply = understand();
    stream.toil.whenDone(() => refusing(() => reply(answers)));
  });
}

/** The answers to one request. */
class Answers {
  readonly #stream: Stream;
  readonly #reply: string;
  #bytes = 0;

  constructor(stream: Stream, reply: string) {
    this.#stream = stream;
    this.#reply = reply;
  }

  /** @param text status, and maybe headers behind it */
  status(text: string): void {
    this.#stream.answers.send({
      subject: this.#reply,
      headers: `NATS/1.0 ${text}\r\n\r\n`,
    });
  }

  /** The last message that a filter lets through. */
  last(filter: SubjectFilter, withoutHeaders: boolean): void {
    const found = this.#stream.store.loadLast(filter);
    if (found === null) throw new Refusal("404 Message Not Found");
    this.#message(found, null, withoutHeaders);
  }

  /** One message. */
  single(request: DirectGetRequest): void {
    const { store } = this.#stream;
    const { next_by_subj, last_by_subj, no_hdr } = request;
    const from = this.#from(request);
    const found = next_by_subj !== ""
      ? store.loadNext(filterOf(next_by_subj), from)
      : from > 0
      ? store.load(from)
      : store.loadLast(filterOf(last_by_subj));
    if (found === null) throw new Refusal("404 Message Not Found");
    this.#message(found, null, no_hdr);
  }

  /** A batch of messages that follow each other. */
  *batch(request: DirectGetRequest): Work<void> {
    const { store } = this.#stream;
    const { batch, no_hdr, next_by_subj, last_by_subj } = request;
    const filter = next_by_subj === ""
      ? SubjectFilter.ALL
      : filterOf(next_by_subj);
    let from = this.#from(request);
    const counting = store.countPending(filter, from, false);
    yield* counting.run();
    let pending = counting.count;
    const most = this.#maxBytes(request);
    let previous = 0;
    for (let i = 0; i < batch; i++) {
      const found = from > 0 || next_by_subj !== ""
        ? store.loadNext(filter, from)
        : store.loadLast(filterOf(last_by_subj));
      if (found === null) {
        if (batch > 1 && i > 0) break;
        throw new Refusal("404 Message Not Found");
      }
      const { sequence } = found;
      from = sequence + 1;
      // Without headers nobody is told, and the Go server does not count either.
      if (pending > 0 && !no_hdr) pending--;
      this.#message(found, { pending, previous }, no_hdr);
      previous = sequence;
      if (this.#bytes >= most) break;
      yield;
    }
    this.#end(pending, previous, "");
  }

  #from({ start_time, seq }: DirectGetRequest): number {
    return start_time === null
      ? seq
      : this.#stream.store.sequenceAt(parseTime(start_time) ?? 0n);
  }

  /** The last messages of several subjects. */
  *multiple(request: DirectGetRequest): Work<void> {
    const { store } = this.#stream;
    const upTo = this.#upTo(request);
    // Here, and only here, an empty subject is none.
    const asked = request.multi_last.filter((subject) => subject !== "");
    if (asked.length === 0) throw new Refusal("404 No Results");
    const filter = SubjectFilter.of(...asked.map(subjectFromText));
    const sequences = yield* this.#lastSequences(filter, upTo);
    if (sequences.length === 0) throw new Refusal("404 No Results");
    const most = this.#maxBytes(request);
    const { batch, seq } = request;
    let previous = 0;
    let pending = sequences.length;
    let sent = 0;
    for (const sequence of sequences) {
      pending--;
      if (sequence < seq) continue;
      const found = store.load(sequence);
      if (found === null) throw new Refusal("404 Message Not Found");
      this.#message(found, { pending, previous }, false);
      previous = sequence;
      sent++;
      if (this.#bytes >= most || (batch > 0 && sent >= batch)) break;
      yield;
    }
    this.#end(pending, previous, `Nats-UpTo-Sequence: ${upTo}\r\n`);
  }

  *#lastSequences(filter: SubjectFilter, upTo: number): Work<number[]> {
    try {
      return yield* this.#stream.store.findingLasts(filter, upTo, SUBJECTS_MAX);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw new Refusal(
        error.code === "tooManyResults"
          ? "413 Too Many Results"
          : `500 ${error.message}`,
      );
    }
  }

  /** Answers in slices, as messages come and go; the end of the stream ends it. */
  run(work: Work<void>): void {
    const done = inSlices(this.#sending(work), this.#stream.host);
    if (!(done instanceof Promise)) return;
    void done.catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#stream.touch();
      this.status(error instanceof Refusal ? reason : `500 ${reason}`);
    });
  }

  *#sending(work: Work<void>): Work<void> {
    while (!this.#stream.closed) {
      // What was said is sent with the batch.
      this.#stream.touch();
      if (work.next().done) return;
      yield;
    }
  }

  /** The last sequence that is asked for. */
  #upTo({ up_to_seq, up_to_time }: DirectGetRequest): number {
    const { store } = this.#stream;
    if (up_to_time === null) return up_to_seq || store.lastSequence;
    const after = store.sequenceAt(parseTime(up_to_time) ?? 0n);
    if (after <= store.firstSequence) throw new Refusal("404 No Results");
    return after - 1;
  }

  #maxBytes({ max_bytes }: DirectGetRequest): number {
    return max_bytes === 0 ? this.#stream.host.maxPending : max_bytes;
  }

  #message(
    message: StoredMessage,
    place: BatchPlace | null,
    withoutHeaders: boolean,
  ): void {
    const { bodyStart, bodyEnd, subject } = message;
    this.#bytes += subject.length + bodyEnd - bodyStart;
    const headers = withoutHeaders ? "" : this.#headers(message, place);
    this.#stream.answers.send({
      subject: this.#reply,
      headers,
      body: payloadOf(message),
    });
  }

  #headers(message: StoredMessage, place: BatchPlace | null): string {
    const own = headersOf(message);
    let block = own === "" ? VERSION_LINE : own.slice(0, -LINE_END.length);
    block += `Nats-Stream: ${this.#stream.streamName}\r\n` +
      `Nats-Subject: ${message.subject}\r\n` +
      `Nats-Sequence: ${message.sequence}\r\n` +
      `Nats-Time-Stamp: ${formatTime(message.time)}\r\n`;
    if (place !== null) {
      block += `Nats-Num-Pending: ${place.pending}\r\n` +
        `Nats-Last-Sequence: ${place.previous}\r\n`;
    }
    return block + LINE_END;
  }

  #end(pending: number, last: number, more: string): void {
    this.#stream.answers.send({
      subject: this.#reply,
      headers: `NATS/1.0 204 EOB\r\nNats-Num-Pending: ${pending}\r\n` +
        `Nats-Last-Sequence: ${last}\r\n${more}\r\n`,
    });
  }
}

/** @param subject text */
function filterOf(subject: string): SubjectFilter {
  return SubjectFilter.of(subjectFromText(subject));
}

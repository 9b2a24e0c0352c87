/**
 * What a consumer sends.
 *
 * @module
 */

import {
  type Account,
  type AccountContext,
  type ClientInfo,
  dispatch,
  dispatchTo,
  type Producer,
} from "../../account/mod.ts";
import {
  Chunk,
  copyChunk,
  EMPTY_CHUNK,
  encodeByteString,
  Message,
  writeByteString,
} from "../../protocol/mod.ts";
import type { StoredMessage } from "../../store/mod.ts";
import { payloadStart } from "./ack_verb.ts";
import type { Destination } from "./destination.ts";

const VERSION_LINE = "NATS/1.0\r\n";
const LINE_END = "\r\n";

/** Sends messages in the name of one consumer. */
export class Outlet implements Producer {
  readonly #context: AccountContext;
  /** Called when it may go on after it was held up. */
  readonly #resume: () => void;
  readonly #message = new Message();
  #subject = "";
  #subjectChunk: Chunk = EMPTY_CHUNK;
  /** Where the message goes that is being sent. */
  #current: Destination | null = null;

  constructor(context: AccountContext, resume: () => void) {
    this.#context = context;
    this.#resume = resume;
  }

  /**
   * Makes `stored` the message to be sent.
   * @param reply holds the reply subject, from its first byte on
   */
  fill(stored: StoredMessage, reply: Chunk, replySize: number): void {
    const message = this.#message;
    if (stored.subject !== this.#subject) this.#setSubject(stored.subject);
    message.subjectChunk = this.#subjectChunk;
    message.subjectStart = 0;
    message.subjectEnd = this.#subject.length;
    message.replyChunk = reply;
    message.replyStart = 0;
    message.replyEnd = replySize;
    message.chunk = stored.chunk;
    message.bodyStart = stored.bodyStart;
    message.bodyEnd = stored.bodyEnd;
    message.headerSize = stored.headerSize > 0 ? stored.headerSize : -1;
  }

  /** Bytes that count: subject, reply subject, headers and payload. */
  get size(): number {
    const { subjectEnd, replyEnd, bodyStart, bodyEnd } = this.#message;
    return subjectEnd + replyEnd + bodyEnd - bodyStart;
  }

  /** Bytes that count for flow control, which knows the subject of delivery. */
  routedSize({ subject }: Destination): number {
    const { replyEnd, bodyStart, bodyEnd } = this.#message;
    return subject.length + replyEnd + bodyEnd - bodyStart;
  }

  /** Leaves the payload away and tells its size in a header. */
  dropPayload(): void {
    const message = this.#message;
    const size = message.bodyEnd - payloadStart(message);
    this.#setBody(`Nats-Msg-Size: ${size}\r\n`, false);
  }

  /** Adds a line to the header block. */
  addHeader(name: string, value: string): void {
    this.#setBody(`${name}: ${value}\r\n`, true);
  }

  /** Sends what {@link fill} prepared. @returns whether anybody took it */
  send(destination: Destination): boolean {
    const message = this.#message;
    message.route = destination.subject;
    this.#current = destination;
    return dispatchTo(
      destination.listeners,
      destination.account,
      message,
      this,
      this.#context,
    );
  }

  /**
   * Sends a status: a message that is all header.
   * @param block as a byte string, beginning behind `NATS/1.0 `
   * @param reply byte string; empty: none
   */
  sendStatus(destination: Destination, block: string, reply = ""): boolean {
    const message = new Message();
    const body = encodeByteString(`NATS/1.0 ${block}\r\n\r\n`);
    message.chunk = Chunk.of(body);
    message.bodyEnd = body.length;
    message.headerSize = body.length;
    message.subjectChunk = destination.chunk;
    message.subjectEnd = destination.subject.length;
    if (reply !== "") {
      message.replyChunk = Chunk.of(encodeByteString(reply));
      message.replyEnd = reply.length;
    }
    return dispatchTo(
      destination.listeners,
      destination.account,
      message,
      this,
      this.#context,
    );
  }

  /** Sends a message that was made elsewhere. */
  pass(account: Account, message: Message): boolean {
    return dispatch(account, message, this, this.#context);
  }

  /**
   * Notes whether the sole receiver at `destination` is behind. Of several,
   * the slow ones don't hold up the others.
   */
  letCatchUp(destination: Destination): void {
    const { plain, queues } = destination.listeners;
    if (destination.isBehind || plain.length + queues.length !== 1) return;
    const only = plain[0] ?? queues[0]?.[0];
    destination.isBehind =
      only?.receiver.whenCaughtUp?.(this.#goingOn(destination)) ?? false;
  }

  /** A receiver is about to have more than it can hold. */
  throttle(
    _wait: number,
    relieved: (callback: () => void) => () => void,
  ): boolean {
    const destination = this.#current;
    if (destination === null || destination.isBehind) return true;
    destination.isBehind = true;
    relieved(this.#goingOn(destination));
    return true;
  }

  clientInfo(): ClientInfo | null {
    return null;
  }

  measureRoundTrip(): void {
    // There is no way to measure.
  }

  #goingOn(destination: Destination): () => void {
    return destination.caughtUp ??= () => {
      destination.isBehind = false;
      this.#resume();
    };
  }

  #setSubject(subject: string): void {
    if (this.#subjectChunk.size < subject.length) {
      this.#subjectChunk = new Chunk(2 * subject.length);
    }
    writeByteString(this.#subjectChunk.bytes, 0, subject);
    this.#subject = subject;
  }

  /** Gives the message a header block of its own with one more line. */
  #setBody(line: string, withPayload: boolean): void {
    const message = this.#message;
    const present = Math.max(0, message.headerSize - LINE_END.length);
    const payload = payloadStart(message);
    const payloadSize = withPayload ? message.bodyEnd - payload : 0;
    const size = present + VERSION_LINE.length + line.length +
      LINE_END.length + payloadSize;
    // The present block may be in it.
    const chunk = new Chunk(size);
    let at = present > 0
      ? copyChunk(
        chunk,
        0,
        message.chunk,
        message.bodyStart,
        message.bodyStart + present,
      )
      : writeByteString(chunk.bytes, 0, VERSION_LINE);
    at = writeByteString(chunk.bytes, at, line + LINE_END);
    message.headerSize = at;
    message.bodyStart = 0;
    message.bodyEnd = withPayload
      ? copyChunk(chunk, at, message.chunk, payload, message.bodyEnd)
      : at;
    message.chunk = chunk;
  }
}

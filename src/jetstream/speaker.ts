/**
 * JetStream as a member of accounts: what it says in them.
 *
 * @module
 */

import {
  type Account,
  type ClientInfo,
  dispatch,
  type Producer,
} from "../account/mod.ts";
import type { BatchEnd } from "../connection/mod.ts";
import { Chunk, encodeByteString, Message } from "../protocol/mod.ts";
import type { JetStreamContext } from "./context.ts";

/** Something to be said. */
export interface Utterance {
  readonly account: Account;
  /** Byte string. */
  readonly subject: string;
  /** Byte string; empty: none. */
  readonly reply?: string;
  /** Header block, byte string; empty: none. */
  readonly headers?: string;
  readonly body: Uint8Array;
}

/**
 * Publishes without a connection: at once for streams and consumers, which
 * know when, and in order at the end of the batch for everything else, as a
 * message must not be delivered in the middle of another.
 */
export class Speaker implements Producer, BatchEnd {
  readonly #context: JetStreamContext;
  #waiting: Utterance[] = [];

  constructor(context: JetStreamContext) {
    this.#context = context;
  }

  /** Delivers now. @returns whether anybody took it */
  deliver(account: Account, message: Message): boolean {
    return dispatch(account, message, this, this.#context);
  }

  /** Delivers at the end of the batch. */
  say(utterance: Utterance): void {
    if (this.#waiting.length === 0) this.#context.flushQueue.atEnd(this);
    this.#waiting.push(utterance);
  }

  onBatchEnd(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const utterance of waiting) {
      this.deliver(utterance.account, asMessage(utterance));
    }
  }

  /** Whether anybody listens. */
  isHeard({ subscriptions }: Account, subject: string): boolean {
    return !subscriptions.matchSubject(subject).isEmpty;
  }

  throttle(): boolean {
    return false;
  }

  clientInfo(): ClientInfo | null {
    return null;
  }

  measureRoundTrip(): void {
    // There is no way to measure.
  }
}

function asMessage(
  { subject, reply = "", headers = "", body }: Utterance,
): Message {
  const message = new Message();
  message.setSubject(subject);
  if (reply !== "") {
    message.replyChunk = Chunk.of(encodeByteString(reply));
    message.replyEnd = reply.length;
  }
  const bytes = new Uint8Array(headers.length + body.length);
  bytes.set(encodeByteString(headers));
  bytes.set(body, headers.length);
  message.chunk = Chunk.of(bytes);
  message.bodyEnd = bytes.length;
  message.headerSize = headers === "" ? -1 : headers.length;
  return message;
}

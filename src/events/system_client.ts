/**
 * The server as a member of its accounts.
 *
 * @module
 */

import {
  type Account,
  type AccountContext,
  type ClientInfo,
  dispatch,
  type Producer,
  type Receiver,
  Subscription,
} from "../account/mod.ts";
import { Chunk, encodeByteString, Message } from "../protocol/mod.ts";

/** A request or advisory that came in, copied. */
export interface ReceivedMessage {
  /** Byte strings. */
  readonly subject: string;
  readonly reply: string;
  /** The header block; empty when there is none. */
  readonly headers: Uint8Array;
  readonly body: Uint8Array;
  /** Where it entered the account. */
  readonly producer: Producer;
}

/** Does something about a message. */
export type MessageHandler = (message: ReceivedMessage) => void;

/** Something that the server has to say. */
export interface OutgoingMessage {
  readonly account: Account;
  /** Byte string. */
  readonly subject: string;
  /** Byte string; undefined: no answer is wanted. */
  readonly reply?: string;
  /** Header block; undefined: none. */
  readonly headers?: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * Subscribes and publishes without a connection. What it publishes leaves in
 * order at the end of the turn: the server often speaks in the middle of
 * delivering the messages of others.
 */
export class SystemClient implements Receiver, Producer {
  readonly seesImports = false;
  readonly sends = false;
  readonly #context: AccountContext;
  readonly #handlers = new Map<Subscription, {
    readonly account: Account;
    readonly handle: MessageHandler;
  }>();
  #outgoing: OutgoingMessage[] = [];
  #lastSid = 0;

  constructor(context: AccountContext) {
    this.#context = context;
  }

  /**
   * @param subject byte string
   * @returns what ends the subscription
   */
  subscribe(
    account: Account,
    subject: string,
    handle: MessageHandler,
    queue: string | null = null,
  ): () => void {
    const sid = String(++this.#lastSid);
    const subscription = new Subscription(this, subject, queue, sid);
    this.#handlers.set(subscription, { account, handle });
    account.subscriptions.insert(subscription);
    return () => {
      subscription.closed = true;
      this.#handlers.delete(subscription);
      account.subscriptions.remove(subscription);
    };
  }

  deliver(
    subscription: Subscription,
    message: Message,
    producer: Producer,
  ): boolean {
    if (producer === this) return false;
    subscription.delivered++;
    const handler = this.#handlers.get(subscription);
    if (handler === undefined) return false;
    handler.handle(received(message, producer));
    return true;
  }

  /** Whether anybody but the server itself listens. */
  hasListeners(account: Account, subject: string): boolean {
    const { plain, queues } = account.subscriptions.matchSubject(subject);
    return [plain, ...queues].some((listeners) =>
      listeners.some(({ receiver }) => receiver !== this)
    );
  }

  publish(message: OutgoingMessage): void {
    if (this.#outgoing.length === 0) {
      this.#context.timers.soon(() => this.flush());
    }
    this.#outgoing.push(message);
  }

  /** Sends at once what waits. */
  flush(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    for (const message of outgoing) {
      dispatch(message.account, written(message), this, this.#context);
    }
  }

  /** The server says little and waits for nobody. */
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

function received(message: Message, producer: Producer): ReceivedMessage {
  const { chunk, bodyStart, bodyEnd, headerSize } = message;
  const split = bodyStart + Math.max(0, headerSize);
  return {
    subject: message.subject(),
    reply: message.reply(),
    headers: chunk.bytes.slice(bodyStart, split),
    body: chunk.bytes.slice(split, bodyEnd),
    producer,
  };
}

function written(
  { subject, reply, headers, body }: OutgoingMessage,
): Message {
  const message = new Message();
  message.setSubject(subject);
  if (reply !== undefined) {
    message.replyChunk = Chunk.of(encodeByteString(reply));
    message.replyEnd = reply.length;
  }
  const size = headers?.length ?? 0;
  const bytes = new Uint8Array(size + body.length);
  if (headers !== undefined) bytes.set(headers);
  bytes.set(body, size);
  message.chunk = Chunk.of(bytes);
  message.bodyEnd = bytes.length;
  message.headerSize = headers === undefined ? -1 : size;
  return message;
}

/** Text as the bytes of a message. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A header block with one header. */
export function headerBlock(name: string, value: string): Uint8Array {
  return encodeByteString(`NATS/1.0\r\n${name}: ${value}\r\n\r\n`);
}

/**
 * Sends a snapshot in chunks, no more of them at once than are acknowledged.
 *
 * @module
 */

import {
  type Account,
  type Receiver,
  Subscription,
} from "../../account/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import type { JetStreamContext } from "../context.ts";
import type { Speaker } from "../speaker.ts";

/** Bytes. */
const CHUNK_SIZE = { usual: 131_072, least: 1024, most: 1_048_576 };
const WINDOW_SIZE = { usual: 8_388_608, least: 1024, most: 33_554_432 };
/** Milliseconds until somebody must listen, and until a chunk is acknowledged. */
const INTEREST_PATIENCE = 2000;
const FLOW_PATIENCE = 5000;
/** Milliseconds of reading and sending without a rest. */
const SLICE = 3;

/** Where a snapshot goes, and how. */
export interface Delivery {
  readonly account: Account;
  /** Name of the stream. */
  readonly stream: string;
  /** Text. */
  readonly subject: string;
  /** Bytes; 0: the usual. */
  readonly chunkSize: number;
  readonly windowSize: number;
  /** Part of the acknowledgements' subjects that nobody else has. */
  readonly id: string;
}

/** One snapshot on its way. */
export class SnapshotSender implements Receiver {
  readonly seesImports = false;
  readonly sends = false;
  readonly #context: JetStreamContext;
  readonly #speaker: Speaker;
  readonly #account: Account;
  readonly #subject: string;
  readonly #ackSubject: string;
  readonly #chunkSize: number;
  #slots: number;
  #receiver: "unknown" | "listens" | "gone" = "unknown";
  #wake: (() => void) | null = null;
  #index = 0;

  constructor(context: JetStreamContext, speaker: Speaker, delivery: Delivery) {
    this.#context = context;
    this.#speaker = speaker;
    this.#account = delivery.account;
    this.#subject = subjectFromText(delivery.subject);
    this.#ackSubject = `$JS.SNAPSHOT.ACK.${
      subjectFromText(delivery.stream)
    }.${delivery.id}`;
    this.#chunkSize = within(delivery.chunkSize, CHUNK_SIZE);
    const window = within(delivery.windowSize, WINDOW_SIZE);
    this.#slots = Math.max(1, Math.floor(window / this.#chunkSize));
  }

  /** Sends everything. @returns why not; empty: all was sent */
  async send(pieces: Iterable<Uint8Array>): Promise<string> {
    const acks = new Subscription(this, `${this.#ackSubject}.>`, null, "");
    const { subscriptions } = this.#account;
    subscriptions.insert(acks);
    const interest = (listens: boolean) => this.#changed(listens);
    subscriptions.watchInterest(this.#subject, null, interest);
    try {
      const fault = await this.#send(pieces);
      const status = fault === null
        ? this.#index > 0 ? "204" : ""
        : `${fault.code} ${fault.text}`;
      this.#say(new Uint8Array(), "", status);
      return fault?.reason ?? "";
    } finally {
      subscriptions.unwatchInterest(this.#subject, null, interest);
      subscriptions.remove(acks);
    }
  }

  deliver(): boolean {
    this.#slots++;
    this.#wake?.();
    return true;
  }

  async #send(pieces: Iterable<Uint8Array>): Promise<Fault | null> {
    const { clock, flushQueue } = this.#context;
    await this.#awaitInterest();
    const chunks = chunksOf(pieces, this.#chunkSize);
    let begun = clock.monotonic();
    for (;;) {
      const fault = await this.#awaitSlot();
      if (fault !== null) return fault;
      let chunk: Uint8Array | null | undefined;
      try {
        chunk = chunks.next().value;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { code: 500, text: reason, reason };
      }
      if (chunk === undefined) return null;
      if (chunk !== null) {
        if (chunk.length < this.#chunkSize) {
          this.#say(chunk, "");
          return null;
        }
        this.#slots--;
        this.#index++;
        const { length } = chunk;
        this.#say(chunk, `${this.#ackSubject}.${length}.${this.#index}`);
      }
      if (clock.monotonic() - begun < SLICE) continue;
      await new Promise<void>((resolve) => flushQueue.later(resolve));
      begun = clock.monotonic();
    }
  }

  get #isGone(): boolean {
    return this.#receiver === "gone";
  }

  /** Somebody listens to the very subject, or nobody does any more. */
  #changed(listens: boolean): void {
    if (listens) this.#receiver = "listens";
    else if (this.#receiver === "listens") this.#receiver = "gone";
    this.#wake?.();
  }

  /**
   * Gives the receiver some time to begin to listen to the very subject; who
   * listens to many others, too, gets the snapshot thereafter.
   */
  async #awaitInterest(): Promise<void> {
    if (this.#receiver !== "listens") await this.#sleep(INTEREST_PATIENCE);
  }

  async #awaitSlot(): Promise<Fault | null> {
    if (this.#isGone) return NO_INTEREST;
    if (this.#slots > 0) return null;
    await this.#sleep(FLOW_PATIENCE);
    if (this.#isGone) return NO_INTEREST;
    return this.#slots > 0 ? null : NO_FLOW;
  }

  /** Until something happens, for so many milliseconds at the most. */
  async #sleep(patience: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = this.#context.timers.after(patience, resolve);
    await promise;
    timer.cancel();
    this.#wake = null;
  }

  #say(body: Uint8Array, reply: string, status = ""): void {
    this.#speaker.say({
      account: this.#account,
      subject: this.#subject,
      reply,
      headers: status === "" ? "" : `NATS/1.0 ${status}\r\n\r\n`,
      body,
    });
  }
}

/** Why a snapshot was given up. */
interface Fault {
  /** For the receiver. */
  readonly code: number;
  readonly text: string;
  /** For advisories and the log. */
  readonly reason: string;
}

const NO_INTEREST: Fault = {
  code: 408,
  text: "No Interest",
  reason: "no interest",
};
const NO_FLOW: Fault = {
  code: 408,
  text: "No Flow Response",
  reason: "no flow response",
};

function within(
  size: number,
  { usual, least, most }: typeof CHUNK_SIZE,
): number {
  return Math.min(most, Math.max(least, size || usual));
}

/**
 * The same bytes in chunks of one size; only the last may be shorter. Behind
 * each piece, of which it may take many to fill a chunk, null.
 */
function* chunksOf(
  pieces: Iterable<Uint8Array>,
  size: number,
): Generator<Uint8Array | null, undefined> {
  let chunk = new Uint8Array(size);
  let filled = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + size - filled);
      chunk.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < size) continue;
      yield chunk;
      chunk = new Uint8Array(size);
      filled = 0;
    }
    yield null;
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

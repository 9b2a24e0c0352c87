/**
 * A stream that is the same as another, sequences and times included.
 *
 * @module
 */

import type { Message } from "../../protocol/mod.ts";
import type { Stream } from "../stream/stream.ts";
import type { StreamSourceInfo } from "../types/infos.ts";
import type { OriginConsumer } from "./answer.ts";
import { copiedHeaders, withHeaders } from "./copied_message.ts";
import type { Delivery } from "./delivery.ts";
import { type Copy, Link } from "./link.ts";
import type { Origin, StartPoint } from "./origin.ts";

/** Messages that a mirror may lack and still answer for its origin. */
const CAUGHT_UP = 10;

/** Copies one stream. */
export class Mirror implements Copy {
  readonly origin: Origin;
  /** Sequences tell everything. */
  readonly identity = "";
  readonly #stream: Stream;
  readonly #link: Link;
  #isCaughtUp = false;

  constructor(stream: Stream, origin: Origin) {
    this.#stream = stream;
    this.origin = origin;
    this.#link = new Link(stream, this);
  }

  /** Whether it may answer direct requests to its origin. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  open(): void {
    this.#link.open();
  }

  close(): void {
    this.#link.close();
  }

  info(): StreamSourceInfo {
    return this.#link.info();
  }

  start(): StartPoint {
    const { lastSequence } = this.#stream.store;
    if (lastSequence > 0) return { sequence: lastSequence + 1, time: null };
    const { opt_start_seq, opt_start_time } = this.origin.source;
    return opt_start_seq > 0
      ? { sequence: opt_start_seq, time: null }
      : { sequence: 0, time: opt_start_time };
  }

  connected({ delivered }: OriginConsumer): number {
    const { store } = this.#stream;
    const last = store.lastSequence;
    if (delivered <= last) return last;
    // What the origin does not have any more is nothing to wait for.
    if (store.messages === 0) store.compact(delivered + 1);
    else store.skip(delivered - last);
    this.#stream.touch();
    return Math.max(delivered, store.lastSequence);
  }

  recreated(): void {
    // A mirror asks for no identity, so it is told of none.
  }

  take(message: Message, delivery: Delivery, _previous: number): boolean {
    const stream = this.#stream;
    const { streamSequence: sequence, time, pending } = delivery;
    const missing = sequence - stream.store.lastSequence - 1;
    if (missing < 0) return false;
    if (missing > 0) stream.store.skip(missing);
    const subject = this.origin.rename(message.subject());
    const body = message.headerSize > 0
      ? withHeaders(message, copiedHeaders(message))
      : message;
    const { refusal } = stream.ingest.store(subject, body, { sequence, time });
    if (refusal !== null) {
      const { host, name } = stream;
      host.logger.warn(
        `Error processing inbound mirror message for '${host.account.name}' > '${name}': ${refusal.message}`,
      );
      return false;
    }
    if (!this.#isCaughtUp && pending < CAUGHT_UP) {
      this.#isCaughtUp = true;
      stream.adjustDoors();
    }
    return true;
  }
}

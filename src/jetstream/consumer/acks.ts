/**
 * Takes acknowledgements.
 *
 * @module
 */

import {
  type Account,
  type Receiver,
  Subscription,
} from "../../account/mod.ts";
import { DurationError, parseDuration } from "../../config/mod.ts";
import { decodeByteString, type Message } from "../../protocol/mod.ts";
import { duration } from "../json/kind.ts";
import { readLeniently } from "../json/read.ts";
import { JsonError } from "../json/reading.ts";
import { omit, struct, type StructKind } from "../json/struct.ts";
import { AckReference } from "./ack_subject.ts";
import { ACK_VERB_SIZE, AckVerb, ackVerb, payloadStart } from "./ack_verb.ts";
import { ReplyList } from "./reply_list.ts";
import { AckOutcome, type DeliveryState, NO_SLOT } from "./state/mod.ts";
import type { Telling } from "./telling.ts";

const NANOS_PER_MILLI = 1_000_000;

const NAK_OPTIONS: StructKind<{ delay: number }> = struct(
  "ConsumerNakOptions",
  { delay: omit(duration) },
);

/** What acknowledging needs of the consumer. */
export interface AckOwner {
  readonly state: DeliveryState;
  readonly telling: Telling;
  /** Whether the stream wants to know what is acknowledged. */
  readonly reports: boolean;
  /** Wall clock, milliseconds. */
  wallNow(): number;
  /** Something has come, whatever it says. */
  touched(): void;
  /** The state has changed, by a delivery or a delay of one. */
  deliveredNow(wall: number): void;
  /** The state has changed by an acknowledgement. */
  acknowledgedNow(): void;
  ready(): void;
  rearm(): void;
  /** What an acknowledgement has settled is to be removed step by step. */
  settle(): void;
  /** The stream may let go of a message. */
  report(sequence: number): void;
  /** Takes a request that came with an acknowledgement. */
  request(reply: string, payload: Uint8Array): void;
}

/** What the subjects of a consumer begin with, byte strings. */
export interface AckPrefixes {
  readonly short: string;
  readonly long: string;
}

/** Subscribed to all subjects under which deliveries are acknowledged. */
export class AckDesk implements Receiver {
  readonly seesImports = false;
  readonly sends = false;
  /** Acknowledgements that are to be acknowledged. */
  readonly replies: ReplyList = new ReplyList();
  readonly #owner: AckOwner;
  readonly #short: Subscription;
  readonly #long: Subscription;
  readonly #shortPrefix: number;
  readonly #longPrefix: number;
  readonly #reference = new AckReference();
  readonly #acknowledged: number[] = [];

  constructor(owner: AckOwner, { short, long }: AckPrefixes) {
    this.#owner = owner;
    this.#shortPrefix = short.length;
    this.#longPrefix = long.length;
    const rest = "*.*.*.*.";
    this.#short = new Subscription(this, `${short}${rest}*`, null, "1");
    this.#long = new Subscription(this, `${long}${rest}>`, null, "2");
  }

  open({ subscriptions }: Account): void {
    subscriptions.insert(this.#short);
    subscriptions.insert(this.#long);
  }

  close({ subscriptions }: Account): void {
    subscriptions.removeBatch([this.#short, this.#long]);
  }

  deliver(subscription: Subscription, message: Message): boolean {
    const reference = this.#reference;
    const long = subscription === this.#long;
    const prefix = long ? this.#longPrefix : this.#shortPrefix;
    if (!reference.read(message, prefix, long)) return false;
    const owner = this.#owner;
    owner.touched();
    if (this.#handle(reference, message) && message.hasReply) {
      this.replies.add(message);
      owner.ready();
    }
    return true;
  }

  /** Everything up to here is acknowledged, by an answer to flow control. */
  acknowledgeUpTo(streamSequence: number, consumerSequence: number): void {
    const reference = this.#reference;
    reference.streamSequence = streamSequence;
    reference.consumerSequence = consumerSequence;
    reference.deliveries = 1;
    this.#acknowledge(reference, false);
  }

  /** @returns whether to acknowledge the acknowledgement */
  #handle(reference: AckReference, message: Message): boolean {
    const known = reference.streamSequence > 0;
    const verb = ackVerb(message);
    switch (verb) {
      case AckVerb.ack:
        return this.#acknowledge(reference, true);
      case AckVerb.next: {
        this.#acknowledge(reference, true);
        const { chunk: { bytes }, bodyEnd } = message;
        const start = payloadStart(message) + ACK_VERB_SIZE[verb];
        const payload = bytes.slice(start, bodyEnd);
        if (message.hasReply) this.#owner.request(message.reply(), payload);
        return false;
      }
      case AckVerb.nak:
        this.#refuse(reference, argument(message, verb));
        return known;
      case AckVerb.progress:
        this.#prolong(reference);
        return known;
      case AckVerb.term: {
        const accepted = this.#acknowledge(reference, false);
        this.#owner.telling.terminated(reference, argument(message, verb));
        return accepted;
      }
      default:
        return known;
    }
  }

  #acknowledge(reference: AckReference, sampled: boolean): boolean {
    const owner = this.#owner;
    const { state } = owner;
    const { streamSequence, consumerSequence } = reference;
    if (sampled && state.policy.ack === "explicit") {
      const slot = state.pending.find(streamSequence);
      if (slot !== NO_SLOT) {
        owner.telling.sample(reference, state.pending.time(slot));
      }
    }
    const acknowledged = this.#acknowledged;
    const { stalled } = state;
    const outcome = state.acknowledge(
      streamSequence,
      consumerSequence,
      owner.reports ? acknowledged : null,
    );
    if (outcome === AckOutcome.ignored) {
      owner.telling.beyond(streamSequence);
      return false;
    }
    if (outcome === AckOutcome.repeated) return true;
    owner.acknowledgedNow();
    for (let i = 0; i < acknowledged.length; i++) {
      owner.report(acknowledged[i] as number);
    }
    acknowledged.length = 0;
    if (state.isSettling) owner.settle();
    if (stalled) owner.ready();
    return true;
  }

  #refuse(reference: AckReference, text: string): void {
    const owner = this.#owner;
    const { state } = owner;
    const slot = state.refusable(
      reference.streamSequence,
      reference.consumerSequence,
    );
    if (slot === NO_SLOT) return;
    owner.telling.refused(reference);
    const delay = text === "" ? null : readDelay(text);
    if (delay === undefined) owner.telling.badDelay(text);
    if (typeof delay !== "number") {
      state.requeue(slot);
      owner.ready();
      return;
    }
    const now = owner.wallNow();
    state.postpone(slot, now, delay);
    owner.deliveredNow(now);
    owner.rearm();
  }

  #prolong({ streamSequence }: AckReference): void {
    const owner = this.#owner;
    const now = owner.wallNow();
    if (owner.state.prolong(streamSequence, now)) owner.deliveredNow(now);
  }
}

/** What follows the verb, as a byte string. */
function argument(message: Message, verb: AckVerb): string {
  const start = payloadStart(message) + ACK_VERB_SIZE[verb];
  const { chunk, bodyEnd } = message;
  return start === bodyEnd
    ? ""
    : decodeByteString(chunk.bytes, start, bodyEnd).trim();
}

/** Milliseconds; undefined when it is no delay. */
function readDelay(text: string): number | undefined {
  try {
    if (!text.startsWith("{")) return parseDuration(text);
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    return readLeniently(NAK_OPTIONS, bytes).delay / NANOS_PER_MILLI;
  } catch (error) {
    if (error instanceof JsonError || error instanceof DurationError) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Which message a consumer delivers next.
 *
 * @module
 */

import type { MessageReader, StoredMessage } from "../../store/mod.ts";
import type { SubjectFilter } from "../../subject/mod.ts";
import { type DeliveryState, type LastMessages, NO_SLOT } from "./state/mod.ts";

/** What there is to deliver. */
export const Ahead = {
  message: 0,
  /** Everything has been delivered. */
  end: 1,
  /** No more until something is acknowledged. */
  stalled: 2,
  /** What comes next is not safe yet. */
  unsettled: 3,
  /** It takes longer to find out. */
  later: 4,
} as const;

/** A value of `Ahead`. */
export type Ahead = typeof Ahead[keyof typeof Ahead];

/** What may be passed over in one look. */
const PASSED_MAX = 4;

/** The part of a stream that is read. */
export interface ReadStream {
  readonly store: MessageReader;
  readonly settledSequence: number;
}

/**
 * Redeliveries come first, then the last messages of all subjects if the
 * consumer began with these, then the stream in its order.
 */
export class Cursor {
  filter: SubjectFilter;
  /** What {@link look} found; valid until the store is called again. */
  message: StoredMessage | null = null;
  /** How often the message has been delivered when this delivery is done. */
  deliveries = 1;
  readonly #stream: ReadStream;
  readonly #state: DeliveryState;
  #lasts: LastMessages | null = null;
  #lastsDone = 0;
  #slot = NO_SLOT;

  constructor(
    stream: ReadStream,
    state: DeliveryState,
    filter: SubjectFilter,
  ) {
    this.#stream = stream;
    this.#state = state;
    this.filter = filter;
  }

  /** Begins with these messages. */
  beginWith(lasts: LastMessages | null): void {
    this.#lasts = lasts;
    this.#lastsDone = 0;
  }

  /**
   * Looks for the next message without moving on.
   * @param vanished told of messages that were due again, but are no more
   */
  look(vanished: (sequence: number) => void): Ahead {
    const state = this.#state;
    for (let passed = 0; state.queue.count > 0; passed++) {
      if (passed === PASSED_MAX) return Ahead.later;
      const slot = state.nextRedelivery();
      if (slot === NO_SLOT) continue;
      const sequence = state.pending.sequence(slot);
      this.message = this.#stream.store.load(sequence);
      if (this.message !== null) {
        this.#slot = slot;
        this.deliveries = state.deliveries(sequence) + 1;
        return Ahead.message;
      }
      vanished(sequence);
    }
    if (state.stalled) return Ahead.stalled;
    this.#slot = NO_SLOT;
    this.deliveries = 1;
    return this.#lasts === null ? this.#lookOn() : this.#lookAtLasts();
  }

  /** Nobody took the message: it is the next one, and nothing is in front of it. */
  stay(sequence: number): void {
    if (this.#slot === NO_SLOT && this.#lasts === null) {
      this.#state.next = sequence;
    }
  }

  /** Moves behind the message. @returns the consumer sequence of its delivery */
  advance(sequence: number, now: number): number {
    const state = this.#state;
    if (this.#slot !== NO_SLOT) return state.redeliver(this.#slot, now);
    const consumerSequence = state.deliver(sequence, now);
    state.next = sequence + 1;
    if (this.#lasts !== null) {
      this.#lastsDone++;
      this.#endLasts(this.#lasts);
    }
    return consumerSequence;
  }

  #lookOn(): Ahead {
    const { store, settledSequence } = this.#stream;
    const state = this.#state;
    if (state.next > store.lastSequence) return Ahead.end;
    this.message = store.loadNext(this.filter, state.next);
    if (this.message === null) {
      state.next = Math.max(state.next, store.lastSequence + 1);
      return Ahead.end;
    }
    return this.message.sequence > settledSequence
      ? Ahead.unsettled
      : Ahead.message;
  }

  #lookAtLasts(): Ahead {
    const lasts = this.#lasts as LastMessages;
    const { sequences } = lasts;
    for (; this.#lastsDone < sequences.length; this.#lastsDone++) {
      const sequence = sequences[this.#lastsDone] as number;
      this.message = this.#stream.store.load(sequence);
      if (this.message === null) continue;
      return sequence > this.#stream.settledSequence
        ? Ahead.unsettled
        : Ahead.message;
    }
    this.#endLasts(lasts);
    return this.#lookOn();
  }

  #endLasts({ sequences, resume }: LastMessages): void {
    if (this.#lastsDone < sequences.length) return;
    this.#lasts = null;
    this.#state.next = Math.max(this.#state.next, resume + 1);
  }
}

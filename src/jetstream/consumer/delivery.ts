/**
 * The way of a message from the store to whom it is for.
 *
 * @module
 */

import type { MessageReader, StoredMessage } from "../../store/mod.ts";
import type { AckSubjectWriter } from "./ack_subject.ts";
import { Ahead, type Cursor } from "./cursor.ts";
import type { Destination } from "./destination.ts";
import { Halt, type Mode, type ModeOwner } from "./mode.ts";
import { PullMode } from "./pull_mode.ts";
import type { Replay } from "./replay.ts";

/** What delivering needs of the consumer. */
export interface DeliveryOwner extends ModeOwner {
  readonly store: MessageReader;
  readonly cursor: Cursor;
  readonly mode: Mode;
  /** Whether the stream wants to know what is delivered for good. */
  readonly reports: boolean;
  /** Wall clock, milliseconds. */
  wallNow(): number;
  isPaused(wall: number): boolean;
  /** A message that was to be delivered again is gone. */
  vanished(sequence: number): void;
  tellExceeded(): void;
  /** @param wall milliseconds */
  deliveredNow(wall: number): void;
  report(sequence: number): void;
}

/** Delivers for one consumer. Times are monotonic milliseconds. */
export class Delivery {
  /** When it may go on after a delay; Infinity: there is none. */
  resumeAt = Infinity;
  replay: Replay | null = null;
  readonly #owner: DeliveryOwner;
  readonly #subjects: AckSubjectWriter;
  readonly #vanished: (sequence: number) => void;

  constructor(owner: DeliveryOwner, subjects: AckSubjectWriter) {
    this.#owner = owner;
    this.#subjects = subjects;
    this.#vanished = (sequence) => owner.vanished(sequence);
  }

  /**
   * Delivers up to `quantum` messages.
   * @returns why it stopped; null when it only did its share
   */
  run(quantum: number, now: number): Halt | null {
    const owner = this.#owner;
    const wall = owner.wallNow();
    const before = owner.state.deliveredConsumer;
    try {
      for (let left = quantum; left > 0; left--) {
        const halt = this.#next(now, wall);
        if (halt === null) continue;
        this.#endReplay();
        return halt;
      }
      return null;
    } finally {
      if (owner.state.deliveredConsumer !== before) owner.deliveredNow(wall);
    }
  }

  #next(now: number, wall: number): Halt | null {
    const owner = this.#owner;
    const { cursor, mode } = owner;
    if (!mode.isReady || owner.isPaused(wall)) return Halt.idle;
    const ahead = cursor.look(this.#vanished);
    if (owner.state.exceeded.length > 0) owner.tellExceeded();
    switch (ahead) {
      case Ahead.end:
        owner.backlog.exhausted(owner.store.lastSequence);
        return Halt.idle;
      case Ahead.stalled:
        return Halt.stalled;
      case Ahead.unsettled:
        return Halt.soon;
      case Ahead.later:
        return null;
    }
    const { message } = cursor;
    return message === null ? Halt.idle : this.#deliver(message, now, wall);
  }

  #deliver(stored: StoredMessage, now: number, wall: number): Halt | null {
    const owner = this.#owner;
    const { state, cursor, backlog, outlet, mode } = owner;
    const { sequence } = stored;
    const { deliveries } = cursor;
    if (deliveries === 1) backlog.passed();
    const replySize = this.#subjects.write(
      deliveries,
      sequence,
      state.deliveredConsumer + 1,
      stored.timeHigh,
      stored.timeLow,
      backlog.count,
    );
    outlet.fill(stored, this.#subjects.chunk, replySize);
    if (owner.config.headers_only) outlet.dropPayload();
    const { size } = outlet;
    const delay = this.replay === null && owner.config.rate_limit_bps === 0
      ? 0
      : this.#delay(size, stored.time, now);
    const destination = delay > 0 ? null : mode.claim(size, now);
    if (destination === null) {
      if (deliveries === 1) backlog.returned(1);
      cursor.stay(sequence);
      if (delay > 0) return Halt.soon;
      if (mode.hasEnded) return null;
      return mode.isHeldUp ? Halt.soon : Halt.idle;
    }
    cursor.advance(sequence, wall);
    this.replay?.sent(stored.time, now);
    this.#send(destination, sequence, now);
    return null;
  }

  #send(destination: Destination, sequence: number, now: number): void {
    const owner = this.#owner;
    const { outlet, mode, config } = owner;
    if (
      mode instanceof PullMode && config.priority_policy === "pinned_client"
    ) {
      outlet.addHeader("Nats-Pin-Id", mode.pins.current);
    }
    if (outlet.send(destination)) mode.sent(destination, now);
    else {
      owner.state.undo(sequence, mode instanceof PullMode);
      mode.failed(destination, now);
    }
    outlet.letCatchUp(destination);
    if (owner.reports && config.ack_policy === "none") owner.report(sequence);
  }

  /** Milliseconds to wait; notes when to go on. */
  #delay(size: number, stored: bigint, now: number): number {
    const delay = Math.max(
      this.#owner.mode.delay(size, now),
      this.replay?.delay(stored, now) ?? 0,
    );
    if (delay > 0) this.resumeAt = now + delay;
    return delay;
  }

  /** What was there at the beginning is delivered: no more delays. */
  #endReplay(): void {
    const { replay } = this;
    if (replay !== null && this.#owner.state.next > replay.until) {
      this.replay = null;
    }
  }
}

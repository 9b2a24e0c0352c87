/**
 * How far a consumer has come: what it delivered, what waits for
 * acknowledgement, what is to be delivered again.
 *
 * A state machine without I/O and without a clock: times are milliseconds
 * since the Unix epoch that the caller gives. What there is to tell and to
 * remove comes back as results.
 *
 * @module
 */

import type { Work } from "../../../connection/mod.ts";
import {
  AckOutcome,
  type DeliveryPolicy,
  type ExceededDelivery,
} from "./delivery_policy.ts";
import { NO_SLOT, PendingTable } from "./pending_table.ts";
import { RedeliveryQueue } from "./redelivery_queue.ts";
import { SplitMap } from "./split_map.ts";

/** Bursts of deliveries share one look at what is overdue. */
const GRACE = 1;
/** Messages that are looked at between two rests. */
const STEP = 1024;
/** The same where they are looked up in the stream. */
const LOOKUP_STEP = 32;
/** Messages that one acknowledgement settles at once, and that are given up at once. */
const SETTLED_AT_ONCE = 1024;
const GIVEN_UP_AT_ONCE = 16;

/** Belongs to one consumer. */
export class DeliveryState {
  policy: DeliveryPolicy;
  /** Next stream sequence to look at. */
  next = 1;
  /** Last delivery. */
  deliveredConsumer = 0;
  deliveredStream = 0;
  /** Everything up to here is acknowledged or given up. */
  ackFloorConsumer = 0;
  ackFloorStream = 0;
  /**
   * The same as it is shown and kept: a message that is given up holds it back
   * until everything behind it is acknowledged.
   */
  shownFloorConsumer = 0;
  shownFloorStream = 0;
  readonly pending: PendingTable = new PendingTable();
  readonly queue: RedeliveryQueue = new RedeliveryQueue(this.pending);
  /**
   * Redeliveries by stream sequence, also of messages that were given up, for
   * as long as the stream has them.
   */
  readonly redelivered: SplitMap = new SplitMap();
  /** When to begin {@link expiring}; Infinity: not at all. */
  checkAt = Infinity;
  /** Whether that is under way. */
  isExpiring = false;
  /** Messages given up since the caller last emptied it. */
  readonly exceeded: ExceededDelivery[] = [];
  /** What is in {@link pending} up to here is acknowledged all the same; 0: nothing is. */
  #settledStream = 0;
  /** Whether all that is pending is to be delivered again. */
  #isAllDue = false;

  constructor(policy: DeliveryPolicy) {
    this.policy = policy;
  }

  /** Whether no further message may be delivered for the first time. */
  get stalled(): boolean {
    const { maxAckPending } = this.policy;
    return maxAckPending > 0 && this.pending.count >= maxAckPending;
  }

  /** Whether {@link settling} is due. */
  get isSettling(): boolean {
    return this.#settledStream > 0;
  }

  /** Begins, or begins again, at a stream sequence. */
  startAt(sequence: number): void {
    this.#settledStream = 0;
    this.#isAllDue = false;
    this.pending.clear();
    this.queue.clear();
    this.redelivered.clear();
    this.checkAt = Infinity;
    this.next = sequence;
    this.deliveredConsumer = 0;
    this.ackFloorConsumer = 0;
    this.deliveredStream = this.ackFloorStream = sequence - 1;
    this.showFloor();
  }

  /** The floor as it is, is to be shown. */
  showFloor(): void {
    this.shownFloorConsumer = this.ackFloorConsumer;
    this.shownFloorStream = this.ackFloorStream;
  }

  /** A message goes out for the first time. @returns its consumer sequence */
  deliver(sequence: number, now: number): number {
    const consumerSequence = ++this.deliveredConsumer;
    this.deliveredStream = sequence;
    if (this.policy.ack === "none") {
      this.#levelFloor();
      this.showFloor();
      return consumerSequence;
    }
    this.pending.add(sequence, consumerSequence, now);
    this.#checkBy(now + this.#patience(0) + GRACE);
    return consumerSequence;
  }

  /** Whether a message is acknowledged, even if it is in {@link pending}. */
  isSettled(sequence: number): boolean {
    return sequence <= this.#settledStream;
  }

  /** The slot of a message that waits for its acknowledgement, or `NO_SLOT`. */
  find(sequence: number): number {
    return this.isSettled(sequence) ? NO_SLOT : this.pending.find(sequence);
  }

  /**
   * The slot that is to be delivered again next, or `NO_SLOT`. Gives up those
   * that were delivered often enough: if they are many, only some of them, and
   * the queue is not empty then.
   */
  nextRedelivery(): number {
    const { maxDeliver } = this.policy;
    for (let left = GIVEN_UP_AT_ONCE; left > 0; left--) {
      const slot = this.queue.peek();
      if (slot === NO_SLOT) return slot;
      const sequence = this.pending.sequence(slot);
      const deliveries = this.deliveries(sequence);
      if (this.isSettled(sequence)) this.queue.leave(slot);
      else if (maxDeliver === 0 || deliveries < maxDeliver) return slot;
      else this.#giveUp(slot, deliveries);
    }
    return NO_SLOT;
  }

  /** How often a pending message was delivered. */
  deliveries(sequence: number): number {
    return this.redelivered.size === 0
      ? 1
      : (this.redelivered.get(sequence) ?? 0) + 1;
  }

  /** A message goes out again. @returns the consumer sequence of this delivery */
  redeliver(slot: number, now: number): number {
    const sequence = this.pending.sequence(slot);
    const redeliveries = this.deliveries(sequence);
    this.queue.leave(slot);
    this.pending.setTime(slot, now);
    this.redelivered.set(sequence, redeliveries);
    this.#checkBy(now + this.#patience(redeliveries) + GRACE);
    return ++this.deliveredConsumer;
  }

  /**
   * A delivery has reached nobody and does not count.
   * @param again whether to deliver it again as soon as possible
   */
  undo(sequence: number, again: boolean): void {
    const redeliveries = this.redelivered.get(sequence) ?? 0;
    if (redeliveries > 1) this.redelivered.set(sequence, redeliveries - 1);
    else this.redelivered.delete(sequence);
    const slot = this.find(sequence);
    if (again && slot !== NO_SLOT) this.requeue(slot);
  }

  /**
   * A message, or with policy `all` everything up to it, is acknowledged.
   * @param acknowledged is given the stream sequences that this settles, but for
   *   those that {@link settling} tells of
   */
  acknowledge(
    sequence: number,
    consumerSequence: number,
    acknowledged: number[] | null,
  ): AckOutcome {
    const { ack } = this.policy;
    if (ack === "none") return AckOutcome.ignored;
    if (sequence >= this.next && ack !== "flow_control") {
      return AckOutcome.ignored;
    }
    if (ack === "explicit") {
      this.#settle(sequence);
      acknowledged?.push(sequence);
      return AckOutcome.accepted;
    }
    if (
      consumerSequence <= this.ackFloorConsumer ||
      sequence <= this.ackFloorStream
    ) return AckOutcome.repeated;
    const known = this.find(sequence) !== NO_SLOT;
    this.#settleUpTo(sequence, acknowledged);
    this.ackFloorConsumer = consumerSequence;
    this.ackFloorStream = sequence;
    if (known) this.showFloor();
    return AckOutcome.accepted;
  }

  /** The slot of a message that may be refused; else `NO_SLOT`. */
  refusable(sequence: number, consumerSequence: number): number {
    return consumerSequence <= this.ackFloorConsumer ||
        consumerSequence > this.deliveredConsumer + 1
      ? NO_SLOT
      : this.find(sequence);
  }

  /** Delivers a message again as soon as possible. */
  requeue(slot: number): void {
    if (!this.queue.has(slot)) this.queue.push(slot);
  }

  /** Delivers a message again in `delay` milliseconds. */
  postpone(slot: number, now: number, delay: number): void {
    this.queue.leave(slot);
    this.pending.setTime(slot, now - this.policy.ackWait + delay);
    if (this.checkAt !== Infinity || this.isExpiring) this.checkAt = now + 10;
  }

  /** Work on a message goes on. @returns whether it was pending */
  prolong(sequence: number, now: number): boolean {
    const slot = this.find(sequence);
    if (slot === NO_SLOT) return false;
    this.pending.setTime(slot, now);
    return true;
  }

  /**
   * Queues what was not acknowledged in time, step by step, and sets
   * {@link checkAt}.
   * @param first first sequence of the stream: what is below is gone
   * @returns whether anything was queued
   */
  *expiring(now: number, first: number): Work<boolean> {
    const isAllDue = this.#isAllDue;
    this.#isAllDue = false;
    this.checkAt = Infinity;
    if (this.policy.ackWait === 0 || this.pending.count === 0) return false;
    this.isExpiring = true;
    try {
      yield* this.#droppingGone(first);
      return yield* this.#queueing(now, isAllDue);
    } finally {
      this.isExpiring = false;
    }
  }

  *#queueing(now: number, isAllDue: boolean): Work<boolean> {
    const { pending, policy: { ackWait, backoff } } = this;
    let wait = (backoff.at(-1) ?? ackWait) + GRACE;
    let shift = 0;
    let queued = false;
    let looks = 0;
    for (const slot of pending.walk()) {
      const sequence = pending.sequence(slot);
      const redeliveries = this.deliveries(sequence) - 1;
      const time = pending.time(slot);
      const left = time + this.#patience(redeliveries) - now;
      if (left > 0 && !isAllDue) wait = Math.min(wait, left);
      else {
        wait = Math.min(wait, this.#patience(redeliveries + 1));
        if (!this.queue.has(slot) && !this.#isSpent(slot, sequence)) {
          if (shift === 0) shift = now - time;
          this.queue.push(slot);
          queued = true;
          // They keep their distances, so that they come again in this order.
          pending.setTime(slot, isAllDue ? now : time + shift);
        }
      }
      if (++looks % STEP === 0) yield;
    }
    if (pending.count > 0) {
      // Long tables are not gone through all the time.
      const next = now + Math.max(wait, pending.count / 10_000);
      this.checkAt = Math.min(this.checkAt, next);
    }
    return queued;
  }

  /** The next {@link expiring} has everything delivered once more. */
  expireAll(): void {
    if (this.pending.count === 0) return;
    this.#isAllDue = true;
    this.checkAt = 0;
  }

  /** A message has left the stream. @returns whether it was pending */
  forget(sequence: number): boolean {
    const slot = this.find(sequence);
    this.redelivered.delete(sequence);
    if (slot === NO_SLOT) return false;
    this.#take(slot, true);
    return true;
  }

  /**
   * Everything below `first` has left the stream, and of the rest what
   * `remains` does not know; step by step.
   * @returns whether anything of it was pending
   */
  *purging(
    first: number,
    remains: ((sequence: number) => boolean) | null,
  ): Work<boolean> {
    let removed = false;
    this.next = Math.max(this.next, first);
    if (this.ackFloorStream < first) {
      this.ackFloorStream = first - 1;
      const { pending } = this;
      const step = remains === null ? STEP : LOOKUP_STEP;
      let looks = 0;
      for (const slot of pending.walk()) {
        const sequence = pending.sequence(slot);
        if (sequence >= first && remains === null) break;
        if (sequence < first || remains?.(sequence) === false) {
          this.#raise(slot);
          this.redelivered.delete(sequence);
          removed = true;
        }
        if (++looks % step === 0) yield;
      }
    }
    this.deliveredStream = Math.max(this.deliveredStream, this.next - 1);
    if (this.pending.count === 0) {
      this.redelivered.clear();
      this.#levelFloor();
    }
    this.showFloor();
    return removed;
  }

  /** Whether the consumer is not done with a message that its filters match. */
  needs(sequence: number): boolean {
    if (this.redelivered.has(sequence)) return true;
    if (sequence <= this.ackFloorStream) return false;
    return this.policy.ack !== "explicit" || sequence >= this.next ||
      this.pending.find(sequence) !== NO_SLOT;
  }

  /** When the last of what is pending is overdue; 0 when nothing is. */
  *lastDeadline(): Work<number> {
    let last = 0;
    let looks = 0;
    const { pending } = this;
    for (const slot of pending.walk()) {
      const redeliveries = this.deliveries(pending.sequence(slot)) - 1;
      const wait = this.#patience(redeliveries) + GRACE;
      last = Math.max(last, pending.time(slot) + wait);
      if (++looks % STEP === 0) yield;
    }
    return last;
  }

  /** Milliseconds to wait for the acknowledgement of a delivery. */
  #patience(redeliveries: number): number {
    const { backoff, ackWait } = this.policy;
    return backoff.length === 0
      ? ackWait
      : backoff[Math.min(redeliveries, backoff.length - 1)] as number;
  }

  #checkBy(time: number): void {
    if (time < this.checkAt && this.policy.ackWait > 0) this.checkAt = time;
  }

  /** Gives up what must not be delivered again. @returns whether it must not */
  #isSpent(slot: number, sequence: number): boolean {
    if (this.isSettled(sequence)) return true;
    const { maxDeliver } = this.policy;
    if (maxDeliver === 0) return false;
    const redeliveries = this.redelivered.get(sequence) ?? 0;
    // One delivery counts as much as two here. So with a limit of more than one
    // the last is known as such only when its message is due once more.
    if (Math.max(1, redeliveries) < maxDeliver) return false;
    this.#giveUp(slot, redeliveries + 1);
    return true;
  }

  #giveUp(slot: number, deliveries: number): void {
    const sequence = this.pending.sequence(slot);
    this.redelivered.set(sequence, deliveries);
    this.#take(slot, false);
    this.exceeded.push({ sequence, deliveries });
  }

  #settle(sequence: number): void {
    if (this.redelivered.size > 0) this.redelivered.delete(sequence);
    const slot = this.pending.find(sequence);
    if (slot !== NO_SLOT) this.#take(slot, true);
  }

  #settleUpTo(sequence: number, acknowledged: number[] | null): void {
    acknowledged?.push(sequence);
    for (let left = SETTLED_AT_ONCE; left > 0; left--) {
      const each = this.#settleFirst(sequence);
      if (each === 0) return;
      if (each !== sequence) acknowledged?.push(each);
    }
    this.#settledStream = sequence;
  }

  /**
   * Removes what an acknowledgement has settled and is still pending, step by
   * step. @param settled told of each message
   */
  *settling(settled: (sequence: number) => void): Work<void> {
    for (let steps = 1;; steps++) {
      const each = this.#settleFirst(this.#settledStream);
      if (each === 0) break;
      settled(each);
      if (steps % STEP === 0) yield;
    }
    this.#settledStream = 0;
  }

  /** @returns the lowest message up to `last` that was pending; 0: there was none */
  #settleFirst(last: number): number {
    const { pending } = this;
    const slot = pending.first;
    if (slot === NO_SLOT) return 0;
    const sequence = pending.sequence(slot);
    if (sequence > last) return 0;
    if (this.redelivered.size > 0) this.redelivered.delete(sequence);
    this.queue.leave(slot);
    pending.remove(slot);
    return sequence;
  }

  /** Removes a row and moves the floors that stood before it. */
  #take(slot: number, acknowledged: boolean): void {
    const { pending } = this;
    let stream = pending.sequence(slot);
    const taken = pending.consumerSequence(slot);
    let consumer = taken;
    const following = pending.after(slot);
    this.queue.leave(slot);
    pending.remove(slot);
    if (pending.count === 0) {
      this.#levelFloor();
      if (acknowledged) this.showFloor();
      return;
    }
    if (following !== NO_SLOT) {
      stream = pending.sequence(following) - 1;
      consumer = pending.consumerSequence(following) - 1;
    }
    if (taken === this.ackFloorConsumer + 1) {
      this.ackFloorConsumer = consumer;
      this.ackFloorStream = stream;
    }
    if (acknowledged && taken === this.shownFloorConsumer + 1) {
      this.shownFloorConsumer = consumer;
      this.shownFloorStream = stream;
    }
  }

  /** Nothing is pending: the floor is where deliveries are. */
  #levelFloor(): void {
    this.ackFloorConsumer = this.deliveredConsumer;
    this.ackFloorStream = this.deliveredStream;
  }

  /** Removes a row whose message is gone; it counts as acknowledged. */
  #raise(slot: number): void {
    this.ackFloorConsumer = Math.max(
      this.ackFloorConsumer,
      this.pending.consumerSequence(slot),
    );
    this.queue.leave(slot);
    this.pending.remove(slot);
  }

  *#droppingGone(first: number): Work<void> {
    const { pending } = this;
    let dropped = 0;
    for (let slot = pending.first; slot !== NO_SLOT; slot = pending.first) {
      // Whoever settles has to tell of it.
      if (this.isSettling) break;
      const sequence = pending.sequence(slot);
      if (sequence >= first && sequence > this.ackFloorStream) break;
      this.ackFloorStream = Math.max(this.ackFloorStream, sequence);
      this.redelivered.delete(sequence);
      this.#raise(slot);
      if (++dropped % STEP === 0) yield;
    }
    if (dropped > 0) {
      this.deliveredStream = Math.max(this.deliveredStream, this.next - 1);
      if (pending.count === 0) this.#levelFloor();
      this.showFloor();
    }
  }
}

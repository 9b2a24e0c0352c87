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

  constructor(policy: DeliveryPolicy) {
    this.policy = policy;
  }

  /** Whether no further message may be delivered for the first time. */
  get stalled(): boolean {
    const { maxAckPending } = this.policy;
    return maxAckPending > 0 && this.pending.count >= maxAckPending;
  }

  /** Begins, or begins again, at a stream sequence. */
  startAt(sequence: number): void {
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

  /**
   * The slot that is to be delivered again next, or `NO_SLOT`. Gives up those
   * that were delivered often enough.
   */
  nextRedelivery(): number {
    for (;;) {
      const slot = this.queue.peek();
      if (slot === NO_SLOT) return slot;
      const { maxDeliver } = this.policy;
      const deliveries = this.deliveries(this.pending.sequence(slot));
      if (maxDeliver === 0 || deliveries < maxDeliver) return slot;
      this.#giveUp(slot, deliveries);
    }
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
    const slot = this.pending.find(sequence);
    if (again && slot !== NO_SLOT) this.requeue(slot);
  }

  /**
   * A message, or with policy `all` everything up to it, is acknowledged.
   * @param acknowledged is given the stream sequences that this settles
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
    const known = this.pending.find(sequence) !== NO_SLOT;
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
      : this.pending.find(sequence);
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
    const slot = this.pending.find(sequence);
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
    this.checkAt = Infinity;
    if (this.policy.ackWait === 0 || this.pending.count === 0) return false;
    this.isExpiring = true;
    try {
      yield* this.#droppingGone(first);
      return yield* this.#queueing(now);
    } finally {
      this.isExpiring = false;
    }
  }

  *#queueing(now: number): Work<boolean> {
    const { pending, policy: { ackWait, backoff } } = this;
    let wait = (backoff.at(-1) ?? ackWait) + GRACE;
    let shift = 0;
    let queued = false;
    let looks = 0;
    for (const slot of pending.walk()) {
      const sequence = pending.sequence(slot);
      const redeliveries = this.deliveries(sequence) - 1;
      const left = pending.time(slot) + this.#patience(redeliveries) - now;
      if (left > 0) wait = Math.min(wait, left);
      else {
        wait = Math.min(wait, this.#patience(redeliveries + 1));
        if (!this.queue.has(slot) && !this.#isSpent(slot, sequence)) {
          if (shift === 0) shift = now - pending.time(slot);
          this.queue.push(slot);
          queued = true;
          // They keep their distances, so that they come again in this order.
          pending.setTime(slot, pending.time(slot) + shift);
        }
      }
      if (++looks % STEP === 0) yield;
    }
    if (pending.count > 0) {
      const next = now + Math.max(wait, this.#pause());
      this.checkAt = Math.min(this.checkAt, next);
    }
    return queued;
  }

  /** Delivers everything that is pending once more. */
  expireAll(now: number): void {
    for (
      let slot = this.pending.first, following = NO_SLOT;
      slot !== NO_SLOT;
      slot = following
    ) {
      following = this.pending.after(slot);
      if (this.queue.has(slot)) continue;
      if (this.#isSpent(slot, this.pending.sequence(slot))) continue;
      this.queue.push(slot);
      this.pending.setTime(slot, now);
    }
    if (this.pending.count > 0) {
      this.checkAt = now + this.policy.ackWait + GRACE;
    }
  }

  /**
   * A message has left the stream. @returns whether it was pending
   */
  forget(sequence: number): boolean {
    const slot = this.pending.find(sequence);
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

  /**
   * The stream has lost everything behind `last`: goes back, so that nothing
   * stored from now on is passed over.
   */
  rewind(last: number): void {
    if (this.ackFloorStream > last) {
      this.ackFloorStream = last;
      this.ackFloorConsumer = this.deliveredConsumer;
      this.pending.clear();
      this.queue.clear();
      this.redelivered.clear();
    }
    const { pending } = this;
    while (pending.last !== NO_SLOT && pending.sequence(pending.last) > last) {
      this.queue.leave(pending.last);
      pending.remove(pending.last);
    }
    for (const sequence of this.redelivered.keys()) {
      if (sequence > last) this.redelivered.delete(sequence);
    }
    this.deliveredStream = this.ackFloorStream;
    this.deliveredConsumer = this.ackFloorConsumer;
    if (pending.last !== NO_SLOT) {
      this.deliveredStream = pending.sequence(pending.last);
      this.deliveredConsumer = pending.consumerSequence(pending.last);
    }
    this.next = this.deliveredStream + 1;
    this.showFloor();
  }

  /** Whether the consumer is not done with a message that its filters match. */
  needs(sequence: number): boolean {
    if (this.redelivered.has(sequence)) return true;
    if (sequence <= this.ackFloorStream) return false;
    return this.policy.ack !== "explicit" || sequence >= this.next ||
      this.pending.find(sequence) !== NO_SLOT;
  }

  /** When the last of what is pending is overdue; 0 when nothing is. */
  lastDeadline(): number {
    let last = 0;
    const { pending } = this;
    for (
      let slot = pending.first;
      slot !== NO_SLOT;
      slot = pending.after(slot)
    ) {
      const redeliveries = this.deliveries(pending.sequence(slot)) - 1;
      const wait = this.#patience(redeliveries) + GRACE;
      last = Math.max(last, pending.time(slot) + wait);
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

  /** Long tables are not gone through all the time. */
  #pause(): number {
    return this.pending.count / 10_000;
  }

  #checkBy(time: number): void {
    if (time < this.checkAt && this.policy.ackWait > 0) this.checkAt = time;
  }

  /** Gives up what must not be delivered again. @returns whether it was */
  #isSpent(slot: number, sequence: number): boolean {
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
    if (slot === NO_SLOT) return;
    this.#take(slot, true);
  }

  #settleUpTo(sequence: number, acknowledged: number[] | null): void {
    const { pending } = this;
    acknowledged?.push(sequence);
    for (let slot = pending.first; slot !== NO_SLOT; slot = pending.first) {
      const each = pending.sequence(slot);
      if (each > sequence) break;
      if (each !== sequence) acknowledged?.push(each);
      if (this.redelivered.size > 0) this.redelivered.delete(each);
      this.queue.leave(slot);
      pending.remove(slot);
    }
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

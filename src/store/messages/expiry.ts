/**
 * Removes messages whose time is over.
 *
 * @module
 */

import { finish, type Turns, type Work } from "../../connection/mod.ts";
import type { Clock, Timer, Timers } from "../../runtime/mod.ts";
import type { StoredMessage, StoreLimits } from "../contract.ts";
import { Removal } from "../engine.ts";
import { ExpiryQueue } from "../index/expiry_queue.ts";
import type { MessageLog } from "./message_log.ts";

/** Messages may stay so much longer than they should, milliseconds. */
const REST = 250;
/** At most so long without a look, milliseconds: timers can't wait for years. */
const REST_MAX = 24 * 60 * 60 * 1000;
/** When to ask again about a message that the listener takes care of. */
const RETRY = 2000;
/** Work for at most so long at once, milliseconds. */
const SLICE = 3;
/** Messages between two looks at the clock. */
const STRIDE = 64;

const NANOS_PER_MILLI = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;

/** A message with a time to live, and when it expires. */
export interface WaitingMessage {
  readonly sequence: number;
  readonly time: bigint;
}

/** Some of those. */
export interface WaitingMessages {
  readonly size: number;
  /** In no order. */
  entries(): Iterable<WaitingMessage>;
}

/** What expiry needs. */
export interface ExpiryParts {
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly turns: Turns;
  readonly limits: () => StoreLimits;
  readonly ttlOf: (message: StoredMessage) => number;
}

/** One per stream. Maximum age and times to live, on one timer. */
export class Expiry {
  readonly #parts: ExpiryParts;
  #queue = new ExpiryQueue();
  /** Messages that the listener takes care of, and when to ask again. */
  readonly #left = new Map<number, bigint>();
  #timer: Timer | null = null;
  /** Monotonic time at which the timer fires. */
  #due = Infinity;
  #running = false;
  #held = false;
  readonly #isThere = (sequence: number) => this.#parts.log.index.has(sequence);

  constructor(parts: ExpiryParts) {
    this.#parts = parts;
  }

  /** Messages that wait for a time of their own. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** A message with a time to live of `ttl` seconds was stored. */
  add(sequence: number, time: bigint, ttl: number): void {
    const expires = time + BigInt(ttl) * NANOS_PER_SECOND;
    this.#queue.tidy(this.#isThere);
    this.#queue.add(sequence, expires);
    if (this.#queue.sequence === sequence) this.#scheduleAt(expires);
  }

  /** A message was stored; looks at it when it is the only reason to. */
  stored(): void {
    if (this.#timer === null && this.#parts.limits().maxAge > 0n) {
      this.#schedule(Number(this.#parts.limits().maxAge / NANOS_PER_MILLI));
    }
  }

  /** Messages above `sequence` were taken back: others may get their sequences. */
  truncate(sequence: number): void {
    this.#queue.sweep((each) => each <= sequence);
  }

  /** All messages are gone. */
  clear(): void {
    this.#queue.clear();
    this.#left.clear();
  }

  /** Finds out what there is to wait for; for changed limits and a new start. */
  reset(): void {
    this.#rearm();
  }

  /** Nothing expires until {@linkcode release}. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#rearm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#due = Infinity;
    this.#held = true;
  }

  /** Those that wait, once nothing expires any more; step by step. */
  *collecting(): Work<WaitingMessages> {
    yield* this.#queue.sweeping(this.#isThere);
    return this.#queue;
  }

  /** The same for whoever takes long; some of them may have gone. */
  copied(): WaitingMessages {
    return this.#queue.copy();
  }

  /**
   * Takes over what is known of messages below `from`, and looks at the others.
   * Of those that it knows, some may have gone, as always.
   */
  recover(known: ExpiryQueue, from: number): void {
    this.#queue = known;
    finish(this.finding(from));
  }

  /**
   * Finds the messages with a time to live from `from` on, step by step; those
   * that come meanwhile are added by themselves.
   */
  *finding(from: number): Work<void> {
    const { log, ttlOf } = this.#parts;
    const { index, lastSequence } = log;
    let at = index.next(from);
    for (let i = 1; at !== 0 && at <= lastSequence; i++) {
      const message = log.load(at);
      if (message !== null && message.headerSize > 0) {
        const ttl = ttlOf(message);
        if (ttl > 0) this.add(at, message.time, ttl);
      }
      if (i % STRIDE === 0) yield;
      at = index.next(at + 1);
    }
  }

  /** Removes what is due, for a slice of time. @returns whether there is more */
  expire(): boolean {
    const end = this.#parts.clock.monotonic() + SLICE;
    // What the listener stores comes at this time.
    this.#parts.log.endBatch();
    return this.#expireAged(end) || this.#expireQueued(end);
  }

  #expireAged(end: number): boolean {
    const { log, clock, limits, ttlOf } = this.#parts;
    const { maxAge, allowTtl } = limits();
    if (maxAge <= 0n) return false;
    const oldest = log.now() - maxAge;
    let sequence = log.index.next(log.firstSequence);
    for (let i = 1; sequence !== 0; i++) {
      if (i % STRIDE === 0 && clock.monotonic() > end) return true;
      if (log.timeOf(sequence) > oldest) return false;
      const message = allowTtl ? log.load(sequence) : null;
      const forEver = message !== null && message.headerSize > 0 &&
        ttlOf(message) < 0;
      if (!forEver) this.#expireOne(sequence);
      sequence = log.index.next(sequence + 1);
    }
    return false;
  }

  #expireQueued(end: number): boolean {
    const { log, clock } = this.#parts;
    const now = log.now();
    const queue = this.#queue;
    for (let i = 1; (queue.next ?? now + 1n) <= now; i++) {
      if (i % STRIDE === 0 && clock.monotonic() > end) return true;
      const { sequence } = queue;
      queue.shift();
      if (!log.index.has(sequence) || this.#expireOne(sequence)) continue;
      queue.add(sequence, now + BigInt(RETRY) * NANOS_PER_MILLI);
    }
    return false;
  }

  /** @returns false when the listener takes care of the message */
  #expireOne(sequence: number): boolean {
    const { log, limits } = this.#parts;
    if (limits().markDeletes && this.#isLast(sequence)) {
      const now = log.now();
      if ((this.#left.get(sequence) ?? 0n) > now) return false;
      const message = log.load(sequence);
      if (message !== null && log.listener.expiring(message)) {
        if (!log.index.has(sequence)) return true;
        this.#left.set(sequence, now + BigInt(RETRY) * NANOS_PER_MILLI);
        return false;
      }
    }
    this.#left.delete(sequence);
    log.remove(sequence, Removal.limit);
    return true;
  }

  #isLast(sequence: number): boolean {
    const { index, subjects } = this.#parts.log;
    return subjects.count(index.subject(sequence)) === 1;
  }

  #rearm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#due = Infinity;
    const { log, limits } = this.#parts;
    const { maxAge } = limits();
    if (this.#queue.next !== null) this.#scheduleAt(this.#queue.next);
    if (maxAge > 0n && log.messages > 0) {
      this.#scheduleAt(log.timeOf(log.firstSequence) + maxAge);
    }
    if (this.#left.size > 0) this.#schedule(RETRY);
  }

  #scheduleAt(time: bigint): void {
    this.#schedule(Number((time - this.#parts.log.now()) / NANOS_PER_MILLI));
  }

  #schedule(delay: number): void {
    if (this.#running || this.#held) return;
    const { timers, clock } = this.#parts;
    const rest = Math.min(REST_MAX, Math.max(REST, delay));
    const due = clock.monotonic() + rest;
    if (due >= this.#due) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = timers.after(rest, () => this.#run());
  }

  #run(): void {
    // It may have been told to wait, or to end, between two slices.
    if (this.#held) return;
    this.#running = true;
    let more = false;
    try {
      more = this.expire();
    } catch {
      // The engine has told why, and refuses what is published; here nobody
      // is there to be told. It may be tried again.
    } finally {
      this.#running = false;
      if (more && !this.#held) {
        this.#due = -Infinity;
        void this.#parts.turns.next().then(() => this.#run());
      } else this.#rearm();
    }
  }
}

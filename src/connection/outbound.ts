/**
 * What a connection has yet to write: bytes collected in pooled chunks, one
 * write at a time.
 *
 * @module
 */

import type { Clock, Transport } from "../runtime/mod.ts";
import { type Chunk, EMPTY_CHUNK } from "../protocol/mod.ts";
import { CHUNK_MAX, giveChunk, takeChunk } from "./chunk_pool.ts";
import { SliceList } from "./slice_list.ts";

/** Bytes that a receiver may be behind before its producers wait for it. */
const LAG_MAX = 1 << 20;
/** Who has taken nothing for so long, in milliseconds, is not waited for. */
const STALLED_AFTER = 5;

/**
 * A receiver that can't take what it shares keeps the whole chunk from being
 * reused. So its share must be worth it: so much of the chunk at once, or of
 * what it usually gets.
 */
const SHARE_MIN = 1 / 16;
const USUAL_SHARE_MIN = 1 / 4;

/**
 * Bytes that are moved into a larger chunk when more comes than fits, so that
 * all goes out in one write; each step is to eight times the size.
 */
const MOVED_MAX = 1 << 13;
const GROWTH = 8;

/** Who waits for pending bytes to fall to a limit. */
interface Relief {
  readonly limit: number;
  readonly callback: () => void;
}

/** Told by the outbound queue to its connection. */
export interface OutboundEvents {
  /** More than `maxPending` bytes wait. */
  onOverflow(): void;
  /** A write failed; nothing will be written any more. */
  onWriteError(): void;
  /** All bytes are written. */
  onDrained(): void;
  /** A batch is written that had been given more time. */
  onRecovered(batch: SlowBatch): void;
}

/** A batch whose peer took longer than the write deadline. */
export interface SlowBatch {
  /** Milliseconds that it took. */
  readonly duration: number;
  readonly chunks: number;
  readonly bytes: number;
}

/** Belongs to one connection. */
export class Outbound {
  /** Bytes that wait, those being written included. */
  pending = 0;
  /** Bytes that may wait before the peer counts as a slow consumer. */
  readonly maxPending: number;
  /** Bytes above which producers should slow down. */
  readonly #congestion: number;
  /** Where the next byte goes in the buffer that {@link reserve} gave. */
  position = 0;
  /** Monotonic time at which the batch being written was begun; 0: none is. */
  writingSince = 0;

  /** Replaced by a TLS upgrade, while nothing waits. */
  transport: Transport;
  readonly #clock: Clock;
  readonly #events: OutboundEvents;
  /** What is complete, oldest first; the open chunk is apart. */
  readonly #slices = new SliceList();
  #open: Chunk = EMPTY_CHUNK;
  /** Bytes of the batch being written that are still to go. */
  #batchLeft = 0;
  /** Bytes of the batch that were left when its deadline was last set. */
  #batchExpected = 0;
  /** The batch being written, if it was given more time. */
  #slow: (SlowBatch & { readonly since: number }) | null = null;
  #draining = false;
  #discarded = false;
  /** Size of the last batch: how large a chunk the next one deserves. */
  #lastBatch = 0;
  /** Monotonic time of the last write that was begun, or went through. */
  #lastProgress = -Infinity;
  readonly #reliefs = new Set<Relief>();

  constructor(
    transport: Transport,
    clock: Clock,
    maxPending: number,
    events: OutboundEvents,
  ) {
    this.transport = transport;
    this.#clock = clock;
    this.maxPending = maxPending;
    this.#congestion = maxPending * 0.75;
    this.#events = events;
  }

  /**
   * Room for `size` bytes in one piece, from {@link position} on. Write them,
   * then {@link commit} the position after the last.
   */
  reserve(size: number): Chunk {
    if (this.position + size > this.#open.size) this.#openChunk(size);
    return this.#open;
  }

  /** Takes what was written into the reserved room up to `end`. */
  commit(end: number): void {
    this.pending += end - this.position;
    this.position = end;
    if (this.pending > this.maxPending) this.#events.onOverflow();
  }

  /**
   * Takes bytes that were written for another receiver, and are the same for
   * this one, without copying them.
   * @returns false when it had better get a copy
   */
  share(chunk: Chunk, start: number, end: number): boolean {
    if (
      this.position > 0 || !this.#slices.extend(chunk, start, end)
    ) {
      if (!this.#worthSharing(chunk, end - start)) return false;
      this.#seal();
      this.#slices.share(chunk, start, end);
    }
    this.pending += end - start;
    if (this.pending > this.maxPending) this.#events.onOverflow();
    return true;
  }

  #worthSharing(chunk: Chunk, size: number): boolean {
    if (this.pending > LAG_MAX) return false;
    return size >= chunk.size * SHARE_MIN ||
      this.pending === 0 && this.#lastBatch >= chunk.size * USUAL_SHARE_MIN;
  }

  /** Whether producers should slow down for this receiver's sake. */
  get congested(): boolean {
    return this.pending > this.#congestion;
  }

  /**
   * Whether the peer reads, but later than its producers write: letting it
   * catch up keeps what is in flight small and in the caches.
   */
  get lagging(): boolean {
    return this.pending > LAG_MAX && this.#draining &&
      this.#clock.monotonic() - this.#lastProgress < STALLED_AFTER;
  }

  /** Monotonic time of the last write, at the latest. */
  get lastWrite(): number {
    return this.#lastProgress;
  }

  /** Whether much waits, be it that the peer is slow or does not read at all. */
  get behind(): boolean {
    return this.pending > LAG_MAX;
  }

  /**
   * Calls back once when the receiver is no longer congested, or gone.
   * @returns calls it off
   */
  onRelief(callback: () => void): () => void {
    return this.#onceBelow(this.#congestion, callback);
  }

  /**
   * Calls back once when the receiver no longer lags, or is gone.
   * @returns calls it off
   */
  onCaughtUp(callback: () => void): () => void {
    return this.#onceBelow(LAG_MAX / 2, callback);
  }

  /** Starts writing unless a write is under way. */
  flush(): void {
    if (this.#draining || this.pending === 0 || this.#discarded) return;
    this.#draining = true;
    void this.#drain();
  }

  /** Bytes and chunks that wait, for the log. */
  get backlog(): { bytes: number; chunks: number } {
    return { bytes: this.pending, chunks: this.#slices.length + 1 };
  }

  /** Whether something of the batch was written since its deadline was set. */
  get progressed(): boolean {
    return this.#batchLeft < this.#batchExpected;
  }

  /** Whether the batch being written was given more time before. */
  get isSlow(): boolean {
    return this.#slow !== null;
  }

  /** Gives the batch being written as much time again. */
  extendDeadline(): void {
    this.#slow ??= {
      since: this.writingSince,
      duration: 0,
      ...this.backlog,
    };
    this.#batchExpected = this.#batchLeft;
    this.writingSince = this.#clock.monotonic();
  }

  /** Drops everything that waits. The transport is the caller's to close. */
  discard(): void {
    this.#discarded = true;
    this.#relieve(0);
    this.#slices.clear();
    this.#open = EMPTY_CHUNK;
    this.position = 0;
    this.pending = 0;
  }

  #openChunk(size: number): void {
    const { position } = this;
    // Nothing but what is in the open chunk waits, and that is little.
    if (position > 0 && position <= MOVED_MAX && position === this.pending) {
      return this.#moveTo(takeChunk(
        Math.max(position + size, this.#open.size * GROWTH),
      ));
    }
    this.#seal();
    const expected = Math.min(this.#lastBatch, CHUNK_MAX);
    const backlog = this.#slices.length > 0 ? CHUNK_MAX : 0;
    this.#open = takeChunk(Math.max(size, expected, backlog));
    this.position = 0;
  }

  /** Goes on in a larger chunk. */
  #moveTo(chunk: Chunk): void {
    chunk.bytes.set(this.#open.bytes.subarray(0, this.position));
    // Others may be about to share what is in it: it is given back later.
    this.#slices.add(this.#open, 0);
    this.#open = chunk;
  }

  #seal(): void {
    if (this.position === 0) {
      if (this.#open.size > 0) giveChunk(this.#open);
    } else {
      this.#slices.add(this.#open, this.position);
    }
    this.#open = EMPTY_CHUNK;
    this.position = 0;
  }

  /**
   * In one function, as each other one that is awaited puts off what follows
   * the write: the next batch is to find it done.
   */
  async #drain(): Promise<void> {
    const slices = this.#slices;
    try {
      while (this.pending > 0 && !this.#discarded) {
        if (this.#batchLeft <= 0) this.#beginBatch();
        if (slices.length === 0) this.#seal();
        slices.take();
        while (slices.start < slices.end) {
          const taken = await this.transport.write(slices.rest);
          // Nothing counts any more after a discard.
          if (this.#discarded) break;
          slices.start += taken;
          this.#written(taken);
        }
        slices.release();
        if (this.#reliefs.size > 0) this.#relieve(this.pending);
      }
    } catch {
      if (!this.#discarded) this.#events.onWriteError();
      return;
    } finally {
      this.#draining = false;
      this.writingSince = 0;
      this.#batchLeft = 0;
    }
    if (this.#discarded) return;
    this.#recover();
    this.#events.onDrained();
  }

  #beginBatch(): void {
    this.#batchLeft = this.pending;
    this.#lastBatch = this.pending;
    this.writingSince = this.#clock.monotonic();
    this.#lastProgress = this.writingSince;
    this.#batchExpected = this.pending;
    this.#recover();
  }

  #written(count: number): void {
    this.pending -= count;
    this.#batchLeft -= count;
    if (this.pending > LAG_MAX) this.#lastProgress = this.#clock.monotonic();
  }

  #recover(): void {
    const slow = this.#slow;
    if (slow === null) return;
    this.#slow = null;
    const duration = this.#clock.monotonic() - slow.since;
    this.#events.onRecovered({ ...slow, duration });
  }

  #onceBelow(limit: number, callback: () => void): () => void {
    const relief = { limit, callback };
    this.#reliefs.add(relief);
    return () => void this.#reliefs.delete(relief);
  }

  #relieve(pending: number): void {
    for (const relief of this.#reliefs) {
      if (pending > relief.limit) continue;
      this.#reliefs.delete(relief);
      relief.callback();
    }
  }
}

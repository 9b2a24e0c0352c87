/**
 * What a connection has yet to write: bytes collected in pooled chunks, one
 * write at a time.
 *
 * @module
 */

import type { Clock, Transport } from "../runtime/mod.ts";
import { type Chunk, EMPTY_CHUNK } from "../protocol/mod.ts";
import { CHUNK_MAX, giveChunk, takeChunk } from "./chunk_pool.ts";

/** Bytes that a receiver may be behind before its producers wait for it. */
const LAG_MAX = 1 << 20;
/** Who has taken nothing for so long, in milliseconds, is not waited for. */
const STALLED_AFTER = 5;

/**
 * With so many bytes, a full chunk had better be written before the batch ends:
 * while it is still in the processor's caches.
 */
const EARLY_MIN = CHUNK_MAX / 2;

/** Who waits for pending bytes to fall to a limit. */
interface Relief {
  readonly limit: number;
  readonly callback: () => void;
}

/** Told by the outbound queue to its connection. */
export interface OutboundEvents {
  /** More than `maxPending` bytes wait. */
  onOverflow(): void;
  /** Much waits already, and the batch goes on. */
  onFull(): void;
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
  /** Full chunks and their fill, oldest first; the open chunk is apart. */
  readonly #chunks: Chunk[] = [];
  readonly #fills: number[] = [];
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
  /** Monotonic time of the last write that went through. */
  #lastProgress = 0;
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
    return { bytes: this.pending, chunks: this.#chunks.length + 1 };
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
    this.#chunks.length = 0;
    this.#fills.length = 0;
    this.#open = EMPTY_CHUNK;
    this.position = 0;
    this.pending = 0;
  }

  #openChunk(size: number): void {
    this.#seal();
    if (this.pending >= EARLY_MIN) this.#events.onFull();
    const expected = Math.min(this.#lastBatch, CHUNK_MAX);
    const backlog = this.#chunks.length > 0 ? CHUNK_MAX : 0;
    this.#open = takeChunk(Math.max(size, expected, backlog));
    this.position = 0;
  }

  #seal(): void {
    if (this.position === 0) {
      if (this.#open.size > 0) giveChunk(this.#open);
    } else {
      this.#chunks.push(this.#open);
      this.#fills.push(this.position);
    }
    this.#open = EMPTY_CHUNK;
    this.position = 0;
  }

  async #drain(): Promise<void> {
    try {
      while (this.pending > 0 && !this.#discarded) {
        if (this.#batchLeft <= 0) {
          this.#batchLeft = this.pending;
          this.#lastBatch = this.pending;
          this.writingSince = this.#clock.monotonic();
          this.#lastProgress = this.writingSince;
          this.#batchExpected = this.pending;
          this.#recover();
        }
        if (this.#chunks.length === 0) this.#seal();
        const chunk = this.#chunks.shift() as Chunk;
        await this.#write(chunk, this.#fills.shift() as number);
        giveChunk(chunk);
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

  async #write({ bytes, size }: Chunk, fill: number): Promise<void> {
    let at = 0;
    while (at < fill) {
      const part = at === 0 && fill === size ? bytes : bytes.subarray(at, fill);
      const taken = await this.transport.write(part);
      // Nothing counts any more after a discard.
      if (this.#discarded) return;
      at += taken;
      this.pending -= taken;
      this.#batchLeft -= taken;
      if (this.pending > LAG_MAX) this.#lastProgress = this.#clock.monotonic();
    }
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

/**
 * A connection: one transport, its read loop and its outbound queue. Knows
 * no verb; its session parses what arrives and decides when to close.
 *
 * @module
 */

import { type Chunk, writeByteString } from "../protocol/mod.ts";
import {
  type Clock,
  type Timers,
  type Transport,
  TransportError,
} from "../runtime/mod.ts";
import { CloseReason, flushesOnClose } from "./close_reason.ts";
import type { Flushable, FlushQueue } from "./flush_queue.ts";
import type { Turns } from "./loop_turns.ts";
import { Outbound, type OutboundEvents, type SlowBatch } from "./outbound.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { Vigil } from "./vigil.ts";

/** What a connection needs of the session on top of it. */
export interface Session {
  /**
   * Handles the first `limit` bytes of `chunk`, which a pause may have `resumed`.
   * @returns bytes consumed; the rest is presented again with more behind it
   */
  onBytes(chunk: Chunk, limit: number, resumed: boolean): number;
  /** Bytes that the op at the front will have; 0 if unknown. */
  readonly expectedBytes: number;
  /** Set when reading must wait; the rest of the buffer is parsed thereafter. */
  readonly pause: Promise<void> | null;
  /** More than `maxPending` bytes wait for the peer. */
  onOverflow(): void;
  /** The peer has read what it was given more time for. */
  onRecovered(batch: SlowBatch): void;
  /** Handling the input failed: a mistake of this program, not of the peer. */
  onFailure(error: unknown): void;
  /** The connection has ended; called once. */
  onClosed(reason: CloseReason): void;
}

/** A transport that can tell its peer why it ends. */
export interface PartingTransport extends Transport {
  /** Tells it, after all that was written; resolves soon in any case. */
  part(reason: CloseReason): Promise<void>;
}

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly clock: Clock;
  readonly flushQueue: FlushQueue<Connection>;
  readonly timers: Timers;
  readonly turns: Turns;
  readonly vigil: Vigil;
}

const encoder = new TextEncoder();

/**
 * Who sends fewer bytes at once may be waiting for an answer, and a turn of the
 * loop would hold up the next request. A flow gains by it: more arrives meanwhile.
 */
const REQUEST_MAX = 1024;

/** The longest that a producer waits for a lagging receiver, milliseconds. */
const CATCH_UP_MAX = 2;

/** Bytes from which on the next read waits for what this one became to be written. */
const LARGE_READ = 1 << 16;

/** Composed into each session kind. */
export class Connection implements Flushable, OutboundEvents {
  readonly outbound: Outbound;
  closed = false;
  readonly #context: ConnectionContext;
  readonly #session: Session;
  #transport: Transport;
  readonly #input = new ReadBuffer();
  #touched = false;
  /** Why the connection ends, while what waits is still written. */
  #lingering: CloseReason | null = null;
  #dropped = false;
  /** Who could not keep up with what was read last. */
  #laggard: Connection | null = null;
  /** Settles when all receivers of what was read last have their turn. */
  #postponed: Promise<void> | null = null;
  #drainWaiters: (() => void)[] | null = null;

  constructor(
    transport: Transport,
    session: Session,
    context: ConnectionContext,
    maxPending: number,
  ) {
    this.#transport = transport;
    this.#session = session;
    this.#context = context;
    this.outbound = new Outbound(transport, context.clock, maxPending, this);
  }

  get transport(): Transport {
    return this.#transport;
  }

  /** Goes on over another transport, such as TLS over the present one. */
  upgrade(transport: Transport): void {
    this.#transport = transport;
    this.outbound.transport = transport;
  }

  /** Queues a byte string that is no message: INFO, PONG, -ERR and the like. */
  send(text: string): void {
    if (this.closed) return;
    const { outbound } = this;
    const target = outbound.reserve(text.length).bytes;
    outbound.commit(writeByteString(target, outbound.position, text));
    this.touch();
  }

  /** Queues text as UTF-8. */
  sendText(text: string): void {
    if (this.closed) return;
    const bytes = encoder.encode(text);
    const { outbound } = this;
    outbound.reserve(bytes.length).bytes.set(bytes, outbound.position);
    outbound.commit(outbound.position + bytes.length);
    this.touch();
  }

  /** Writes what waits and resolves when it is written or the connection ended. */
  flushed(): Promise<void> {
    const parting = this.#lingering !== null;
    if (this.outbound.pending === 0 && !parting) return Promise.resolve();
    this.outbound.flush();
    return new Promise((resolve) => {
      (this.#drainWaiters ??= []).push(resolve);
    });
  }

  /**
   * Reads and hands on until the connection ends.
   * @param received bytes that were read already
   */
  async run(received?: Uint8Array): Promise<void> {
    const { flushQueue, turns } = this.#context;
    try {
      if (received !== undefined) await this.#accept(received);
      while (!this.closed) {
        const space = this.#input.space(this.#session.expectedBytes);
        const count = await this.#transport.read(space);
        // Closed meanwhile: what arrives while the rest is written is too late.
        if (this.closed) return;
        if (count === null) return this.close(CloseReason.ClientClosed);
        this.#input.received(count);
        while (flushQueue.settling !== null) await flushQueue.settling;
        if (this.closed) return;
        if (!this.#process(false)) await this.#resume();
        if (count >= LARGE_READ) await flushQueue.settle();
        if (this.#postponed !== null) await this.#postponed;
        if (this.#laggard !== null) await this.#letCatchUp(this.#laggard);
        if (count < space.length && count < REQUEST_MAX) {
          // The next read waits for the loop's turn by itself.
          if (this.#transport.restsWhenEmpty) continue;
        }
        const turn = flushQueue.turn.next(turns);
        if (turn !== null) await turn;
      }
    } catch (error) {
      if (!(error instanceof TransportError)) this.#session.onFailure(error);
      this.close(CloseReason.ReadError);
    } finally {
      this.#input.release();
    }
  }

  /** Whether the connection is closed, and nothing is written any more. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** Marks the connection as having output; it is flushed with the batch. */
  touch(): void {
    if (this.#touched) return;
    this.#touched = true;
    this.#context.flushQueue.add(this);
  }

  get lagging(): boolean {
    return this.outbound.lagging;
  }

  /** Starts writing what waits. */
  flush(): void {
    this.#touched = false;
    this.outbound.flush();
  }

  /**
   * Ends the connection. What waits is written first if the reason allows,
   * at the peer's pace; the server's watchdog bounds that time.
   */
  close(reason: CloseReason): void {
    if (this.closed) {
      if (!flushesOnClose(reason)) this.#drop();
      return;
    }
    this.closed = true;
    if (flushesOnClose(reason)) {
      this.#lingering = reason;
      if (this.outbound.pending > 0) this.outbound.flush();
      else this.#part(reason);
    } else this.#drop();
    this.#session.onClosed(reason);
  }

  onOverflow(): void {
    this.#session.onOverflow();
  }

  onWriteError(): void {
    this.close(CloseReason.WriteError);
  }

  onRecovered(batch: SlowBatch): void {
    this.#session.onRecovered(batch);
  }

  onDrained(): void {
    if (this.#lingering !== null) this.#part(this.#lingering);
    else this.#wake();
  }

  #wake(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = null;
    for (const resolve of waiters ?? []) resolve();
  }

  #part(reason: CloseReason): void {
    const transport = this.#transport;
    if (!tellsReasons(transport)) return this.#drop();
    void transport.part(reason).finally(() => this.#drop());
  }

  #drop(): void {
    this.#lingering = null;
    this.#dropped = true;
    this.outbound.discard();
    this.#transport.close();
    this.#wake();
  }

  async #accept(received: Uint8Array): Promise<void> {
    let at = 0;
    while (at < received.length && !this.closed) {
      const space = this.#input.space(this.#session.expectedBytes);
      const part = received.subarray(at, at + space.length);
      space.set(part);
      at += part.length;
      this.#input.received(part.length);
      if (!this.#process(false)) await this.#resume();
    }
  }

  /** Parses what is there as one batch; false if the session wants a pause. */
  #process(resumed: boolean): boolean {
    const input = this.#input;
    const { flushQueue, clock, vigil } = this.#context;
    const began = clock.monotonic();
    const answered = this.outbound.lastWrite;
    this.#laggard = null;
    flushQueue.begin();
    try {
      const { chunk, filled } = input;
      input.consume(this.#session.onBytes(chunk, filled, resumed));
    } finally {
      const laggard = flushQueue.end();
      if (laggard !== this) this.#laggard = laggard;
      this.#postponed = flushQueue.postponed;
      const ended = clock.monotonic();
      flushQueue.turn.spent(began, ended);
      vigil.spent(began, ended, answered);
    }
    return this.#session.pause === null;
  }

  /** Reads on when the receiver has caught up, or a little later. */
  #letCatchUp({ outbound }: Connection): Promise<void> {
    return new Promise((resolve) => {
      const callOff = outbound.onCaughtUp(() => {
        timer.cancel();
        resolve();
      });
      const timer = this.#context.timers.after(CATCH_UP_MAX, () => {
        callOff();
        resolve();
      });
    });
  }

  async #resume(): Promise<void> {
    do await this.#session.pause; while (!this.closed && !this.#process(true));
  }
}

function tellsReasons(transport: Transport): transport is PartingTransport {
  return "part" in transport;
}

/**
 * Looks at the first bytes of a connection before it is known what speaks.
 *
 * @module
 */

import { joinBytes } from "../protocol/mod.ts";
import type { Endpoint, Timers, Transport } from "../runtime/mod.ts";

const READ_SIZE = 4096;

/**
 * Reads ahead on a transport with time limits, keeps what it read, and can
 * then be used as the transport itself: nothing is lost, not even a read that
 * was still pending when its time was up.
 */
export class Prelude implements Transport {
  readonly #transport: Transport;
  readonly #timers: Timers;
  #received = new Uint8Array(0);
  #ended = false;
  #pending: Promise<void> | null = null;
  #failure: unknown;

  constructor(transport: Transport, timers: Timers) {
    this.#transport = transport;
    this.#timers = timers;
  }

  get local(): Endpoint {
    return this.#transport.local;
  }

  get remote(): Endpoint {
    return this.#transport.remote;
  }

  /** Whether the stream has ended or broken. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What has been read ahead. */
  get received(): Uint8Array {
    return this.#received;
  }

  /** Forgets the first `count` bytes read ahead. */
  skip(count: number): void {
    this.#received = this.#received.slice(count);
  }

  /**
   * Waits until at least `count` bytes were read, the stream ended, or
   * `timeout` milliseconds have passed.
   * @returns whether there are as many
   */
  async ahead(count: number, timeout: number): Promise<boolean> {
    let expired = false;
    let expire = () => {};
    const expiry = new Promise<void>((resolve) => expire = resolve);
    const timer = this.#timers.after(timeout, () => {
      expired = true;
      expire();
    });
    while (this.#received.length < count && !this.#ended && !expired) {
      await Promise.race([this.#readMore(), expiry]);
    }
    timer.cancel();
    return this.#received.length >= count;
  }

  async read(target: Uint8Array): Promise<number | null> {
    if (this.#received.length === 0 && this.#pending !== null) {
      await this.#pending;
    }
    if (this.#received.length > 0) {
      const part = this.#received.subarray(0, target.length);
      target.set(part);
      this.#received = this.#received.subarray(part.length);
      return part.length;
    }
    if (this.#failure !== undefined) throw this.#failure;
    return this.#ended ? null : this.#transport.read(target);
  }

  write(source: Uint8Array): Promise<number> {
    return this.#transport.write(source);
  }

  closeWrite(): Promise<void> {
    return this.#transport.closeWrite();
  }

  close(): void {
    this.#transport.close();
  }

  /**
   * The transport to go on with and the bytes that come before it: the plain
   * one if no read is pending, so that nothing stands in its way.
   */
  release(): { transport: Transport; received: Uint8Array } {
    if (this.#pending !== null || this.#ended) {
      return { transport: this, received: new Uint8Array(0) };
    }
    return { transport: this.#transport, received: this.#received };
  }

  #readMore(): Promise<void> {
    this.#pending ??= this.#readOnce().finally(() => this.#pending = null);
    return this.#pending;
  }

  async #readOnce(): Promise<void> {
    const chunk = new Uint8Array(READ_SIZE);
    try {
      const count = await this.#transport.read(chunk);
      if (count === null) this.#ended = true;
      else {
        const arrived = chunk.subarray(0, count);
        this.#received = joinBytes([this.#received, arrived]);
      }
    } catch (error) {
      this.#failure = error;
      this.#ended = true;
    }
  }
}

/**
 * Counting receivers: one connection, or the members of a queue group.
 *
 * @module
 */

import { type Link, PING_BYTES } from "./link.ts";

/**
 * Bytes under way to one group at most, identical for all servers. Far below
 * the 64 MiB at which a server drops a slow consumer, far above what it takes
 * to keep the server busy.
 */
const WINDOW_BYTES = 1 << 24;

/** Smaller than any MSG, larger than the few PINGs a server may interject. */
const SURPLUS_MAX = 24;

/** Connections that share what they are owed. */
export class ReceiverGroup {
  readonly #links: readonly Link[];
  readonly #bytesPerBatch: number;
  readonly #window: number;
  /** Bytes that the batches written since {@link reset} bring. */
  #expected = 0;
  #waiting: (() => void)[] = [];

  constructor(
    links: readonly Link[],
    bytesPerBatch: number,
    window: number = WINDOW_BYTES,
  ) {
    this.#links = links;
    this.#bytesPerBatch = bytesPerBatch;
    this.#window = window;
  }

  /** Counts until the links are disposed of. */
  async count(): Promise<void> {
    const wake = () => {
      if (this.#waiting.length === 0) return;
      for (const waiting of this.#waiting.splice(0)) waiting();
    };
    await Promise.all(this.#links.map((link) => link.count(wake)));
  }

  /** Starts to count from zero; nothing may be under way. */
  reset(): void {
    this.#expected = 0;
    for (const link of this.#links) link.received = 0;
  }

  /** One more batch is about to be written by some publisher. */
  expectBatch(): void {
    this.#expected += this.#bytesPerBatch;
  }

  /** Whether publishers should wait for {@link progress}. */
  get full(): boolean {
    return this.#expected - this.#received > this.#window;
  }

  /** Resolves when one of the members has received something. */
  progress(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Waits until everything expected has arrived. The publishers are done.
   * @throws Error when anything else arrived
   */
  async settle(): Promise<void> {
    while (this.#received < this.#expected) await this.progress();
    await Promise.all(this.#links.map((link) => link.flush()));
    const pongs = PING_BYTES * this.#links.length;
    const surplus = this.#received - this.#expected - pongs;
    // A server may interject a PING of its own; anything else is an error.
    if (
      surplus % PING_BYTES !== 0 || surplus / this.#links.length > SURPLUS_MAX
    ) {
      throw new Error(
        `expected ${this.#expected} bytes, received ${surplus} bytes more`,
      );
    }
  }

  get #received(): number {
    let sum = 0;
    for (const link of this.#links) sum += link.received;
    return sum;
  }
}

/**
 * A client that speaks raw protocol, for tests that look at bytes.
 *
 * @module
 */

import type { Server } from "../../src/mod.ts";
import { type Transport, TransportError } from "../../src/runtime/mod.ts";

const PING = "PING\r\n";
/** Milliseconds that are enough for any answer, however busy the machine is. */
const DEFAULT_TIMEOUT = 20_000;

/**
 * One connection; collects what arrives. Servers ask every client for its
 * round-trip time some two seconds after it came, so who takes longer than
 * that must not trip over a PING: those are left out where nobody looks for
 * them.
 */
export class RawClient {
  readonly #read: (target: Uint8Array) => Promise<number | null>;
  readonly #write: (source: Uint8Array) => Promise<number>;
  readonly #close: () => void;
  #received = "";
  #ended = false;
  #waiters: (() => void)[] = [];
  readonly #reading: Promise<void>;

  constructor(transport: Transport) {
    this.#read = (target) => transport.read(target);
    this.#write = (source) => transport.write(source);
    this.#close = () => transport.close();
    this.#reading = this.#collect();
  }

  /** Connects from inside the process; the INFO has arrived on return. */
  static async connect(server: Server): Promise<RawClient> {
    const client = new RawClient(server.connectInProcess());
    await client.expect(/^INFO \{.*\} \r\n/);
    return client;
  }

  /** What has arrived and was not taken yet; one char per byte. */
  get received(): string {
    return this.#received;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Sends text with one byte per char. What a server that has closed no longer
   * takes is dropped; its last words and the end can still be expected.
   */
  async send(text: string): Promise<void> {
    let rest: Uint8Array = Uint8Array.from(text, (char) => char.charCodeAt(0));
    try {
      while (rest.length > 0) rest = rest.subarray(await this.#write(rest));
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
    }
  }

  /**
   * Waits until what arrived matches, takes all up to the match's end, and
   * returns the match. PINGs before it are skipped unless the pattern has one.
   */
  async expect(
    pattern: RegExp,
    timeout = DEFAULT_TIMEOUT,
  ): Promise<RegExpMatchArray> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const match = this.#received.match(pattern);
      if (match !== null) {
        this.#received = this.#received.slice(
          (match.index ?? 0) + match[0].length,
        );
        return match;
      }
      if (this.#received.startsWith(PING) && !pattern.source.includes("PING")) {
        this.#received = this.#received.slice(PING.length);
        continue;
      }
      const left = deadline - performance.now();
      if (this.#ended || left <= 0) {
        const state = this.#ended ? "the connection ended" : "nothing came";
        throw new Error(
          `expected ${pattern}, but ${state} after ${
            JSON.stringify(this.#received)
          }`,
        );
      }
      await this.#change(left);
    }
  }

  /**
   * Sends a PING and takes all up to its PONG; returns what came before it but
   * for PINGs.
   */
  async flush(timeout = DEFAULT_TIMEOUT): Promise<string> {
    return withoutPings(await this.roundTrip(timeout));
  }

  /** Like {@link flush}, with PINGs. */
  async roundTrip(timeout = DEFAULT_TIMEOUT): Promise<string> {
    await this.send(PING);
    const match = await this.expect(/^([^]*?)PONG\r\n/, timeout);
    return match[1] ?? "";
  }

  /** Waits for the end of the connection; returns what came before it but for PINGs. */
  async expectEnd(timeout = DEFAULT_TIMEOUT): Promise<string> {
    const deadline = performance.now() + timeout;
    while (!this.#ended) {
      const left = deadline - performance.now();
      if (left <= 0) {
        throw new Error(
          `the connection stayed open; it sent ${
            JSON.stringify(this.#received)
          }`,
        );
      }
      await this.#change(left);
    }
    return withoutPings(this.#received);
  }

  /** Closes and waits for the reader to notice. */
  async close(): Promise<void> {
    this.#close();
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #collect(): Promise<void> {
    const buffer = new Uint8Array(65536);
    try {
      for (;;) {
        const count = await this.#read(buffer);
        if (count === null) break;
        for (let i = 0; i < count; i++) {
          this.#received += String.fromCharCode(buffer[i] ?? 0);
        }
        this.#wake();
      }
    } catch {
      // Reset or closed: the end all the same.
    }
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  async #change(timeout: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeout);
    this.#waiters.push(resolve);
    await promise;
    clearTimeout(timer);
  }
}

function withoutPings(text: string): string {
  return text.replace(/(?<=^|\r\n)PING\r\n/g, "");
}

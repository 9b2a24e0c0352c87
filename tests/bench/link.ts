/**
 * The generator's end of a client connection: writes prepared bytes, counts
 * received ones, parses nothing.
 *
 * @module
 */

import { encode } from "./frames.ts";

/** Bytes per read. 64 KiB costs a tenth more CPU; 1 MiB saves nothing. */
const READ_BYTES = 1 << 18;

const GREETING = {
  verbose: false,
  pedantic: false,
  lang: "bench",
  version: "1",
};
const PING = encode("PING\r\n");
const PONG = "PONG\r\n";

/** Bytes of a PING, and of the PONG that answers it. */
export const PING_BYTES = PING.length;

/** Who a connection says to be. */
export interface Credentials {
  readonly user: string;
  readonly pass: string;
}

/** A connection to the server under load. */
export class Link implements Disposable {
  /** Bytes received while {@link count} runs; the owner may reset it. */
  received = 0;
  readonly #conn: Deno.Conn;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #closed = false;
  /** The last few bytes, kept only while a PONG is awaited. */
  #tail = "";
  #answered: (() => void) | null = null;

  private constructor(conn: Deno.Conn, buffer: Uint8Array<ArrayBuffer>) {
    this.#conn = conn;
    this.#buffer = buffer;
  }

  /** Connects, introduces itself, waits until the server has taken it in. */
  static async open(
    port: number,
    readBytes = READ_BYTES,
    user: Credentials | undefined = undefined,
  ): Promise<Link> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    const link = new Link(conn, new Uint8Array(readBytes));
    try {
      const greeting = JSON.stringify({ ...GREETING, ...user });
      await link.write(encode(`CONNECT ${greeting}\r\n`));
      await link.synchronize();
      return link;
    } catch (error) {
      link[Symbol.dispose]();
      throw error;
    }
  }

  /** Writes all of `bytes`. */
  async write(bytes: Uint8Array): Promise<void> {
    let at = await this.#conn.write(bytes);
    while (at < bytes.length) at += await this.#conn.write(bytes.subarray(at));
  }

  /**
   * Sends PING and reads up to its PONG: the server has handled everything
   * written before. Not while {@link count} runs.
   */
  async synchronize(): Promise<void> {
    const answer = this.#awaitPong();
    let answered = false;
    void answer.then(() => answered = true);
    await this.write(PING);
    while (!answered) await this.#read();
  }

  /**
   * Counts all that arrives until the link is disposed of, and calls
   * `progress` after each read.
   */
  async count(progress: () => void): Promise<void> {
    try {
      while (true) {
        // Not `+= await`, which would undo a reset made meanwhile.
        const count = await this.#read();
        this.received += count;
        progress();
      }
    } catch (error) {
      if (!this.#closed) throw error;
    }
  }

  /**
   * Sends PING while {@link count} runs; resolves when its PONG, which counts
   * as received, has arrived and nothing behind it.
   */
  async flush(): Promise<void> {
    const answer = this.#awaitPong();
    await this.write(PING);
    await answer;
  }

  /** Receives `bytes` bytes, neither more nor less. */
  async receiveExactly(bytes: number): Promise<void> {
    let left = bytes;
    while (left > 0) left -= await this.#read();
    if (left < 0) throw new Error(`got ${-left} bytes more than expected`);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  #awaitPong(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = "";
    this.#answered = resolve;
    return promise;
  }

  async #read(): Promise<number> {
    const count = await this.#conn.read(this.#buffer);
    if (count === null) throw new Error("the server closed the connection");
    if (this.#answered !== null) this.#lookForPong(count);
    return count;
  }

  #lookForPong(count: number): void {
    const last = this.#buffer.subarray(Math.max(0, count - 64), count);
    this.#tail = (this.#tail + new TextDecoder("latin1").decode(last))
      .slice(-64);
    if (this.#tail.includes("-ERR")) {
      throw new Error(`the server said ${this.#tail.trim()}`);
    }
    if (!this.#tail.endsWith(PONG)) return;
    this.#answered?.();
    this.#answered = null;
  }
}

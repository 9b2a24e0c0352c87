/**
 * The generator's end of a client connection: writes prepared bytes, counts
 * received ones, parses nothing.
 *
 * @module
 */

import { encode } from "./frames.ts";
import {
  type Framing,
  PLAIN,
  upgradeRequest,
  WebsocketFraming,
} from "./framing.ts";

/** Bytes per read. 64 KiB costs a tenth more CPU; 1 MiB saves nothing. */
const READ_BYTES = 1 << 18;

const GREETING = {
  verbose: false,
  pedantic: false,
  lang: "bench",
  version: "1",
};
const PING = encode("PING\r\n");
/** A server may have a PING of its own behind its PONG. */
const ANSWERED = /PONG\r\n(PING\r\n)*$/;

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
  readonly #framing: Framing;
  #closed = false;
  /** The last few bytes, kept only while a PONG is awaited. */
  #tail = "";
  #answered: (() => void) | null = null;

  private constructor(
    conn: Deno.Conn,
    buffer: Uint8Array<ArrayBuffer>,
    framing: Framing,
  ) {
    this.#conn = conn;
    this.#buffer = buffer;
    this.#framing = framing;
  }

  /** Connects, introduces itself, waits until the server has taken it in. */
  static async open(
    port: number,
    readBytes = READ_BYTES,
    user: Credentials | undefined = undefined,
  ): Promise<Link> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    const link = new Link(conn, new Uint8Array(readBytes), PLAIN);
    return await link.#greet(user);
  }

  /** The same over WebSocket. */
  static async openWebsocket(port: number, compress: boolean): Promise<Link> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    await conn.write(encode(upgradeRequest(compress)));
    const byte = new Uint8Array(1);
    let head = "";
    while (!head.endsWith("\r\n\r\n") && await conn.read(byte) !== null) {
      head += String.fromCharCode(byte[0] ?? 0);
    }
    const agreed = /permessage-deflate/i.test(head);
    if (!head.startsWith("HTTP/1.1 101") || agreed !== compress) {
      conn.close();
      throw new Error(`no upgrade: ${head}`);
    }
    const framing = new WebsocketFraming(compress);
    return await new Link(conn, new Uint8Array(READ_BYTES), framing).#greet();
  }

  async #greet(user?: Credentials): Promise<this> {
    try {
      const greeting = JSON.stringify({ ...GREETING, ...user });
      await this.write(encode(`CONNECT ${greeting}\r\n`));
      await this.synchronize();
      return this;
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Writes all of some text. */
  write(text: Uint8Array): Promise<void> {
    return this.writePacked(this.pack(text));
  }

  /** What {@link writePacked} takes, for text that is written many times. */
  pack(text: Uint8Array): Uint8Array {
    return this.#framing.pack(text);
  }

  async writePacked(bytes: Uint8Array): Promise<void> {
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

  /** Receives `bytes` bytes, neither more nor less but a PING of the server. */
  async receiveExactly(bytes: number): Promise<void> {
    let left = bytes;
    while (left > 0) {
      const count = await this.#read();
      left -= this.#holdsPing(count) ? count - PING_BYTES : count;
    }
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
    const { bytes, last } = this.#framing.unpack(
      this.#buffer.subarray(0, count),
    );
    if (this.#answered !== null) this.#lookForPong(last);
    return bytes;
  }

  /** Whether the bytes just read begin or end with a PING. Plain links only. */
  #holdsPing(count: number): boolean {
    const read = this.#buffer.subarray(0, count);
    return [read.subarray(0, PING_BYTES), read.subarray(-PING_BYTES)]
      .some((part) => part.length === PING_BYTES && equal(part, PING));
  }

  #lookForPong(last: Uint8Array): void {
    this.#tail = (this.#tail + new TextDecoder("latin1").decode(last))
      .slice(-64);
    if (this.#tail.includes("-ERR")) {
      throw new Error(`the server said ${this.#tail.trim()}`);
    }
    if (!ANSWERED.test(this.#tail)) return;
    this.#answered?.();
    this.#answered = null;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}

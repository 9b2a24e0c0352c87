/**
 * A raw client connection: bytes out, operations in, TLS on demand.
 *
 * @module
 */

import { Duplex } from "node:stream";
import * as nodeTls from "node:tls";
import { type Operation, OperationSplitter } from "./operations.ts";
import type { Chunking, TlsChoice } from "./scenario.ts";

/** Milliseconds that a TLS handshake may take. */
const HANDSHAKE_LIMIT = 5_000;

/** One connection of a scenario. */
export class Wire {
  readonly #conn: Deno.TcpConn;
  #secure: nodeTls.TLSSocket | undefined;
  /** Takes what the socket brings: operations, or records for the TLS engine. */
  #incoming: { data(bytes: Uint8Array): void; end(): void };
  #splitter = new OperationSplitter();
  #received: Operation[] = [];
  #closed = false;
  #stalled = false;
  #wake: (() => void)[] = [];

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.#incoming = {
      data: (bytes) => this.#receive(bytes),
      end: () => this.#end(),
    };
    this.#pump();
  }

  /** Connects over TCP. */
  static async connect(hostname: string, port: number): Promise<Wire> {
    const conn = await Deno.connect({ hostname, port });
    conn.setNoDelay(true);
    return new Wire(conn);
  }

  /** The server has closed, or the connection broke. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The client reads nothing any more. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** The client's own port. */
  get localPort(): number {
    return this.#conn.localAddr.port;
  }

  /** Writes, cut as asked. What a server that has closed no longer takes is dropped. */
  async send(bytes: Uint8Array, chunking: Chunking): Promise<void> {
    const pieces = cut(bytes, chunking.cuts ?? []);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await sleep(chunking.pause ?? 2);
      if (this.#closed) return;
      await this.#write(piece).catch(() => {});
    }
  }

  /**
   * Takes received operations up to and including the first that `stop`
   * accepts; after `within` ms or at the close, all that there are.
   */
  async take(
    stop: (operation: Operation) => boolean,
    within: number,
  ): Promise<{ operations: Operation[]; found: boolean }> {
    const deadline = performance.now() + within;
    let looked = 0;
    while (true) {
      for (; looked < this.#received.length; looked++) {
        if (stop(this.#received[looked] ?? "")) {
          return {
            operations: this.#received.splice(0, looked + 1),
            found: true,
          };
        }
      }
      const left = deadline - performance.now();
      if (this.#closed || left <= 0) {
        return { operations: this.#drain(), found: false };
      }
      await this.#change(left);
    }
  }

  /** Waits until the server closes, at most `within` ms; takes all operations. */
  async takeUntilClosed(within: number): Promise<Operation[]> {
    const { operations } = await this.take(() => false, within);
    return operations;
  }

  /** Upgrades to TLS; returns version and the server's common name. @throws Error when the handshake fails */
  async upgrade(choice: TlsChoice): Promise<string> {
    const secure = nodeTls.connect({
      socket: this.#recordStream(),
      rejectUnauthorized: choice.ca !== undefined,
      servername: choice.serverName ?? "localhost",
      ...Object.fromEntries(
        Object.entries(choice).filter(([name]) => name !== "serverName"),
      ),
    });
    try {
      await handshake(secure);
    } catch (error) {
      this.destroy();
      throw error;
    }
    this.#secure = secure;
    secure.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    // A reset after a close or an alert is an end like any other.
    for (const event of ["error", "end", "close"]) {
      secure.on(event, () => this.#end());
    }
    return `${secure.getProtocol()}, ${secure.getPeerCertificate().subject?.CN}`;
  }

  /** Stops reading for good; a read that is under way still counts. */
  stall(): void {
    this.#stalled = true;
  }

  /** Ends the client's direction. */
  finish(): void {
    if (this.#secure !== undefined) this.#secure.end();
    else this.#conn.closeWrite().catch(() => {});
  }

  /** Drops the connection. Harmless when repeated. */
  destroy(): void {
    this.#secure?.destroy();
    try {
      this.#conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#end();
  }

  async #pump(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let n; (n = await this.#conn.read(buffer)) !== null;) {
        this.#incoming.data(buffer.slice(0, n));
        if (this.#stalled) return;
      }
    } catch {
      // Reset, or dropped by the test: an end like any other.
    }
    this.#incoming.end();
  }

  /** From here on, what the socket brings goes to the TLS engine. */
  #recordStream(): Duplex {
    const conn = this.#conn;
    const stream = new Duplex({
      allowHalfOpen: false,
      read() {},
      write: (bytes: Uint8Array, _encoding, done) => {
        writeAll(conn, bytes).then(() => done(), done);
      },
      final: (done) => {
        conn.closeWrite().then(() => done(), () => done());
      },
    });
    stream.on("error", () => {});
    this.#incoming = {
      data: (bytes) => void stream.push(bytes),
      end: () => {
        stream.push(null);
        this.#end();
      },
    };
    return stream;
  }

  #write(bytes: Uint8Array): Promise<void> {
    const secure = this.#secure;
    if (secure === undefined) return writeAll(this.#conn, bytes);
    return new Promise((resolve) => secure.write(bytes, () => resolve()));
  }

  #receive(bytes: Uint8Array): void {
    this.#received.push(...this.#splitter.push(bytes));
    this.#notify();
  }

  #drain(): Operation[] {
    const operations = this.#received.splice(0);
    if (this.#closed && this.#splitter.remainder !== "") {
      operations.push(this.#splitter.remainder);
      this.#splitter = new OperationSplitter();
    }
    return operations;
  }

  #change(left: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #end(): void {
    this.#closed = true;
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** Resolves after some milliseconds. */
export function sleep(during: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, during));
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) {
    rest = rest.subarray(await conn.write(rest));
  }
}

function handshake(socket: nodeTls.TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error("handshake timed out")),
      HANDSHAKE_LIMIT,
    );
    const settle = (outcome: () => void) => () => {
      clearTimeout(timer);
      outcome();
    };
    socket.once("secureConnect", settle(resolve));
    socket.once("error", settle(() => reject(new Error("handshake failed"))));
    socket.once(
      "close",
      settle(() => reject(new Error("closed during the handshake"))),
    );
  });
}

function cut(
  bytes: Uint8Array,
  cuts: readonly number[] | "every byte",
): Uint8Array[] {
  const offsets = cuts === "every byte" ? bytes.keys().drop(1).toArray() : cuts;
  const edges = [0, ...offsets, bytes.length];
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
}

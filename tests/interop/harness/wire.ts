/**
 * A raw client connection: bytes out, operations in, TLS on demand.
 *
 * @module
 */

import * as net from "node:net";
import * as nodeTls from "node:tls";
import { type Operation, OperationSplitter } from "./operations.ts";
import type { Chunking, TlsChoice } from "./scenario.ts";

/** Milliseconds that a TLS handshake may take. */
const HANDSHAKE_LIMIT = 5_000;

/** One connection of a scenario. */
export class Wire {
  #socket: net.Socket;
  #splitter = new OperationSplitter();
  #received: Operation[] = [];
  #closed = false;
  #wake: (() => void)[] = [];

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Connects over TCP. */
  static async connect(host: string, port: number): Promise<Wire> {
    const socket = net.connect({ host, port, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    socket.setNoDelay(true);
    return new Wire(socket);
  }

  /** The server has closed, or the connection broke. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The client's own port. */
  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  /** Writes, cut as asked. A connection that the server closed takes nothing more. */
  async send(bytes: Uint8Array, chunking: Chunking): Promise<void> {
    const pieces = cut(bytes, chunking.cuts ?? []);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await sleep(chunking.pause ?? 2);
      if (this.#closed || this.#socket.destroyed) return;
      await new Promise<void>((resolve) =>
        this.#socket.write(piece, () => resolve())
      );
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

  /** Upgrades to TLS. @throws Error when the handshake fails */
  async upgrade(choice: TlsChoice): Promise<string> {
    const plain = this.#socket;
    plain.removeAllListeners();
    const secure = nodeTls.connect({
      socket: plain,
      rejectUnauthorized: choice.ca !== undefined,
      ...(choice.ca === undefined ? {} : { ca: choice.ca }),
      ...(choice.cert === undefined ? {} : { cert: choice.cert }),
      ...(choice.key === undefined ? {} : { key: choice.key }),
      ...(choice.minVersion === undefined
        ? {}
        : { minVersion: choice.minVersion }),
      ...(choice.maxVersion === undefined
        ? {}
        : { maxVersion: choice.maxVersion }),
      servername: choice.serverName ?? "localhost",
    });
    plain.on("error", () => {});
    this.#socket = secure;
    try {
      await handshake(secure);
    } catch (error) {
      this.#end();
      plain.destroy();
      throw error;
    }
    this.#listen(secure);
    return secure.getProtocol() ?? "";
  }

  /** Ends the client's direction. */
  finish(): void {
    if (!this.#socket.destroyed) this.#socket.end();
  }

  /** Drops the connection. */
  destroy(): void {
    this.#socket.destroy();
    this.#end();
  }

  #listen(socket: net.Socket): void {
    socket.on("data", (bytes: Uint8Array) => {
      this.#received.push(...this.#splitter.push(bytes));
      this.#notify();
    });
    // A reset after a close or an alert is an end like any other.
    socket.on("error", () => this.#end());
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
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

import { Buffer } from "node:buffer";
import type { TLSSocket } from "node:tls";
import {
  type Endpoint,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from "../ports.ts";
import type { TlsState, TlsTransport } from "../tls_port.ts";
import type { TransportDuplex } from "./tls_duplex.ts";
import { tlsStateOf } from "./tls_state.ts";

/** Decrypted bytes that may wait for a reader before the peer is made to wait. */
const MOST_UNREAD = 65_536;

/** Most bytes taken by one write: what is encrypted ahead of a slow peer. */
const MOST_PER_WRITE = 262_144;

interface PendingRead {
  readonly target: Uint8Array;
  resolve(count: number | null): void;
  reject(error: TransportError): void;
}

interface PendingWrite {
  readonly size: number;
  resolve(count: number): void;
  reject(error: TransportError): void;
}

/** The plaintext side of a TLS connection whose handshake is done. */
export class EncryptedTransport implements TlsTransport {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls: TlsState;
  readonly #socket: TLSSocket;
  readonly #stream: TransportDuplex;
  readonly #unread: Uint8Array[] = [];
  #unreadSize = 0;
  #held = false;
  #ended = false;
  #failure: TransportError | undefined;
  #read: PendingRead | undefined;
  #write: PendingWrite | undefined;

  /**
   * @param socket the platform's TLS, secured
   * @param stream the ciphertext below `socket`
   */
  constructor(
    transport: Transport,
    socket: TLSSocket,
    stream: TransportDuplex,
  ) {
    this.local = transport.local;
    this.remote = transport.remote;
    this.tls = tlsStateOf(socket);
    this.#socket = socket;
    this.#stream = stream;
    socket.on("data", (chunk: Uint8Array) => this.#arrived(chunk));
    socket.on("end", () => this.#end());
    socket.on("error", (error: Error) => this.#fail(error));
    socket.on("close", () => this.#broken());
    if (socket.destroyed) this.#broken();
  }

  read(target: Uint8Array): Promise<number | null> {
    if (this.#unreadSize > 0) return Promise.resolve(this.#take(target));
    if (this.#ended) return Promise.resolve(null);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#read = { target, resolve, reject };
    });
  }

  write(source: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const size = Math.min(source.length, MOST_PER_WRITE);
    return new Promise((resolve, reject) => {
      this.#write = { size, resolve, reject };
      this.#socket.write(
        Buffer.from(source.buffer, source.byteOffset, size),
        this.#written,
      );
    });
  }

  closeWrite(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve) => {
      this.#socket.once("close", resolve);
      this.#socket.end(() => {
        this.#socket.off("close", resolve);
        resolve();
      });
    });
  }

  close(): void {
    this.#unread.length = 0;
    this.#unreadSize = 0;
    this.#ended = false;
    this.#stop(
      new TransportError("use of closed network connection", "CLOSED"),
    );
    this.#socket.destroy();
    this.#stream.destroy();
  }

  #arrived(chunk: Uint8Array): void {
    const read = this.#read;
    if (read === undefined) {
      this.#keep(chunk);
      return;
    }
    this.#read = undefined;
    const count = Math.min(chunk.length, read.target.length);
    read.target.set(chunk.subarray(0, count));
    if (count < chunk.length) this.#keep(chunk.subarray(count));
    read.resolve(count);
  }

  #keep(chunk: Uint8Array): void {
    this.#unread.push(chunk);
    this.#unreadSize += chunk.length;
    if (this.#held || this.#unreadSize < MOST_UNREAD) return;
    this.#held = true;
    this.#stream.hold();
  }

  #take(target: Uint8Array): number {
    let filled = 0;
    for (
      let chunk = this.#unread[0];
      chunk !== undefined && filled < target.length;
      chunk = this.#unread[0]
    ) {
      const count = Math.min(chunk.length, target.length - filled);
      target.set(chunk.subarray(0, count), filled);
      filled += count;
      if (count < chunk.length) this.#unread[0] = chunk.subarray(count);
      else this.#unread.shift();
    }
    this.#unreadSize -= filled;
    if (this.#held && this.#unreadSize === 0) {
      this.#held = false;
      this.#stream.release();
    }
    return filled;
  }

  readonly #written = (error?: Error | null): void => {
    const write = this.#write;
    if (write === undefined) return;
    if (error) {
      this.#fail(error);
      return;
    }
    this.#write = undefined;
    write.resolve(write.size);
  };

  #end(): void {
    if (this.#failure !== undefined) return;
    this.#ended = true;
    this.#read?.resolve(null);
    this.#read = undefined;
  }

  #fail(error: Error): void {
    this.#stop(connectionError(error));
  }

  #broken(): void {
    this.#stop(new TransportError("connection reset by peer", "RESET"));
  }

  /** Nothing works from here on; the first reason stays. */
  #stop(reason: TransportError): void {
    const failure = this.#failure ??= reason;
    this.#read?.reject(failure);
    this.#write?.reject(failure);
    this.#read = undefined;
    this.#write = undefined;
  }
}

function connectionError(error: Error): TransportError {
  if (error instanceof TransportError) return error;
  const code: unknown = Reflect.get(error, "code");
  const kind: TransportErrorCode = code === "ECONNRESET" || code === "EPIPE"
    ? "RESET"
    : "TLS";
  return new TransportError(
    kind === "RESET" ? "connection reset by peer" : `tls: ${error.message}`,
    kind,
    { cause: error },
  );
}

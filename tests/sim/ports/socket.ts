/**
 * One end of a simulated connection.
 *
 * @module
 */

import {
  type Endpoint,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from "../../../src/runtime/ports.ts";
import { Lane } from "./lane.ts";
import type { Execution } from "./scheduler.ts";
import type { Wire } from "./wire.ts";

interface PendingRead {
  readonly target: Uint8Array;
  readonly resolve: (count: number | null) => void;
  readonly reject: (error: TransportError) => void;
}

interface PendingWrite {
  readonly source: Uint8Array;
  readonly resolve: (count: number) => void;
  readonly reject: (error: TransportError) => void;
}

/** Where a socket lives. */
export interface SocketPlace {
  /** Address of the host. */
  readonly host: string;
  readonly execution: Execution;
  readonly endpoint: Endpoint;
}

/**
 * A TCP socket with a bounded buffer. Bytes move at completion, not at the
 * call, so a caller that touches its buffers too early corrupts its own data.
 */
export class SimSocket implements Transport {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #wire: Wire;
  readonly #place: SocketPlace;
  readonly #peerHost: string;
  readonly #lane: Lane;
  readonly #onClose: (socket: SimSocket) => void;
  #peer: SimSocket | null = null;
  #received: Uint8Array[] = [];
  /** Bytes sent that the peer has not read yet. */
  #unread = 0;
  #dataUnderWay = 0;
  #creditUnderWay = 0;
  #peerEnded = false;
  #writeEnded = false;
  #failure: TransportErrorCode | null = null;
  #reading: PendingRead | null = null;
  #writing: PendingWrite | null = null;
  #waking = false;

  private constructor(
    wire: Wire,
    place: SocketPlace,
    peer: SocketPlace,
    onClose: (socket: SimSocket) => void,
  ) {
    this.#wire = wire;
    this.#onClose = onClose;
    this.#place = place;
    this.local = place.endpoint;
    this.remote = peer.endpoint;
    this.#peerHost = peer.host;
    this.#lane = new Lane(wire, place.host, peer.host, () => this.#giveUp());
  }

  /**
   * Two connected sockets.
   * @param onClose called with a socket that is broken or closed
   */
  static pair(
    wire: Wire,
    a: SocketPlace,
    b: SocketPlace,
    onClose: (socket: SimSocket) => void,
  ): [SimSocket, SimSocket] {
    const first = new SimSocket(wire, a, b, onClose);
    const second = new SimSocket(wire, b, a, onClose);
    first.#peer = second;
    second.#peer = first;
    return [first, second];
  }

  /** Whether this socket connects these two hosts. */
  connects(a: string, b: string): boolean {
    const { host } = this.#place;
    return (host === a && this.#peerHost === b) ||
      (host === b && this.#peerHost === a);
  }

  /** Whether the socket belongs to this process. */
  isOf(execution: Execution): boolean {
    return this.#place.execution === execution;
  }

  read(target: Uint8Array): Promise<number | null> {
    if (this.#reading !== null) throw new Error("Two reads pending");
    if (target.length === 0) throw new Error("Read into nothing");
    if (this.#failure === "CLOSED") return Promise.reject(broken("CLOSED"));
    return new Promise((resolve, reject) => {
      this.#reading = { target, resolve, reject };
      this.#wake();
    });
  }

  write(source: Uint8Array): Promise<number> {
    if (this.#writing !== null) throw new Error("Two writes pending");
    if (source.length === 0) throw new Error("Write of nothing");
    if (this.#failure === "CLOSED" || this.#writeEnded) {
      return Promise.reject(broken("CLOSED"));
    }
    return new Promise((resolve, reject) => {
      this.#writing = { source, resolve, reject };
      this.#wake();
    });
  }

  closeWrite(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(broken(this.#failure));
    this.#endWrite();
    return Promise.resolve();
  }

  close(): void {
    if (this.#failure === "CLOSED") return;
    const wasBroken = this.#failure !== null;
    this.#failure = "CLOSED";
    this.#onClose(this);
    this.#reading?.reject(broken("CLOSED"));
    this.#writing?.reject(broken("CLOSED"));
    this.#reading = null;
    this.#writing = null;
    if (!wasBroken) this.#sayFarewell();
  }

  /**
   * The process died. Its kernel closes the socket, unless the power failed;
   * then the peer hears nothing.
   */
  abandon(kernelLives: boolean): void {
    if (this.#failure !== null) return;
    this.#failure = "CLOSED";
    this.#onClose(this);
    if (kernelLives) this.#sayFarewell();
    else this.#lane.clear();
  }

  /** As in Linux: unread bytes at close turn the farewell into a reset. */
  #sayFarewell(): void {
    if (this.#received.length > 0) this.#sendReset();
    else this.#endWrite();
    this.#received = [];
  }

  /** Breaks the socket from outside. Harmless when it is broken already. */
  fail(code: TransportErrorCode): void {
    if (this.#failure !== null) return;
    this.#failure = code;
    this.#lane.clear();
    this.#onClose(this);
    this.#wake();
  }

  #endWrite(): void {
    if (this.#writeEnded) return;
    this.#writeEnded = true;
    this.#sendData(0, (peer) => peer.arriveEnd());
  }

  #sendData(size: number, deliver: (peer: SimSocket) => void): void {
    this.#dataUnderWay++;
    this.#lane.send(size, () => {
      this.#dataUnderWay--;
      if (this.#peer !== null) deliver(this.#peer);
    });
  }

  #sendReset(): void {
    this.#wire.carryOnce(
      this.#place.host,
      this.#peerHost,
      () => this.#peer?.fail("RESET"),
    );
  }

  /**
   * The way to the peer was blocked for too long. Who sent bytes and got no
   * acknowledgement gives up; acknowledgements that are lost make the other
   * side give up.
   */
  #giveUp(): void {
    if (this.#creditUnderWay > 0) this.#peer?.fail("TIMEOUT");
    if (this.#dataUnderWay > 0) this.fail("TIMEOUT");
  }

  /** Takes bytes from the peer. Not for users of the socket. */
  arrive(bytes: Uint8Array): void {
    if (this.#failure !== null) return this.#sendReset();
    if (this.#wire.breaksNow(this.#place.host, this.#peerHost)) {
      this.fail("RESET");
      this.#peer?.fail("RESET");
      return;
    }
    this.#received.push(bytes);
    this.#wake();
  }

  /** Takes the end of the peer's stream. */
  arriveEnd(): void {
    this.#peerEnded = true;
    this.#wake();
  }

  /** Takes word that the peer has read. */
  arriveCredit(count: number): void {
    this.#unread -= count;
    this.#wake();
  }

  #wake(): void {
    if (this.#waking || (this.#reading === null && this.#writing === null)) {
      return;
    }
    this.#waking = true;
    this.#wire.scheduler.after(0, this.#place.execution, () => {
      this.#waking = false;
      this.#progressRead();
      this.#progressWrite();
    });
  }

  #progressRead(): void {
    const pending = this.#reading;
    if (pending === null) return;
    if (this.#received.length > 0) {
      this.#reading = null;
      pending.resolve(this.#take(pending.target));
    } else if (this.#failure !== null) {
      this.#reading = null;
      pending.reject(broken(this.#failure));
    } else if (this.#peerEnded) {
      this.#reading = null;
      pending.resolve(null);
    }
  }

  #progressWrite(): void {
    const pending = this.#writing;
    if (pending === null) return;
    if (this.#failure !== null) {
      this.#writing = null;
      return pending.reject(broken(this.#failure));
    }
    const room = this.#wire.options.buffer - this.#unread;
    if (room <= 0) return;
    const count = this.#wire.portion(
      this.#place.host,
      this.#peerHost,
      Math.min(room, pending.source.length),
    );
    const bytes = pending.source.slice(0, count);
    this.#unread += count;
    this.#sendData(count, (peer) => peer.arrive(bytes));
    this.#writing = null;
    pending.resolve(count);
  }

  /** Moves received bytes into `target` and lets the peer send as many more. */
  #take(target: Uint8Array): number {
    const available = this.#received.reduce(
      (sum, part) => sum + part.length,
      0,
    );
    const count = this.#wire.portion(
      this.#place.host,
      this.#peerHost,
      Math.min(available, target.length),
    );
    let taken = 0;
    while (taken < count) {
      const part = this.#received.shift();
      if (part === undefined) break;
      const piece = part.subarray(0, count - taken);
      target.set(piece, taken);
      taken += piece.length;
      if (piece.length < part.length) {
        this.#received.unshift(part.subarray(piece.length));
      }
    }
    if (this.#failure === null) this.#sendCredit(count);
    return count;
  }

  #sendCredit(count: number): void {
    this.#creditUnderWay += count;
    this.#lane.send(0, () => {
      this.#creditUnderWay -= count;
      this.#peer?.arriveCredit(count);
    });
  }
}

const WORDS: Partial<Record<TransportErrorCode, string>> = {
  CLOSED: "use of closed network connection",
  RESET: "connection reset by peer",
  REFUSED: "connection refused",
  TIMEOUT: "connection timed out",
  IN_USE: "address already in use",
  NOT_FOUND: "no such host",
  NOT_AVAILABLE: "cannot assign requested address",
};

/** The error for a code, in the system's words. */
export function broken(code: TransportErrorCode): TransportError {
  return new TransportError(WORDS[code] ?? code, code);
}

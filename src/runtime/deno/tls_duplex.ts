import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import type { Transport } from "../ports.ts";

/** Read buffers grow while reads fill them, and shrink when reads leave them empty. */
const SMALLEST_READ = 2_048;
const LARGEST_READ = 65_536;

/** A transport as the stream of ciphertext that the platform's TLS expects. */
export class TransportDuplex extends Duplex {
  readonly #transport: Transport;
  #received: Uint8Array | undefined;
  #bufferSize = SMALLEST_READ;
  #held = false;
  /** Whether a read was asked for while held. */
  #wanted = false;
  /** What the pending read fills. */
  #filling = new Uint8Array(0);
  /** A buffer whose contents have been consumed. */
  #spare: Uint8Array<ArrayBuffer> | undefined;

  /** @param received bytes that were read from `transport` already */
  constructor(transport: Transport, received?: Uint8Array) {
    super({ allowHalfOpen: false, readableHighWaterMark: LARGEST_READ });
    this.#transport = transport;
    this.#received = received?.length ? received : undefined;
  }

  /**
   * Stops reading from the transport. Pausing the stream would not do: the
   * platform's TLS resumes it whenever it likes.
   */
  hold(): void {
    this.#held = true;
  }

  /** Reads on after {@link hold}. */
  release(): void {
    this.#held = false;
    if (!this.#wanted) return;
    this.#wanted = false;
    this._read();
  }

  override _read(): void {
    if (this.#held) {
      this.#wanted = true;
      return;
    }
    const received = this.#received;
    if (received !== undefined) {
      this.#received = undefined;
      this.push(received);
      return;
    }
    this.#filling = this.#spare ?? new Uint8Array(this.#bufferSize);
    this.#spare = undefined;
    this.#transport.read(this.#filling).then(this.#arrived, this.#failed);
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    callback: (error?: Error | null) => void,
  ): void {
    this.#writeAll(chunk).then(() => callback(), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#transport.closeWrite().then(() => callback(), callback);
  }

  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    this.#transport.close();
    callback(error);
  }

  readonly #arrived = (count: number | null): void => {
    if (this.destroyed) return;
    if (count === null) {
      this.push(null);
      return;
    }
    const buffer = this.#filling;
    if (count === buffer.length) {
      this.#bufferSize = Math.min(buffer.length * 2, LARGEST_READ);
    } else if (count <= SMALLEST_READ) {
      this.#bufferSize = SMALLEST_READ;
    }
    this.push(Buffer.from(buffer.buffer, 0, count));
    // A flowing stream has handed the bytes on by now; a paused one keeps them.
    const consumed = this.readableLength === 0;
    if (consumed && buffer.length === this.#bufferSize) this.#spare = buffer;
  };

  readonly #failed = (error: Error): void => {
    this.destroy(error);
  };

  async #writeAll(chunk: Uint8Array): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      rest = rest.subarray(await this.#transport.write(rest));
    }
  }
}

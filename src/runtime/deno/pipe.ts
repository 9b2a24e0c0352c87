import { type Endpoint, type Transport, TransportError } from "../ports.ts";

/** Bytes that one direction of a pipe holds before writes wait. */
const CAPACITY = 65_536;

const ENDPOINT: Endpoint = { host: "pipe", port: 0 };

/** Two connected in-process transports. */
export function pipe(): [Transport, Transport] {
  const there = new Channel();
  const back = new Channel();
  return [new PipeEnd(back, there), new PipeEnd(there, back)];
}

class PipeEnd implements Transport {
  readonly local = ENDPOINT;
  readonly remote = ENDPOINT;
  readonly #incoming: Channel;
  readonly #outgoing: Channel;

  constructor(incoming: Channel, outgoing: Channel) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(target: Uint8Array): Promise<number | null> {
    return this.#incoming.read(target);
  }

  write(source: Uint8Array): Promise<number> {
    return this.#outgoing.write(source);
  }

  closeWrite(): Promise<void> {
    this.#outgoing.end();
    return Promise.resolve();
  }

  close(): void {
    this.#outgoing.end("write: use of closed network connection");
    this.#incoming.abandon();
  }
}

interface Waiting<T> {
  readonly bytes: Uint8Array;
  resolve(result: T): void;
  reject(error: TransportError): void;
}

/**
 * One direction: a ring of bytes between one writer and one reader. A reader
 * that waits gets the bytes straight from the writer; the ring is allocated
 * when a writer first finds nobody waiting.
 */
class Channel {
  #ring: Uint8Array | undefined;
  #start = 0;
  #length = 0;
  #reader: Waiting<number | null> | undefined;
  #writer: Waiting<number> | undefined;
  /** Why writes fail, once they do. */
  #writeError: TransportError | undefined;
  #ended = false;
  #abandoned = false;

  read(target: Uint8Array): Promise<number | null> {
    if (this.#abandoned) return Promise.reject(closed("read"));
    if (this.#length > 0) {
      const taken = this.#take(target);
      this.#admitWriter();
      return Promise.resolve(taken);
    }
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#reader = { bytes: target, resolve, reject };
    });
  }

  write(source: Uint8Array): Promise<number> {
    if (this.#writeError !== undefined) return Promise.reject(this.#writeError);
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      const given = Math.min(source.length, reader.bytes.length);
      reader.bytes.set(source.subarray(0, given));
      reader.resolve(given);
      return Promise.resolve(given);
    }
    if (this.#length < CAPACITY) return Promise.resolve(this.#store(source));
    return new Promise((resolve, reject) => {
      this.#writer = { bytes: source, resolve, reject };
    });
  }

  /** The writer is done; with a message, it also dropped its pending write. */
  end(message = "write: broken pipe"): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failWrites(new TransportError(message, "CLOSED"));
    this.#reader?.resolve(null);
    this.#reader = undefined;
  }

  /** The reader is gone: what is buffered is lost and writes fail. */
  abandon(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#length = 0;
    this.#ring = undefined;
    this.#failWrites(new TransportError("write: broken pipe", "RESET"));
    this.#reader?.reject(closed("read"));
    this.#reader = undefined;
  }

  #failWrites(error: TransportError): void {
    this.#writeError ??= error;
    this.#writer?.reject(error);
    this.#writer = undefined;
  }

  #admitWriter(): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    writer.resolve(this.#store(writer.bytes));
  }

  #take(target: Uint8Array): number {
    const ring = this.#ring;
    if (ring === undefined) return 0;
    const count = Math.min(target.length, this.#length);
    const first = Math.min(count, CAPACITY - this.#start);
    target.set(ring.subarray(this.#start, this.#start + first));
    target.set(ring.subarray(0, count - first), first);
    this.#start = (this.#start + count) % CAPACITY;
    this.#length -= count;
    return count;
  }

  #store(source: Uint8Array): number {
    const ring = this.#ring ??= new Uint8Array(CAPACITY);
    const count = Math.min(source.length, CAPACITY - this.#length);
    const end = (this.#start + this.#length) % CAPACITY;
    const first = Math.min(count, CAPACITY - end);
    ring.set(source.subarray(0, first), end);
    ring.set(source.subarray(first, count));
    this.#length += count;
    return count;
  }
}

function closed(operation: string): TransportError {
  return new TransportError(
    `${operation}: use of closed network connection`,
    "CLOSED",
  );
}

import type { Endpoint, Transport } from "../ports.ts";
import { endpointOf } from "./addresses.ts";
import { transportError } from "./socket_errors.ts";

/**
 * A short read tells the platform that the socket is empty: it tries the next
 * one when the system has told that there is more. On Windows it tries at once.
 */
const RESTS_WHEN_EMPTY = Deno.build.os !== "windows";

/** A TCP connection, which sends small writes at once. */
export function tcpTransport(conn: Deno.TcpConn): Transport {
  try {
    conn.setNoDelay(true);
  } catch {
    // The peer is gone already, as the first read will tell.
  }
  return new SocketTransport(conn);
}

/**
 * A TCP or unix stream socket. Reads and writes are the platform's own
 * promises with a rejection handler; nothing else stands on their path.
 */
export class SocketTransport implements Transport {
  readonly restsWhenEmpty = RESTS_WHEN_EMPTY;
  readonly #conn: Deno.Conn;
  #closed = false;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  get local(): Endpoint {
    return endpointOf(this.#conn.localAddr);
  }

  get remote(): Endpoint {
    return endpointOf(this.#conn.remoteAddr);
  }

  read(target: Uint8Array): Promise<number | null> {
    return this.#conn.read(target).catch(readFailed);
  }

  write(source: Uint8Array): Promise<number> {
    return this.#conn.write(source).catch(writeFailed);
  }

  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      throw transportError(error, "close write");
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }
}

function readFailed(error: unknown): never {
  throw transportError(error, "read");
}

function writeFailed(error: unknown): never {
  throw transportError(error, "write");
}

/**
 * A server that does no work per message: it divides the bytes that it reads
 * by the size of the first PUB and hands every subscriber as many ready-made
 * MSGs. What the generator reaches against it is the generator's own limit.
 *
 *     deno run --allow-net tests/bench/null_server.ts <port>
 *
 * It knows one subject and equal messages; queue groups are plain subscribers.
 *
 * @module
 */

import { encode, messageSize } from "./frames.ts";

const BUFFER_BYTES = 1 << 18;
const INFO = encode('INFO {"server_id":"NULL","version":"2.15.2"}\r\n');
const PONG = encode("PONG\r\n");
const PING_BYTES = 6;
const LF = 10;

/** Gets ready-made messages. */
class Subscriber {
  readonly #conn: Deno.Conn;
  readonly #subject: string;
  readonly #sid: string;
  #ready = new Uint8Array(0);
  /** Bytes still to send. */
  #owed = 0;
  #at = 0;
  #sending = false;

  constructor(conn: Deno.Conn, subject: string, sid: string) {
    this.#conn = conn;
    this.#subject = subject;
    this.#sid = sid;
  }

  /** Sends `count` messages with `size` bytes of payload. */
  deliver(count: number, size: number): void {
    const bytes = messageSize(this.#subject, this.#sid, size);
    if (this.#ready.length === 0) this.#prepare(size);
    this.#owed += count * bytes;
    if (!this.#sending) void this.#send();
  }

  #prepare(size: number): void {
    const message = encode(
      `MSG ${this.#subject} ${this.#sid} ${size}\r\n${"x".repeat(size)}\r\n`,
    );
    const count = Math.ceil(BUFFER_BYTES / message.length);
    this.#ready = new Uint8Array(count * message.length);
    for (let i = 0; i < count; i++) {
      this.#ready.set(message, i * message.length);
    }
  }

  async #send(): Promise<void> {
    this.#sending = true;
    while (this.#owed > 0) {
      const most = Math.min(this.#owed, this.#ready.length - this.#at);
      const part = this.#ready.subarray(this.#at, this.#at + most);
      const taken = await this.#conn.write(part).catch(() => most);
      this.#owed -= taken;
      this.#at = (this.#at + taken) % this.#ready.length;
    }
    this.#sending = false;
  }
}

const subscribers = new Map<Deno.Conn, Subscriber>();

/** What one publisher has sent. */
class Intake {
  /** Bytes of one PUB with its payload; 0 before the first. */
  #frame = 0;
  #size = 0;
  #partial = 0;

  /** Takes a read; returns whether it ended with a PING. */
  take(bytes: Uint8Array): boolean {
    if (this.#frame === 0) this.#learn(bytes);
    this.#partial += bytes.length;
    const count = Math.floor(this.#partial / this.#frame);
    this.#partial -= count * this.#frame;
    if (count > 0) {
      for (const one of subscribers.values()) one.deliver(count, this.#size);
    }
    const ping = this.#partial === PING_BYTES && bytes.at(-1) === LF;
    if (ping) this.#partial = 0;
    return ping;
  }

  #learn(bytes: Uint8Array): void {
    const line = new TextDecoder().decode(bytes.subarray(0, 256))
      .split("\r\n")[0] ?? "";
    this.#size = Number(line.split(" ").at(-1));
    this.#frame = line.length + 2 + this.#size + 2;
  }
}

async function serve(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  await conn.write(INFO);
  const buffer = new Uint8Array(BUFFER_BYTES);
  let intake: Intake | null = null;
  for (
    let n = await conn.read(buffer);
    n !== null;
    n = await conn.read(buffer)
  ) {
    const bytes = buffer.subarray(0, n);
    if (intake === null && bytes[0] === "P".charCodeAt(0) && bytes[1] === 85) {
      intake = new Intake();
    }
    if (intake === null) await talk(conn, new TextDecoder().decode(bytes));
    else if (intake.take(bytes)) await conn.write(PONG);
  }
}

/** Handles what comes before the first PUB. */
async function talk(conn: Deno.TcpConn, text: string): Promise<void> {
  for (const line of text.split("\r\n")) {
    const [verb, subject = "", ...rest] = line.split(" ");
    if (verb === "SUB") {
      subscribers.set(conn, new Subscriber(conn, subject, rest.at(-1) ?? ""));
    } else if (verb === "PING") await conn.write(PONG);
  }
}

const listener = Deno.listen({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
});
for await (const conn of listener) {
  serve(conn).catch(() => {}).finally(() => {
    subscribers.delete(conn);
    conn.close();
  });
}

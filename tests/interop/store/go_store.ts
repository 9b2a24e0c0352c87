/**
 * A Go server with a store that outlives it, and a client to fill it.
 *
 * @module
 */

import { type Peer, startGoServer } from "../../tools/oracle.ts";

/** A message as it arrives; texts have one char per byte. */
export interface Arrival {
  readonly subject: string;
  readonly reply: string;
  /** Header block, empty when there is none. */
  readonly header: string;
  readonly payload: string;
}

/** Asked by JetStream's API, JSON. */
export type Answer = Readonly<Record<string, unknown>>;

const ANSWER_WITHIN = 10_000;
const FRAME =
  /^(?:MSG (\S+) (\d+) +(?:(\S+) )?(\d+)|HMSG (\S+) (\d+) +(?:(\S+) )?(\d+) (\d+)|(PING)|\S.*) *\r\n/;

/** A running Go server over a given store directory, and a connection to it. */
export class GoStore implements AsyncDisposable {
  readonly #server: Peer;
  readonly #connection: Deno.TcpConn;
  readonly #reading: Promise<void>;
  /** By number of subscription. */
  readonly #listeners = new Map<string, (arrival: Arrival) => void>();
  #text = "";
  #subscriptions = 0;

  private constructor(server: Peer, connection: Deno.TcpConn) {
    this.#server = server;
    this.#connection = connection;
    this.#reading = this.#read();
  }

  /** @param options further fields of the block `jetstream` */
  static async start(directory: string, options: string): Promise<GoStore> {
    const server = await startGoServer({
      config: `host: 127.0.0.1\nport: -1\n` +
        `jetstream { store_dir: "${directory}", sync_interval: 1s\n${options} }`,
    });
    const { port } = server;
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    const store = new GoStore(server, connection);
    await store.send(
      'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n',
    );
    return store;
  }

  /** Sends text with one byte per char. */
  async send(text: string): Promise<void> {
    let rest: Uint8Array = Uint8Array.from(text, (char) => char.charCodeAt(0));
    while (rest.length > 0) {
      rest = rest.subarray(await this.#connection.write(rest));
    }
  }

  /** Hands all that arrives at a new inbox to `listener`; returns the inbox. */
  async listen(listener: (arrival: Arrival) => void): Promise<string> {
    const number = String(++this.#subscriptions);
    this.#listeners.set(number, listener);
    const inbox = `_INBOX.${number}`;
    await this.send(`SUB ${inbox} ${number}\r\n`);
    return inbox;
  }

  /** Publishes and waits for the first answer. */
  async request(
    subject: string,
    payload: string,
    header = "",
  ): Promise<Arrival> {
    const { promise, resolve, reject } = Promise.withResolvers<Arrival>();
    const inbox = await this.listen(resolve);
    const timer = setTimeout(
      () => reject(new Error(`no answer from ${subject}\n${this.log()}`)),
      ANSWER_WITHIN,
    );
    await this.publish(subject, payload, header, inbox);
    const arrival = await promise.finally(() => clearTimeout(timer));
    const number = inbox.slice(inbox.indexOf(".") + 1);
    this.#listeners.delete(number);
    await this.send(`UNSUB ${number}\r\n`);
    return arrival;
  }

  /** Asks JetStream. @throws Error with what it refuses */
  async api(operation: string, request: unknown = {}): Promise<Answer> {
    const subject = `$JS.API.${operation}`;
    const { payload } = await this.request(subject, JSON.stringify(request));
    const answer = JSON.parse(payload);
    if (answer.error !== undefined) {
      throw new Error(`${operation}: ${JSON.stringify(answer.error)}`);
    }
    return answer;
  }

  async publish(
    subject: string,
    payload: string,
    header = "",
    reply = "",
  ): Promise<void> {
    const size = header.length + payload.length;
    const line = header === ""
      ? `PUB ${subject} ${reply} ${size}`
      : `HPUB ${subject} ${reply} ${header.length} ${size}`;
    await this.send(`${line}\r\n${header}${payload}\r\n`);
  }

  log(): string {
    return this.#server.log();
  }

  /** Ends the server in order, so that it writes everything. */
  async stop(): Promise<void> {
    this.#server.signal("SIGINT");
    await this.#server.exited;
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await this.#reading;
    this.#connection.close();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const count = await this.#connection.read(buffer).catch(() => null);
      if (count === null) return;
      let text = "";
      for (const byte of buffer.subarray(0, count)) {
        text += String.fromCharCode(byte);
      }
      this.#text += text;
      while (this.#takeFrame());
    }
  }

  #takeFrame(): boolean {
    const match = FRAME.exec(this.#text);
    if (match === null) return false;
    const subject = match[1] ?? match[5];
    const headerSize = Number(match[8] ?? 0);
    const size = Number(match[4] ?? match[9] ?? -2);
    const start = match[0].length;
    if (this.#text.length < start + size + 2) return false;
    const body = this.#text.slice(start, start + size);
    this.#text = this.#text.slice(start + size + 2);
    if (match[10] !== undefined) void this.send("PONG\r\n");
    if (subject === undefined) return true;
    this.#listeners.get(match[2] ?? match[6] ?? "")?.({
      subject,
      reply: match[3] ?? match[7] ?? "",
      header: body.slice(0, headerSize),
      payload: body.slice(headerSize),
    });
    return true;
  }
}

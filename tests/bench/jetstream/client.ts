/**
 * The generator's end of a connection that talks to JetStream: finds messages
 * and their reply subjects in what arrives, and makes no text of either.
 *
 * @module
 */

import { encode } from "../frames.ts";

const READ_BYTES = 1 << 18;
const GREETING =
  `CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n`;
const BLANK = 0x20;
const LF = 0x0a;
const H = 0x48;
const M = 0x4d;
const P = 0x50;
const I = 0x49;
const MINUS = 0x2d;
const PONG = encode("PONG\r\n");
const ANSWERS_SID = "1";
/** Connections that were opened. */
let opened = 0;

/** A message as it stands among the bytes that were read. */
export interface Arrival {
  readonly bytes: Uint8Array;
  /** Both -1: no reply subject. */
  replyStart: number;
  replyEnd: number;
  /** Headers and payload. */
  bodyStart: number;
  bodyEnd: number;
  /** Whether it has headers, as status messages do. */
  hasHeaders: boolean;
}

/** One connection. */
export class JetStreamClient implements Disposable {
  /** Told of each message that answers no request. */
  onMessage: (arrival: Arrival) => void = () => {};
  /** Told when everything that was read at once has been looked at. */
  onRead: () => void = () => {};
  readonly #conn: Deno.Conn;
  /** Where answers to {@linkcode request} arrive. */
  readonly #answers = `answers${++opened}`;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(READ_BYTES);
  /** What is there and was not looked at yet. */
  #start = 0;
  #end = 0;
  #arrival: Arrival = this.#newArrival();
  #answer: ((text: string) => void) | null = null;
  #failed: (error: Error) => void = () => {};
  #closed = false;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async open(port: number): Promise<JetStreamClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    const client = new JetStreamClient(conn);
    void client.#read();
    await client.write(
      encode(`${GREETING}SUB ${client.#answers} ${ANSWERS_SID}\r\n`),
    );
    return client;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) at += await this.#conn.write(bytes.subarray(at));
  }

  /**
   * Sends a request and waits for its answer.
   * @param headers header block; empty: none
   * @throws Error when the answer is an error
   */
  async request(
    subject: string,
    body: object | string,
    headers = "",
  ): Promise<string> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#answer = resolve;
    this.#failed = reject;
    const size = encode(text).length;
    const op = headers === ""
      ? `PUB ${subject} ${this.#answers} ${size}`
      : `HPUB ${subject} ${this.#answers} ${headers.length} ${
        headers.length + size
      }`;
    await this.write(encode(`${op}\r\n${headers}${text}\r\n`));
    const answer = await promise;
    if (answer.includes(`"error":`)) throw new Error(`${subject}: ${answer}`);
    return answer;
  }

  /** An API request by the part of its subject behind `$JS.API.`. */
  api(endpoint: string, body: object | string = ""): Promise<string> {
    return this.request(`$JS.API.${endpoint}`, body);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  #newArrival(): Arrival {
    return {
      bytes: this.#buffer,
      replyStart: -1,
      replyEnd: -1,
      bodyStart: 0,
      bodyEnd: 0,
      hasHeaders: false,
    };
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        if (this.#end === this.#buffer.length) this.#makeRoom();
        const count = await this.#conn.read(this.#buffer.subarray(this.#end));
        if (count === null) throw new Error("the server closed the connection");
        this.#end += count;
        while (this.#take());
        if (this.#start === this.#end) this.#start = this.#end = 0;
        this.onRead();
      }
    } catch (error) {
      if (this.#closed) return;
      this.#failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #makeRoom(): void {
    const old = this.#buffer;
    const left = this.#end - this.#start;
    if (2 * left > old.length) {
      this.#buffer = new Uint8Array(2 * old.length);
      this.#buffer.set(old.subarray(this.#start, this.#end));
      this.#arrival = this.#newArrival();
    } else old.copyWithin(0, this.#start, this.#end);
    this.#start = 0;
    this.#end = left;
  }

  /** Takes one op. @returns false when it has not arrived completely */
  #take(): boolean {
    const bytes = this.#buffer;
    const start = this.#start;
    if (start === this.#end) return false;
    const lf = bytes.indexOf(LF, start);
    if (lf < 0 || lf >= this.#end) return false;
    const kind = bytes[start];
    if (kind === M || kind === H) return this.#takeMessage(start, lf);
    this.#start = lf + 1;
    if (kind === P && bytes[start + 1] === I) void this.write(PONG);
    if (kind === MINUS) throw new Error(textOf(bytes, start, lf));
    return true;
  }

  #takeMessage(start: number, lf: number): boolean {
    const bytes = this.#buffer;
    const arrival = this.#arrival;
    arrival.hasHeaders = bytes[start] === H;
    const sidStart = bytes.indexOf(BLANK, bytes.indexOf(BLANK, start) + 1) + 1;
    const sidEnd = bytes.indexOf(BLANK, sidStart);
    let at = lf - 1;
    let size = 0;
    for (let unit = 1; bytes[--at] !== BLANK; unit *= 10) {
      size += unit * ((bytes[at] ?? 0) - 0x30);
    }
    if (arrival.hasHeaders) { while (bytes[--at] !== BLANK); }
    const end = lf + 1 + size + 2;
    if (end > this.#end) return false;
    arrival.replyStart = at > sidEnd ? sidEnd + 1 : -1;
    arrival.replyEnd = at > sidEnd ? at : -1;
    arrival.bodyStart = lf + 1;
    arrival.bodyEnd = lf + 1 + size;
    this.#start = end;
    const answer = this.#answer;
    const isAnswer = sidEnd === sidStart + 1 && bytes[sidStart] === 0x31;
    if (isAnswer && answer !== null) {
      this.#answer = null;
      answer(textOf(bytes, arrival.bodyStart, arrival.bodyEnd));
    } else if (!isAnswer) this.onMessage(arrival);
    return true;
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(start, end));
}

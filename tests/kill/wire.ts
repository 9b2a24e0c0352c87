/**
 * A connection to a server that may be killed at any time.
 *
 * @module
 */

const decoder = new TextDecoder("latin1");
const encoder = new TextEncoder();
const GREETING =
  `CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n`;
/** Connections that were opened. */
let opened = 0;

/** A message as text. */
export interface Received {
  /** Behind the inbox. */
  readonly subject: string;
  readonly reply: string;
  readonly headers: string;
  readonly body: string;
}

/** Speaks text; ends quietly when the server does. */
export class Wire implements AsyncDisposable {
  onMessage: (message: Received) => void = () => {};
  readonly #conn: Deno.Conn;
  /** Where everything for this connection arrives. */
  readonly #inbox = `_K${++opened}`;
  readonly #reading: Promise<void>;
  readonly #awaited = new Map<string, (message: Received) => void>();
  #rest = "";
  #requests = 0;
  #ended = false;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#reading = this.#read();
  }

  static async open(port: number): Promise<Wire> {
    const wire = new Wire(await Deno.connect({ hostname: "127.0.0.1", port }));
    await wire.send(`${GREETING}SUB ${wire.#inbox}.> 1\r\n`);
    return wire;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Does nothing when the server has gone. */
  async send(text: string): Promise<void> {
    const bytes = encoder.encode(text);
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#conn.write(bytes.subarray(at));
      }
    } catch {
      this.#end();
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#conn.close();
  }

  /** @param reply behind the inbox; undefined: none is wanted */
  publish(subject: string, body: string, reply?: string): Promise<void> {
    const to = reply === undefined ? "" : `${this.#inbox}.${reply} `;
    return this.send(`PUB ${subject} ${to}${body.length}\r\n${body}\r\n`);
  }

  /** Asks the API. @throws Error when it refuses, or the server goes */
  async request(subject: string, body: object = {}): Promise<string> {
    const reply = `r${++this.#requests}`;
    const { promise, resolve } = Promise.withResolvers<Received>();
    this.#awaited.set(reply, resolve);
    await this.publish(subject, JSON.stringify(body), reply);
    const answer = await Promise.race([promise, this.#reading]);
    this.#awaited.delete(reply);
    if (answer === undefined) throw new Error(`no answer to ${subject}`);
    if (answer.body.includes(`"error":`)) {
      throw new Error(`${subject}: ${answer.body}`);
    }
    return answer.body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(1 << 16);
    try {
      for (;;) {
        const count = await this.#conn.read(buffer);
        if (count === null) break;
        this.#rest += decoder.decode(buffer.subarray(0, count));
        let at = 0;
        for (let next = this.#take(at); next > at; next = this.#take(at)) {
          at = next;
        }
        this.#rest = this.#rest.slice(at);
      }
    } catch {
      // Killed: what did not arrive was not promised.
    }
    this.#end();
  }

  /** Takes the op at `at`. @returns where it ends; `at` when it is not complete */
  #take(at: number): number {
    const text = this.#rest;
    const line = text.indexOf("\r\n", at);
    if (line < 0) return at;
    const words = text.slice(at, line).split(" ");
    const [verb, subject = ""] = words;
    if (verb === "PING") void this.send("PONG\r\n");
    if (verb !== "MSG" && verb !== "HMSG") return line + 2;
    const fixed = verb === "MSG" ? 4 : 5;
    const size = Number(words.at(-1));
    const headerSize = verb === "MSG" ? 0 : Number(words.at(-2));
    const body = line + 2;
    const end = body + size + 2;
    if (text.length < end) return at;
    const message = {
      subject: subject.slice(this.#inbox.length + 1),
      reply: words.length > fixed ? words[3] ?? "" : "",
      headers: text.slice(body, body + headerSize),
      body: text.slice(body + headerSize, body + size),
    };
    const awaiting = this.#awaited.get(message.subject);
    if (awaiting !== undefined) awaiting(message);
    else this.onMessage(message);
    return end;
  }
}

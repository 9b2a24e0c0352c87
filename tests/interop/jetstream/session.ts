/**
 * A client that talks JetStream to one server and writes down what it gets, so
 * that what two servers say can be compared.
 *
 * @module
 */

import type { Peer } from "../../tools/oracle.ts";
import type { Operation } from "../harness/operations.ts";
import { sleep, Wire } from "../harness/wire.ts";
import { showDocument, showText } from "./show.ts";

/** Milliseconds to wait for what must come. */
const PATIENCE = 3_000;
/** Milliseconds for an answer, without which nothing goes on. */
const ANSWER_WITHIN = 20_000;

/** A message as it came. */
export interface Received {
  readonly subject: string;
  readonly reply: string;
  readonly headers: string;
  readonly body: string;
}

/** Fields of a configuration, or of any other document. */
export type Fields = Readonly<Record<string, unknown>>;

/** One client in one scenario. Names are the same on both servers. */
export class Session {
  readonly transcript: string[];
  readonly #peer: Peer;
  readonly #wire: Wire;
  readonly #others: Session[] = [];
  readonly #queues = new Map<string, Received[]>();
  #inboxes = 0;

  private constructor(
    peer: Peer,
    wire: Wire,
    transcript: string[],
    /** Name of the scenario's stream. */
    readonly stream: string,
    /** First token of its subjects. */
    readonly prefix: string,
  ) {
    this.#peer = peer;
    this.#wire = wire;
    this.transcript = transcript;
  }

  /** @param credentials fields of CONNECT */
  static async open(
    peer: Peer,
    number: number,
    credentials: Fields = {},
    transcript: string[] = [],
  ): Promise<Session> {
    const wire = await Wire.connect(peer.host, peer.port);
    const session = new Session(
      peer,
      wire,
      transcript,
      `S${number}`,
      `s${number}`,
    );
    const fields = {
      verbose: false,
      headers: true,
      no_responders: true,
      ...credentials,
    };
    await session.send(`CONNECT ${JSON.stringify(fields)}\r\n`);
    await session.sync();
    return session;
  }

  /** Another client of the same scenario. */
  async as(credentials: Fields): Promise<Session> {
    const number = Number(this.stream.slice(1));
    const other = await Session.open(
      this.#peer,
      number,
      credentials,
      this.transcript,
    );
    this.#others.push(other);
    return other;
  }

  close(): void {
    for (const other of this.#others) other.close();
    this.#wire.destroy();
  }

  async send(text: string): Promise<void> {
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    await this.#wire.send(bytes, {});
  }

  /** Everything sent so far has been processed. */
  async sync(): Promise<void> {
    await this.send("PING\r\n");
    await this.#receive(
      (operation) => operation.startsWith("PONG"),
      ANSWER_WITHIN,
    );
  }

  /** The same of acknowledgements, which the Go server looks at later. */
  async settle(): Promise<void> {
    await this.sync();
    await sleep(40);
  }

  note(text: string): void {
    this.transcript.push(text);
  }

  pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds);
  }

  /** The subject that is listened to as `sid` unless another is given. */
  inbox(sid: string): string {
    return `${this.stream}-${sid}`;
  }

  /** Subscribes; what comes is kept under `sid`. */
  async listen(
    sid: string,
    subject = this.inbox(sid),
    queue = "",
  ): Promise<void> {
    await this.send(
      `SUB ${subject} ${queue === "" ? "" : `${queue} `}${sid}\r\n`,
    );
    await this.sync();
  }

  async unlisten(sid: string): Promise<void> {
    await this.send(`UNSUB ${sid}\r\n`);
    await this.sync();
  }

  async publish(
    subject: string,
    body = "",
    options: { reply?: string; headers?: string } = {},
  ): Promise<void> {
    const { reply = "", headers = "" } = options;
    const to = reply === "" ? subject : `${subject} ${reply}`;
    if (headers === "") {
      return await this.send(`PUB ${to} ${body.length}\r\n${body}\r\n`);
    }
    const block = `NATS/1.0\r\n${headers}\r\n\r\n`;
    const size = block.length + body.length;
    await this.send(
      `HPUB ${to} ${block.length} ${size}\r\n${block}${body}\r\n`,
    );
  }

  /** Publishes to the stream, one after the other, and waits until they are stored. */
  async store(
    ...messages: (string | readonly [string, string])[]
  ): Promise<void> {
    for (const message of messages) {
      const [token, body] = typeof message === "string"
        ? [message, `body of ${message}`]
        : message;
      await this.ask(`${this.prefix}.${token}`, body);
    }
  }

  /** Sends a request and returns the answer. */
  async ask(
    subject: string,
    body: unknown = "",
    headers = "",
  ): Promise<Received> {
    const sid = `_INBOX.${++this.#inboxes}`;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    await this.send(`SUB ${sid} ${sid}\r\nUNSUB ${sid} 1\r\n`);
    await this.publish(subject, text, { reply: sid, headers });
    const [answer] = await this.#next(sid, 1, ANSWER_WITHIN);
    if (answer === undefined) throw new Error(`no answer to ${subject}`);
    return answer;
  }

  /** Asks the API and writes down what it says. */
  async api(subject: string, body: unknown = "", headers = ""): Promise<void> {
    const answer = await this.ask(`$JS.API.${subject}`, body, headers);
    const status = answer.headers === "" ? "" : showText(answer.headers);
    this.note(`${subject} > ${status}${showDocument(answer.body)}`);
  }

  /** Asks the API for what must succeed. */
  async done(
    subject: string,
    body: unknown = "",
  ): Promise<Record<string, unknown>> {
    const answer = await this.ask(`$JS.API.${subject}`, body);
    const document = JSON.parse(answer.body);
    if (document.error !== undefined) {
      throw new Error(`${subject}: ${answer.body}`);
    }
    return document;
  }

  /** Creates the scenario's stream. */
  async create(fields: Fields = {}): Promise<void> {
    await this.done(`STREAM.CREATE.${this.stream}`, {
      name: this.stream,
      subjects: [`${this.prefix}.>`],
      storage: "memory",
      ...fields,
    });
  }

  /** Creates a consumer. */
  async consumer(name: string, fields: Fields = {}): Promise<void> {
    await this.done(
      `CONSUMER.CREATE.${this.stream}.${name}`,
      this.consumerRequest(name, fields),
    );
  }

  consumerRequest(name: string, fields: Fields = {}): Fields {
    return {
      stream_name: this.stream,
      config: { durable_name: name, ack_policy: "explicit", ...fields },
    };
  }

  /** Writes down what creating a consumer answers. */
  async tryConsumer(
    name: string,
    fields: Fields,
    more: Fields = {},
  ): Promise<void> {
    await this.api(`CONSUMER.CREATE.${this.stream}.${name}`, {
      ...this.consumerRequest(name, fields),
      ...more,
    });
  }

  /** Asks for messages; they come to `sid`, which must be listened to. */
  async pull(
    consumer: string,
    sid: string,
    body: unknown = "",
    headers = "",
  ): Promise<void> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    await this.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.stream}.${consumer}`,
      text,
      { reply: this.inbox(sid), headers },
    );
  }

  /** Writes down the next messages of a subscription. */
  async take(sid: string, count = 1, within = PATIENCE): Promise<Received[]> {
    const received = await this.#next(sid, count, within);
    for (const each of received) this.#show(sid, each);
    if (received.length < count) {
      this.note(`${sid} ? only ${received.length} of ${count}`);
    }
    return received;
  }

  /** Writes them down sorted, where the order is chance. */
  async gather(sid: string, count: number): Promise<void> {
    const start = this.transcript.length;
    await this.take(sid, count);
    this.transcript.push(...this.transcript.splice(start).sort());
  }

  /** The next messages, unwritten. */
  read(sid: string, count = 1, within = PATIENCE): Promise<Received[]> {
    return this.#next(sid, count, within);
  }

  /** Whatever has come by now, unwritten, with the subscriptions that it came to. */
  drain(): [sid: string, received: Received][] {
    const all: [string, Received][] = [];
    for (const [sid, queue] of this.#queues) {
      for (const each of queue.splice(0)) all.push([sid, each]);
    }
    return all;
  }

  /** Writes down whatever comes in that time; normally nothing. */
  async quiet(sid: string, during = 120): Promise<void> {
    await this.#receive(() => false, during);
    for (const each of this.#queue(sid).splice(0)) this.#show(sid, each);
  }

  /** Answers a delivery. @param ask whether to wait for the answer to that */
  async ack(
    delivery: Received | undefined,
    body = "+ACK",
    ask = false,
  ): Promise<void> {
    const subject = delivery?.reply ?? "none";
    if (!ask) {
      await this.publish(subject, body);
      await this.settle();
      return;
    }
    const answer = await this.ask(subject, body);
    this.note(
      `${body} > ${showText(answer.headers)}${JSON.stringify(answer.body)}`,
    );
  }

  /** Writes down where a consumer is. */
  async state(consumer: string): Promise<void> {
    const info = await this.done(`CONSUMER.INFO.${this.stream}.${consumer}`);
    const shown = [
      "delivered",
      "ack_floor",
      "num_ack_pending",
      "num_redelivered",
      "num_waiting",
      "num_pending",
      "push_bound",
      "paused",
    ].map((field) => [field, info[field]]);
    this.note(
      `${consumer}: ${showDocument(JSON.stringify(Object.fromEntries(shown)))}`,
    );
  }

  /** Writes down which messages the stream has. */
  async messages(): Promise<void> {
    const info = await this.done(`STREAM.INFO.${this.stream}`, {
      deleted_details: true,
    });
    const { messages, first_seq, last_seq, deleted } = info["state"] as Fields;
    this.note(JSON.stringify({ messages, first_seq, last_seq, deleted }));
  }

  #show(sid: string, { subject, reply, headers, body }: Received): void {
    const parts = [subject, reply, headers, body].map(showText);
    this.note(
      `${sid} < ${parts.map((part) => JSON.stringify(part)).join(" ")}`,
    );
  }

  #queue(sid: string): Received[] {
    const queue = this.#queues.get(sid) ?? [];
    this.#queues.set(sid, queue);
    return queue;
  }

  async #next(sid: string, count: number, within: number): Promise<Received[]> {
    const queue = this.#queue(sid);
    if (queue.length < count) {
      let missing = count - queue.length;
      await this.#receive(
        (operation) => sidOf(operation) === sid && --missing === 0,
        within,
      );
    }
    return queue.splice(0, count);
  }

  async #receive(
    stop: (operation: Operation) => boolean,
    within: number,
  ): Promise<void> {
    const { operations } = await this.#wire.take(stop, within);
    for (const operation of operations) {
      const sid = sidOf(operation);
      if (sid !== null) this.#queue(sid).push(parse(operation));
      else if (operation.startsWith("-ERR")) this.note(operation.trim());
    }
  }
}

function sidOf(operation: Operation): string | null {
  return operation.match(/^H?MSG \S+ (\S+) /)?.[1] ?? null;
}

function parse(operation: Operation): Received {
  const lineEnd = operation.indexOf("\r\n");
  const words = operation.slice(0, lineEnd).split(" ").filter((word) =>
    word !== ""
  );
  const withHeaders = words[0] === "HMSG";
  const body = operation.slice(lineEnd + 2, -2);
  const hasReply = words.length === (withHeaders ? 6 : 5);
  const headerSize = withHeaders ? Number(words.at(-2)) : 0;
  return {
    subject: words[1] ?? "",
    reply: hasReply ? words[3] ?? "" : "",
    headers: body.slice(0, headerSize),
    body: body.slice(headerSize),
  };
}

/**
 * A client for JetStream's requests, on the raw protocol.
 *
 * @module
 */

import { denoRuntime } from "../../../src/runtime/mod.ts";
import { RawClient } from "../../tools/raw_client.ts";

/** A message as `STREAM.MSG.GET` gives it. */
export interface GotMessage {
  readonly subject: string;
  readonly seq: number;
  /** Base64. */
  readonly data?: string;
  readonly hdrs?: string;
  readonly time: string;
}

/** JSON of any shape. */
// deno-lint-ignore no-explicit-any
type Json = any;

/** One connection with one inbox. */
export class ApiClient {
  readonly #client: RawClient;
  #count = 0;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  static async connect(port: number): Promise<ApiClient> {
    const { network } = denoRuntime();
    const client = new RawClient(
      await network.connect({ host: "127.0.0.1", port }),
    );
    await client.expect(/^INFO \{.*\} \r\n/);
    await client.send('CONNECT {"verbose":false,"headers":true}\r\n');
    await client.send("SUB inbox.* 1\r\n");
    await client.flush();
    return new ApiClient(client);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Sends a request to the API. @throws Error with the API's words */
  async api(subject: string, request: object = {}): Promise<Json> {
    const text = await this.request(
      `$JS.API.${subject}`,
      JSON.stringify(request),
    );
    const answer: Json = JSON.parse(text);
    if (answer.error !== undefined) {
      throw new Error(`${subject}: ${JSON.stringify(answer.error)}`);
    }
    return answer;
  }

  /** Publishes and waits for the acknowledgement. @returns the sequence */
  async publish(
    subject: string,
    payload: string,
    header = "",
  ): Promise<number> {
    const answer: Json = JSON.parse(
      await this.request(subject, payload, header),
    );
    if (answer.error !== undefined) {
      throw new Error(`${subject}: ${JSON.stringify(answer.error)}`);
    }
    return answer.seq;
  }

  /** Sends a request and takes the body of what comes back. */
  async request(
    subject: string,
    payload: string,
    header = "",
  ): Promise<string> {
    return (await this.#exchange(subject, payload, header)).body;
  }

  /** Asks a consumer for messages. @returns their reply subjects */
  async next(
    stream: string,
    consumer: string,
    batch: number,
  ): Promise<string[]> {
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    const replies = [
      (await this.#exchange(
        subject,
        JSON.stringify({ batch, expires: 2e9 }),
        "",
      ))
        .reply,
    ];
    while (replies.length < batch) replies.push((await this.#take()).reply);
    return replies;
  }

  async send(subject: string, payload: string): Promise<void> {
    await this.#client.send(
      `PUB ${subject} ${payload.length}\r\n${payload}\r\n`,
    );
    await this.#client.flush();
  }

  async #exchange(
    subject: string,
    payload: string,
    header: string,
  ): Promise<{ reply: string; body: string }> {
    const inbox = `inbox.${++this.#count}`;
    const text = header === ""
      ? `PUB ${subject} ${inbox} ${payload.length}\r\n${payload}\r\n`
      : `HPUB ${subject} ${inbox} ${header.length} ${
        header.length + payload.length
      }\r\n${header}${payload}\r\n`;
    await this.#client.send(text);
    return await this.#take();
  }

  async #take(): Promise<{ reply: string; body: string }> {
    const [, words = ""] = await this.#client.expect(
      /H?MSG ([^\r]*)\r\n/,
      10_000,
    );
    const parts = words.split(" ");
    const size = Number(parts.at(-1));
    const [, body = ""] = await this.#client.expect(
      new RegExp(`^([^]{${size}})\r\n`),
      10_000,
    );
    // Subject, sid, then a reply if there is one.
    const reply = Number.isNaN(Number(parts[2])) ? parts[2] ?? "" : "";
    return { reply, body };
  }
}

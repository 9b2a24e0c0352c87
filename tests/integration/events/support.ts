/**
 * Members of accounts that listen and ask.
 *
 * @module
 */

import type { Server } from "../../../src/mod.ts";
import { RawClient } from "../../tools/raw_client.ts";

/** Members of one account must not hear each other's answers. */
let members = 0;

/** A client that hears messages as subject and document. */
export class Member implements AsyncDisposable {
  readonly client: RawClient;
  readonly #inbox: string;
  #lastSid = 1;

  private constructor(client: RawClient, inbox: string) {
    this.client = client;
    this.#inbox = inbox;
  }

  /** Logs in with the user's name as password. */
  static async of(server: Server, user: string): Promise<Member> {
    const client = await RawClient.connect(server);
    const inbox = `inbox.${++members}`;
    const connect = { verbose: false, user, pass: user, lang: "test" };
    await client.send(
      `CONNECT ${JSON.stringify({ ...connect, protocol: 1 })}\r\n` +
        `SUB ${inbox} 1\r\n`,
    );
    await client.flush();
    return new Member(client, inbox);
  }

  async listen(subject: string): Promise<void> {
    await this.client.send(`SUB ${subject} ${++this.#lastSid}\r\n`);
    await this.client.flush();
  }

  /** The document that answers a request. */
  // deno-lint-ignore no-explicit-any
  async ask(subject: string, body = ""): Promise<any> {
    await this.client.send(
      `PUB ${subject} ${this.#inbox} ${body.length}\r\n${body}\r\n`,
    );
    return (await this.hear()).document;
  }

  /** Asks, and waits a little for an answer that does not come. */
  async isIgnored(subject: string, body = ""): Promise<boolean> {
    await this.client.send(
      `PUB ${subject} ${this.#inbox} ${body.length}\r\n${body}\r\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    return !(await this.client.flush()).includes("MSG");
  }

  /** The next message. */
  // deno-lint-ignore no-explicit-any
  async hear(): Promise<{ subject: string; document: any }> {
    const [, subject = "", size] = await this.client.expect(
      /MSG (\S+) \S+ (\d+)\r\n/,
    );
    const [text] = await this.client.expect(new RegExp(`^[^]{${size}}`));
    return { subject, document: JSON.parse(text) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

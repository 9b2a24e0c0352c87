/**
 * A user of the system account, and what it hears made comparable.
 *
 * @module
 */

import type { Peer } from "../../tools/oracle.ts";
import type { RawClient } from "../../tools/raw_client.ts";
import { login } from "../monitor/load.ts";
import { normalise } from "../monitor/normalise.ts";

/** What only the platform decides, and subscriptions that a server makes for itself. */
const FURTHER: ReadonlySet<string> = new Set([
  "subscriptions",
  "num_subscriptions",
  "num_inserts",
  "num_removes",
  "total_connections",
  "in_msgs",
  "out_msgs",
  "in_bytes",
  "out_bytes",
  "in_client_msgs",
  "out_client_msgs",
  "in_client_bytes",
  "out_client_bytes",
  "msgs",
  "bytes",
  "memstats",
  "cmdline",
]);

const INBOX = "inbox.here";

/** Listens, and asks. */
export class SystemUser implements AsyncDisposable {
  /** Reply subject of what was heard last; empty when it had none. */
  lastReply = "";
  readonly #client: RawClient;
  #lastSid = 1;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  static async of(peer: Peer, user: string): Promise<SystemUser> {
    const client = await login(peer, user);
    await client.send(`SUB ${INBOX} 1\r\n`);
    await client.flush();
    return new SystemUser(client);
  }

  async listen(subject: string): Promise<void> {
    await this.#client.send(`SUB ${subject} ${++this.#lastSid}\r\n`);
    await this.#client.flush();
  }

  /** The answer to a request; null when none comes. */
  async ask(subject: string, body = ""): Promise<string | null> {
    await this.#client.send(
      `PUB ${subject} ${INBOX} ${body.length}\r\n${body}\r\n`,
    );
    return await this.hear();
  }

  /** Sends protocol as it is. */
  async send(text: string): Promise<void> {
    await this.#client.send(text);
  }

  /** Publishes headers without a body. */
  async publish(subject: string, block: string): Promise<void> {
    const { length } = block;
    await this.send(`HPUB ${subject} ${length} ${length}\r\n${block}\r\n`);
  }

  /** Sends a request with headers; returns the whole message that answers it. */
  async askWith(header: string, subject: string): Promise<string> {
    const block = `NATS/1.0\r\n${header}\r\n\r\n`;
    const { length } = block;
    await this.#client.send(
      `HPUB ${subject} ${INBOX} ${length} ${length}\r\n${block}\r\n`,
    );
    const head = await this.#client.expect(/HMSG \S+ \S+ +(\d+) (\d+)\r\n/);
    const size = Number(head[2]);
    const body = await this.#client.expect(
      new RegExp(`^[^]{${size}}\\r\\n`),
    );
    return body[0];
  }

  /** The next message: its subject and body; null when none comes. */
  async hear(within = 1_000): Promise<string | null> {
    const head = await this.#client
      .expect(/MSG (\S+) \S+ (?:(\S*) )? *(?:\d+ )?(\d+)\r\n/, within)
      .catch(() => null);
    if (head === null) return null;
    this.lastReply = head[2] ?? "";
    const size = Number(head[3]);
    const body = await this.#client.expect(new RegExp(`^[^]{${size}}\\r\\n`));
    const text = new TextDecoder().decode(
      Uint8Array.from(body[0], (char) => char.charCodeAt(0)),
    ).trimEnd();
    return `${head[1]} ${text}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}

/** What was heard, comparable; ids of servers in subjects go too. */
export function comparable(heard: string | null): string {
  if (heard === null) return "nothing";
  const [subject = "", ...rest] = heard.split(" ");
  const body = rest.join(" ");
  const shown = subject.replace(/N[A-Z2-7]{55}/, "<server>");
  return body.startsWith("{")
    ? `${shown} ${normalise(body, FURTHER)}`
    : `${shown} ${body}`;
}

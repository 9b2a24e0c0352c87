/**
 * Publishes documents in the name of the server.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import { documentText, Pacer, writeDocument } from "../monitor/mod.ts";
import { formatNanos } from "../protocol/mod.ts";
import type { Clock, Random } from "../runtime/mod.ts";
import { compressed, type Encoding } from "./encoding.ts";
import type { EventServer } from "./event_server.ts";
import { ServerHeader } from "./server_header.ts";
import { bytesOf, headerBlock, type SystemClient } from "./system_client.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const EVENT_ID_LENGTH = 22;

/** Belongs to one server. */
export class Publisher {
  readonly client: SystemClient;
  readonly #server: EventServer;
  readonly #header: ServerHeader;

  constructor(server: EventServer, client: SystemClient) {
    this.#server = server;
    this.client = client;
    this.#header = new ServerHeader(server);
  }

  /** The `server` field of the next message. */
  header(): object {
    return this.#header.next();
  }

  /** Tells local time. */
  get clock(): Clock {
    return this.#server.clock;
  }

  /** Opening fields of an advisory. @param timestamp text of its time (default: now) */
  typed(type: string, timestamp?: string): object {
    const { random, clock } = this.#server;
    return {
      type,
      id: eventId(random),
      timestamp: timestamp ?? formatNanos(clock.nowNanos()),
    };
  }

  /** Publishes to the system account; nothing is made if nobody listens. */
  publish(subject: string, make: () => object): void {
    const { system } = this.#server.accounts;
    if (system !== null) this.publishTo(system, subject, make);
  }

  /** The same for any account. */
  publishTo(account: Account, subject: string, make: () => object): void {
    if (!this.client.hasListeners(account, subject)) return;
    const body = bytesOf(documentText(make()));
    this.client.publish({ account, subject, body });
  }

  /** Publishes to any account what a reader gets encoded. */
  async publishEncoded(
    account: Account,
    subject: string,
    encoding: Encoding,
    make: () => object,
  ): Promise<void> {
    if (encoding === "none") return this.publishTo(account, subject, make);
    if (!this.client.hasListeners(account, subject)) return;
    const body = await compressed(bytesOf(documentText(make())), encoding);
    const headers = headerBlock("Content-Encoding", encoding);
    this.client.publish({ account, subject, headers, body });
  }

  /** Answers with a document, long or short, encoded as the asker can take it. */
  async answer(
    reply: string,
    document: unknown,
    encoding: Encoding = "none",
  ): Promise<void> {
    const { system } = this.#server.accounts;
    if (system === null || reply === "") return;
    let text = "";
    const pieces = writeDocument(document, "", new Pacer(this.#server));
    for await (const piece of pieces) text += piece;
    const body = bytesOf(text);
    if (encoding === "none") {
      this.client.publish({ account: system, subject: reply, body });
      return;
    }
    this.client.publish({
      account: system,
      subject: reply,
      headers: headerBlock("Content-Encoding", encoding),
      body: await compressed(body, encoding),
    });
  }
}

function eventId(random: Random): string {
  let id = "";
  for (let i = 0; i < EVENT_ID_LENGTH; i++) {
    id += DIGITS.charAt(random.below(DIGITS.length));
  }
  return id;
}

/**
 * JetStream as a member of one account, as whose requests go out.
 *
 * @module
 */

import {
  type Account,
  type ClientInfo,
  dispatchTo,
  type Producer,
} from "../account/mod.ts";
import { formatLocalTime, type Message } from "../protocol/mod.ts";
import type { JetStreamContext } from "./context.ts";

/** What streams and consumers of an account publish with. */
export class AccountMember implements Producer {
  readonly #account: Account;
  readonly #context: JetStreamContext;
  readonly #start: number;

  constructor(account: Account, context: JetStreamContext) {
    this.#account = account;
    this.#context = context;
    this.#start = context.clock.now();
  }

  /**
   * Delivers now. Nearly all of it are answers, each under a subject of its own.
   * @returns whether anybody took it
   */
  publish(message: Message): boolean {
    const { subjectChunk, subjectStart, subjectEnd } = message;
    const account = this.#account;
    const matches = account.subscriptions.matchOnce(
      subjectChunk.bytes,
      subjectStart,
      subjectEnd,
    );
    return dispatchTo(matches, account, message, this, this.#context);
  }

  throttle(): boolean {
    return false;
  }

  clientInfo(detailed: boolean): ClientInfo {
    const acc = this.#account.name;
    if (!detailed) return { acc };
    const start = formatLocalTime(this.#start, this.#context.clock);
    return { start, acc, server: this.#context.name, kind: "JetStream" };
  }

  measureRoundTrip(): void {
    // There is no way to measure.
  }
}

/**
 * Where the responses of one account's services arrive.
 *
 * @module
 */

import type { Message } from "../protocol/mod.ts";
import type { Timer, Timers } from "../runtime/mod.ts";
import type { Account } from "./account.ts";
import type { Base62 } from "./base62.ts";
import type { ServiceExport } from "./exports.ts";
import { type PendingResponse, PendingResponses } from "./responses.ts";
import { type Producer, type Receiver, Subscription } from "./subscription.ts";

/** What reply subjects of services begin with; clients can't give such ones. */
export const SERVICE_REPLY_PREFIX = "_R_.";
/** Unpredictable chars of the account's and of the request's part. */
const PART_LENGTH = 6;

/** Carries responses on. */
export interface ResponseCarrier {
  respond(
    response: PendingResponse,
    message: Message,
    producer: Producer,
  ): void;
  /** Nothing has come of a response for as long as its export allows. */
  expire(response: PendingResponse): void;
}

/** Subscribed to `_R_.<account's part>.>`. */
export class ResponseDesk implements Receiver {
  readonly seesImports = false;
  readonly sends = false;
  readonly pending: PendingResponses = new PendingResponses();
  readonly #account: Account;
  readonly #carrier: ResponseCarrier;
  readonly #clock: { monotonic(): number };
  readonly #timers: Timers;
  readonly #letters: Base62;
  readonly #prefix: string;
  readonly #expiries = new Map<ServiceExport, Timer>();

  constructor(
    account: Account,
    carrier: ResponseCarrier,
    { clock, timers }: {
      readonly clock: { monotonic(): number };
      readonly timers: Timers;
    },
    letters: Base62,
  ) {
    this.#account = account;
    this.#carrier = carrier;
    this.#clock = clock;
    this.#timers = timers;
    this.#letters = letters;
    this.#prefix = `${SERVICE_REPLY_PREFIX}${letters.draw(PART_LENGTH)}.`;
    account.subscriptions.insert(
      new Subscription(this, `${this.#prefix}>`, null, ""),
    );
  }

  /** A new reply subject: `_R_.<account's part>.<request's part>`. */
  drawSubject(): string {
    for (;;) {
      const subject = this.#prefix + this.#letters.draw(PART_LENGTH);
      if (this.pending.get(subject) === undefined) return subject;
    }
  }

  /** Waits for a response. */
  add(response: PendingResponse): void {
    this.pending.add(response);
    const { service } = response;
    if (!this.#expiries.has(service)) this.#watch(service);
  }

  /** Something of a response came, and more will. */
  touch(response: PendingResponse): void {
    this.pending.touch(response, this.#clock.monotonic());
  }

  deliver(
    _subscription: Subscription,
    message: Message,
    producer: Producer,
  ): boolean {
    const response = this.pending.get(message.route || message.subject());
    if (response !== undefined) {
      this.#carrier.respond(response, message, producer);
    }
    return true;
  }

  /** Waits no longer. */
  close(): void {
    for (const timer of this.#expiries.values()) timer.cancel();
    this.#expiries.clear();
  }

  /** Comes back when the next response of a service is overdue. */
  #watch(service: ServiceExport): void {
    this.#expiries.delete(service);
    const deadline = this.pending.deadline(service);
    if (deadline === null) return;
    const delay = Math.max(0, deadline - this.#clock.monotonic());
    this.#expiries.set(
      service,
      this.#timers.after(Math.ceil(delay), () => this.#expire(service)),
    );
  }

  #expire(service: ServiceExport): void {
    const now = this.#clock.monotonic();
    for (const response of this.pending.overdue(service, now)) {
      this.#carrier.expire(response);
    }
    this.#watch(service);
  }
}

/**
 * Publishes reports of latency in the account of the service.
 *
 * @module
 */

import { Chunk, encodeByteString, Message } from "../protocol/mod.ts";
import { subjectFromText } from "../subject/mod.ts";
import type { Account } from "./account.ts";
import type { Base62 } from "./base62.ts";
import type { ClientInfo } from "./client_info.ts";
import type { AccountContext } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import { encodeLatency, type LatencyOutcome } from "./latency.ts";
import type { Measurement } from "./responses.ts";
import type { Producer } from "./subscription.ts";

const ID_LENGTH = 22;

/** A report, as far as its sender knows it. */
export interface LatencyReport {
  /** Account of the service. */
  readonly account: Account;
  readonly outcome: LatencyOutcome;
  readonly measurement: Measurement;
  /** Whether the requestor lets itself be described. */
  readonly share: boolean;
  /** Who answered, if it was answered. */
  readonly responder?: Producer;
}

/** Belongs to one server. */
export class LatencyReporter {
  readonly #context: AccountContext;
  readonly #ids: Base62;
  readonly #waiting: (() => void)[] = [];

  constructor(context: AccountContext, ids: Base62) {
    this.#context = context;
    this.#ids = ids;
  }

  /** Publishes a report once the message at hand is dealt with. */
  report(report: LatencyReport): void {
    const { account, measurement } = report;
    const message = new Message();
    message.setSubject(subjectFromText(measurement.subject));
    message.chunk = Chunk.of(encodeByteString(this.#encode(report)));
    message.bodyEnd = message.chunk.size;
    this.#waiting.push(() => {
      dispatch(account, message, new AccountProducer(account), this.#context);
    });
    if (this.#waiting.length === 1) {
      this.#context.timers.soon(() => this.#publish());
    }
  }

  #publish(): void {
    for (const publish of this.#waiting.splice(0)) publish();
  }

  #encode(report: LatencyReport): string {
    const { measurement, outcome, share, responder } = report;
    const { clock } = this.#context;
    const elapsed = clock.monotonic() - measurement.startedMonotonic;
    return subjectFromText(encodeLatency({
      id: this.#ids.draw(ID_LENGTH),
      now: clock.now(),
      outcome,
      measurement,
      requestor: measurement.requestor.clientInfo(share),
      ...(responder === undefined ? {} : {
        response: { responder: responder.clientInfo(true), elapsed },
      }),
    }));
  }
}

/** The account itself, as the one who publishes. */
class AccountProducer implements Producer {
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  throttle(): boolean {
    return false;
  }

  clientInfo(): ClientInfo {
    return { acc: this.#account.name };
  }

  measureRoundTrip(): void {}
}

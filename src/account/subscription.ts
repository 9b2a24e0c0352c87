/**
 * Subscriptions and who stands behind them.
 *
 * @module
 */

import type { Message } from "../protocol/mod.ts";
import type { IndexedSubscription } from "../subject/mod.ts";
import type { ClientInfo } from "./client_info.ts";

/** Where a message enters an account: a client, a route, the server itself. */
export interface Producer {
  /**
   * Asks the producer to publish more slowly for `wait` milliseconds, or until
   * `relieved` calls back; what that returns calls it off.
   * @returns false when it does not wait, or has waited enough
   */
  throttle(
    wait: number,
    relieved: (callback: () => void) => () => void,
  ): boolean;
  /**
   * What services are told of the producer: its account and round-trip time,
   * or everything if it is `detailed`; null when it is no client.
   */
  clientInfo(detailed: boolean): ClientInfo | null;
  /** Finds out the round-trip time if it is unknown. */
  measureRoundTrip(): void;
}

/** Who a subscription delivers to. */
export interface Receiver {
  /** Whether its subscriptions see streams that the account imports. */
  readonly seesImports: boolean;
  /**
   * Whether what it takes goes out on a connection and counts as sent. The
   * server itself and other accounts, which count for themselves, do not send.
   */
  readonly sends: boolean;
  /**
   * Takes the message for one of the receiver's subscriptions.
   * @returns false when it was not taken: no echo, denied, closed or full
   */
  deliver(
    subscription: Subscription,
    message: Message,
    producer: Producer,
  ): boolean;
  /**
   * Calls back once when the receiver has caught up, or is gone. Absent for
   * those that take everything at once.
   * @returns false when it is not behind
   */
  whenCaughtUp?(callback: () => void): boolean;
}

/**
 * One SUB of one receiver. It knows what delivering needs of its receiver:
 * there are a dozen kinds of them, and looking at one whose kind the compiler
 * can't foresee takes longer than looking at a subscription.
 */
export class Subscription implements IndexedSubscription {
  /** Messages delivered since the SUB. */
  delivered = 0;
  /** Removed after this many deliveries; 0: never. */
  max = 0;
  closed = false;
  /** As {@link Receiver.sends}. */
  readonly sends: boolean;
  readonly #deliver: Receiver["deliver"];

  constructor(
    readonly receiver: Receiver,
    /** Byte string. */
    readonly subject: string,
    /** Byte string; null for a plain subscription. */
    readonly queue: string | null,
    /** The receiver's name for the subscription, byte string. */
    readonly sid: string,
  ) {
    this.sends = receiver.sends;
    this.#deliver = receiver.deliver;
  }

  /** Has the receiver take the message. @returns false when it was not taken */
  deliver(message: Message, producer: Producer): boolean {
    return this.#deliver.call(this.receiver, this, message, producer);
  }
}

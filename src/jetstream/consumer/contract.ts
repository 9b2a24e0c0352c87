/**
 * What a consumer needs beside its stream. What streams see of a consumer, and
 * a consumer of its stream, stands in `stream/contract.ts`; what the API asks
 * of it, in `assets.ts`.
 *
 * @module
 */

import type { Account, AccountContext } from "../../account/mod.ts";
import type { JetStreamAccountLimits } from "../types/infos.ts";
import type { AlarmClock } from "./alarm_clock.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** The part of an account's JetStream that its consumers share. */
export interface ConsumerHost {
  /** What it takes to deliver messages in the account. */
  readonly context: AccountContext;
  /** One per server. */
  readonly dispatcher: Dispatcher;
  /** One per server. */
  readonly alarms: AlarmClock;
  readonly advisories: ConsumerAdvisories;
  /** Whether acknowledgements are asked for under the longer subjects. */
  readonly longAckSubjects: boolean;
  /**
   * Limits of the account for consumers with so many replicas; null when it
   * has none and so may have no consumers.
   */
  accountLimits(replicas: number): JetStreamAccountLimits | null;
  /**
   * The subject that replies to `subject` reach in the end, and where: another
   * account's, if the request came by a service import.
   */
  replyTarget(subject: string): ReplyTarget;
}

/** Where replies go. */
export interface ReplyTarget {
  readonly account: Account;
  /** Byte string. */
  readonly subject: string;
}

/** A delivery that there is something to tell of. */
export interface AdvisedDelivery {
  readonly consumerSequence: number;
  readonly streamSequence: number;
  /** How often the message has been delivered. */
  readonly deliveries: number;
}

/** Events that a consumer has to tell of, for those who listen. */
export interface ConsumerAdvisories {
  consumerChanged(
    stream: string,
    consumer: string,
    action: "create" | "delete",
  ): void;
  /** @param until RFC 3339; null: it is not paused any more */
  paused(
    stream: string,
    consumer: string,
    until: string | null,
    paused: boolean,
  ): void;
  refused(stream: string, consumer: string, delivery: AdvisedDelivery): void;
  /** @param reason empty: none was given */
  terminated(
    stream: string,
    consumer: string,
    delivery: AdvisedDelivery,
    reason: string,
  ): void;
  /** It was delivered as often as it may be. */
  exceeded(
    stream: string,
    consumer: string,
    streamSequence: number,
    deliveries: number,
  ): void;
  /** A sample of how long acknowledgements take. @param delay nanoseconds */
  acknowledged(
    stream: string,
    consumer: string,
    delivery: AdvisedDelivery,
    delay: number,
  ): void;
  pinned(stream: string, consumer: string, group: string, pin: string): void;
  unpinned(
    stream: string,
    consumer: string,
    group: string,
    reason: "timeout" | "admin",
  ): void;
}

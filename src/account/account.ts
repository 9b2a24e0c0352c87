/**
 * An account: a subject space of its own.
 *
 * @module
 */

import type { AccountJetStreamLimits, AccountLimits } from "../config/mod.ts";
import { SubscriptionIndex } from "../subject/mod.ts";
import { Exports } from "./exports.ts";
import type { SubjectMappings } from "./mappings.ts";
import type { AwaitedReplies } from "./responses.ts";
import type { ServiceImport } from "./service_import.ts";
import type { Shadows } from "./shadow.ts";
import type { Subscription } from "./subscription.ts";

/** Name of the account of users that are in no other. */
export const GLOBAL_ACCOUNT = "$G";
/** Name of the server's own account unless configured otherwise. */
export const SYSTEM_ACCOUNT = "$SYS";

/** Messages and bytes in one direction. */
export interface TrafficCount {
  messages: number;
  bytes: number;
}

/** Destination (byte string) of traces, and percent of the messages. */
export interface TraceSampling {
  readonly destination: string;
  readonly percent: number;
}

/** No limits. */
export const UNLIMITED: AccountLimits = {
  maxConnections: -1,
  maxSubscriptions: -1,
  maxPayload: -1,
  maxLeafnodes: -1,
};

/** JetStream limits by tier (`R1`, `R3`, …); the empty tier holds for all streams. */
export type TieredLimits = ReadonlyMap<string, AccountJetStreamLimits>;

/** What happens to requests when those who made them listen no longer. */
export interface ReplyWatch {
  /** Subscriptions of `account` to these subjects have ended. */
  interestLost(account: Account, subjects: readonly string[]): void;
}

/** Keeps its subscriptions, mappings, exports, imports and counts. */
export class Account {
  readonly subscriptions: SubscriptionIndex<Subscription>;
  /** Null when the account has none, which spares publishers a look. */
  mappings: SubjectMappings | null = null;
  readonly exports: Exports = new Exports(this);
  serviceImports: readonly ServiceImport[] = [];
  /** Null when the account imports no streams. */
  shadows: Shadows | null = null;
  /** What the account's members wait for from services of others. */
  awaited:
    | { readonly replies: AwaitedReplies; readonly watch: ReplyWatch }
    | null = null;
  /**
   * Deliveries of the present distribution to receivers that do not send; 0
   * between distributions.
   */
  unsent = 0;
  readonly received: TrafficCount = { messages: 0, bytes: 0 };
  readonly sent: TrafficCount = { messages: 0, bytes: 0 };
  slowConsumers = 0;
  clients = 0;
  limits: AccountLimits = UNLIMITED;
  /**
   * Where traces of messages with a sampled `traceparent` go, and how many in
   * a hundred are traced; null: none.
   */
  traces: TraceSampling | null = null;
  /** Null: the account may not use JetStream. */
  jetstreamLimits: TieredLimits | null = null;
  /** Name for people, where the account's own name is a key; else empty. */
  title = "";

  /** Whether one more client may be there, beside `others`. */
  admits(others: number): boolean {
    const { maxConnections } = this.limits;
    return maxConnections < 0 || others < maxConnections;
  }

  /** How logs name the account. */
  get label(): string {
    return this.title === "" ? this.name : `${this.name}/${this.title}`;
  }

  constructor(
    readonly name: string,
    options: { cache: boolean; seed: number },
  ) {
    this.subscriptions = new SubscriptionIndex<Subscription>({
      seed: options.seed,
      ...(options.cache ? {} : { cacheSize: 0 }),
    });
  }
  /**
   * Adds a member's subscription, which sees imported streams too.
   * @throws SubjectIndexError for a malformed subject
   */
  subscribe(subscription: Subscription): void {
    this.subscriptions.insert(subscription);
    this.shadows?.cast(subscription);
  }

  /** Removes a member's subscription. */
  unsubscribe(subscription: Subscription): void {
    this.subscriptions.remove(subscription);
    this.#forget([subscription]);
  }

  /** Removes all subscriptions of a member. */
  unsubscribeAll(subscriptions: readonly Subscription[]): void {
    this.subscriptions.removeBatch(subscriptions);
    this.#forget(subscriptions);
  }

  #forget(subscriptions: readonly Subscription[]): void {
    if (this.shadows !== null) {
      for (const subscription of subscriptions) {
        this.shadows.remove(subscription);
      }
    }
    this.awaited?.watch.interestLost(
      this,
      subscriptions.map(({ subject }) => subject),
    );
  }
}

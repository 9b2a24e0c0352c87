/**
 * An account: a subject space of its own.
 *
 * @module
 */

import type { AccountLimits } from "../config/mod.ts";
import { SubscriptionIndex } from "../subject/mod.ts";
import type { SubjectMappings } from "./mappings.ts";
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

/** No limits. */
export const UNLIMITED: AccountLimits = {
  maxConnections: -1,
  maxSubscriptions: -1,
  maxPayload: -1,
  maxLeafnodes: -1,
};

/** Keeps its subscriptions, mappings and counts. */
export class Account {
  readonly subscriptions: SubscriptionIndex<Subscription>;
  /** Null when the account has none, which spares publishers a look. */
  mappings: SubjectMappings | null = null;
  readonly received: TrafficCount = { messages: 0, bytes: 0 };
  readonly sent: TrafficCount = { messages: 0, bytes: 0 };
  slowConsumers = 0;
  clients = 0;
  limits: AccountLimits = UNLIMITED;
  /** Name for people, where the account's own name is a key; else empty. */
  title = "";

  /** Whether one more client may join. */
  get hasRoom(): boolean {
    const { maxConnections } = this.limits;
    return maxConnections < 0 || this.clients < maxConnections;
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
}

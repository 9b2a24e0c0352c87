/**
 * An account: a subject space of its own.
 *
 * @module
 */

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

/** Keeps its subscriptions, mappings and counts. */
export class Account {
  readonly subscriptions: SubscriptionIndex<Subscription>;
  /** Null when the account has none, which spares publishers a look. */
  mappings: SubjectMappings | null = null;
  readonly received: TrafficCount = { messages: 0, bytes: 0 };
  readonly sent: TrafficCount = { messages: 0, bytes: 0 };
  slowConsumers = 0;
  clients = 0;

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

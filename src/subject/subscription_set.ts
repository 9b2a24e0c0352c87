/**
 * The subscriptions of one subject.
 *
 * @module
 */

/** What the index needs to know of a subscription. */
export interface IndexedSubscription {
  /** Byte string; must not change while the subscription is in an index. */
  readonly subject: string;
  /** Byte string of the queue group, or `null` for a plain subscription. */
  readonly queue: string | null;
  /**
   * Members that a queue subscription stands for on a remote server, default
   * 1. After changing it, tell the index through `updateWeight`.
   */
  queueWeight?: number;
}

/**
 * The subscriptions of one subject: by far most often a single one, which is
 * then held without a collection around it.
 */
export type Subscribers<S extends IndexedSubscription> = S | SubscriptionSet<S>;

/** Two or more subscriptions, or what is left of them. */
export class SubscriptionSet<S extends IndexedSubscription> {
  readonly plain = new Set<S>();
  /** By queue group; never holds an empty group. */
  readonly queues = new Map<string, Set<S>>();

  add(subscription: S): void {
    if (subscription.queue === null) this.plain.add(subscription);
    else {
      const group = this.queues.get(subscription.queue);
      if (group !== undefined) group.add(subscription);
      else this.queues.set(subscription.queue, new Set([subscription]));
    }
  }

  delete(subscription: S): void {
    if (subscription.queue === null) this.plain.delete(subscription);
    else {
      const group = this.queues.get(subscription.queue);
      group?.delete(subscription);
      if (group?.size === 0) this.queues.delete(subscription.queue);
    }
  }

  has(subscription: S): boolean {
    const group = this.group(subscription.queue);
    return group !== undefined && group.has(subscription);
  }

  /** The plain subscriptions for `null`, else those of a queue group. */
  group(queue: string | null): Set<S> | undefined {
    return queue === null ? this.plain : this.queues.get(queue);
  }

  get isEmpty(): boolean {
    return this.plain.size === 0 && this.queues.size === 0;
  }
}

/** Whether `subscription` is among `subscribers`, by identity. */
export function hasSubscriber<S extends IndexedSubscription>(
  subscribers: Subscribers<S> | undefined,
  subscription: S,
): boolean {
  return subscribers instanceof SubscriptionSet
    ? subscribers.has(subscription)
    : subscribers === subscription;
}

/** Whether there is a plain subscriber (`queue` null) or one in that group. */
export function hasGroup<S extends IndexedSubscription>(
  subscribers: Subscribers<S> | undefined,
  queue: string | null,
): boolean {
  if (subscribers === undefined) return false;
  if (subscribers instanceof SubscriptionSet) {
    return (subscribers.group(queue)?.size ?? 0) > 0;
  }
  return subscribers.queue === queue;
}

/** `subscribers` with `subscription`, which is not among them yet. */
export function addSubscriber<S extends IndexedSubscription>(
  subscribers: Subscribers<S> | undefined,
  subscription: S,
): Subscribers<S> {
  if (subscribers === undefined) return subscription;
  if (subscribers instanceof SubscriptionSet) {
    subscribers.add(subscription);
    return subscribers;
  }
  const set = new SubscriptionSet<S>();
  set.add(subscribers);
  set.add(subscription);
  return set;
}

/** `subscribers` without `subscription`, which is among them. */
export function removeSubscriber<S extends IndexedSubscription>(
  subscribers: Subscribers<S>,
  subscription: S,
): Subscribers<S> | undefined {
  if (!(subscribers instanceof SubscriptionSet)) return undefined;
  subscribers.delete(subscription);
  return subscribers.isEmpty ? undefined : subscribers;
}

/** Every subscription among `subscribers`. */
export function* eachSubscriber<S extends IndexedSubscription>(
  subscribers: Subscribers<S>,
): Generator<S> {
  if (!(subscribers instanceof SubscriptionSet)) yield subscribers;
  else {
    yield* subscribers.plain;
    for (const group of subscribers.queues.values()) yield* group;
  }
}

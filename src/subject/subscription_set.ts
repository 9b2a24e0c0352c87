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

/** Members beyond which a bag keeps their positions. */
const SMALL_BAG = 32;

/**
 * Members in an array, which is compact and quick to copy to a result. Large
 * bags also remember where each one is, so that thousands of connections that
 * end at once don't search the array for each of their subscriptions.
 */
export class Bag<S> {
  readonly #members: S[] = [];
  #positions: Map<S, number> | null = null;

  get members(): readonly S[] {
    return this.#members;
  }

  has(member: S): boolean {
    return this.#positions !== null
      ? this.#positions.has(member)
      : this.#members.includes(member);
  }

  /** Adds what is not a member. */
  add(member: S): void {
    this.#positions?.set(member, this.#members.length);
    this.#members.push(member);
    if (this.#positions === null && this.#members.length > SMALL_BAG) {
      this.#positions = new Map();
      for (const [position, each] of this.#members.entries()) {
        this.#positions.set(each, position);
      }
    }
  }

  /** Removes a member; the last member takes its place. */
  delete(member: S): void {
    const position = this.#positions?.get(member) ??
      this.#members.indexOf(member);
    const last = this.#members.pop();
    this.#positions?.delete(member);
    if (last === undefined || last === member) return;
    this.#members[position] = last;
    this.#positions?.set(last, position);
  }
}

/** Groups beyond which a set keeps their positions. */
const FEW_GROUPS = 32;

/**
 * Any subscriptions of one subject, plain and of queue groups. Many groups are
 * found by their names, so that a client that makes up thousands of them costs
 * others nothing.
 */
export class SubscriptionSet<S extends IndexedSubscription> {
  #plain: Bag<S> | null = null;
  readonly #groups: Bag<S>[] = [];
  #positions: Map<string, number> | null = null;

  /** The plain subscriptions. */
  get plain(): readonly S[] {
    return this.#plain?.members ?? [];
  }

  /** The queue groups, none of them empty. */
  get groups(): readonly Bag<S>[] {
    return this.#groups;
  }

  get isEmpty(): boolean {
    return this.#plain === null && this.#groups.length === 0;
  }

  has(subscription: S): boolean {
    return this.#bag(subscription.queue)?.has(subscription) ?? false;
  }

  /** Whether there is a plain member (`queue` null) or one of that group. */
  hasAny(queue: string | null): boolean {
    return this.#bag(queue) !== undefined;
  }

  /** Adds a subscription that is not a member. */
  add(subscription: S): void {
    let bag = this.#bag(subscription.queue);
    if (bag === undefined) {
      bag = new Bag();
      if (subscription.queue === null) this.#plain = bag;
      else this.#addGroup(subscription.queue, bag);
    }
    bag.add(subscription);
  }

  /** Removes a member. */
  delete(subscription: S): void {
    const bag = this.#bag(subscription.queue);
    bag?.delete(subscription);
    if (bag === undefined || bag.members.length > 0) return;
    if (subscription.queue === null) this.#plain = null;
    else this.#deleteGroup(subscription.queue, bag);
  }

  #bag(queue: string | null): Bag<S> | undefined {
    if (queue === null) return this.#plain ?? undefined;
    if (this.#positions !== null) {
      const position = this.#positions.get(queue);
      return position === undefined ? undefined : this.#groups[position];
    }
    return this.#groups.find((group) => group.members[0]?.queue === queue);
  }

  #addGroup(queue: string, bag: Bag<S>): void {
    if (this.#positions === null && this.#groups.length === FEW_GROUPS) {
      this.#positions = new Map();
      for (const [position, { members }] of this.#groups.entries()) {
        this.#positions.set(members[0]?.queue ?? "", position);
      }
    }
    this.#positions?.set(queue, this.#groups.length);
    this.#groups.push(bag);
  }

  /** Removes an empty group; the last group takes its place. */
  #deleteGroup(queue: string, bag: Bag<S>): void {
    const position = this.#positions?.get(queue) ?? this.#groups.indexOf(bag);
    const last = this.#groups.pop();
    this.#positions?.delete(queue);
    if (last === undefined || last === bag) return;
    this.#groups[position] = last;
    this.#positions?.set(last.members[0]?.queue ?? "", position);
  }
}

/**
 * The subscriptions of one subject in as little memory as possible: by far
 * most often there is a single one, which then stands for itself.
 */
export type Subscribers<S extends IndexedSubscription> = S | SubscriptionSet<S>;

/** Whether `subscription` is among `subscribers`, by identity. */
export function hasSubscriber<S extends IndexedSubscription>(
  subscribers: Subscribers<S> | undefined,
  subscription: S,
): boolean {
  return subscribers instanceof SubscriptionSet
    ? subscribers.has(subscription)
    : subscribers === subscription;
}

/** Whether there is a plain subscriber (`queue` null) or one of that group. */
export function hasAnySubscriber<S extends IndexedSubscription>(
  subscribers: Subscribers<S> | undefined,
  queue: string | null,
): boolean {
  return subscribers instanceof SubscriptionSet
    ? subscribers.hasAny(queue)
    : subscribers !== undefined && subscribers.queue === queue;
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
    for (const group of subscribers.groups) yield* group.members;
  }
}

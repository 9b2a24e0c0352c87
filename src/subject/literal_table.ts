/**
 * The subscriptions without wildcards.
 *
 * @module
 */

import { ABSENT, ByteTable } from "./byte_table.ts";
import type { KeyedHash } from "./hash.ts";
import type { MatchCollector } from "./match_collector.ts";
import {
  addSubscriber,
  hasSubscriber,
  type IndexedSubscription,
  removeSubscriber,
  type Subscribers,
  SubscriptionSet,
} from "./subscription_set.ts";

/** Subscribers by literal subject. */
export class LiteralTable<S extends IndexedSubscription> {
  readonly #hash: KeyedHash;
  readonly #subjects = new ByteTable();
  // Subscribers by the id of the subject: the only plain one, or else
  // `undefined` here and a set there.
  #single: (S | undefined)[] = [];
  readonly #sets = new Map<number, SubscriptionSet<S>>();

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  /** Distinct subjects. */
  get size(): number {
    return this.#subjects.size;
  }

  /** Adds the subscribers of the subject `[start, end)` to `matches`. */
  match(
    view: DataView,
    start: number,
    end: number,
    matches: MatchCollector<S>,
  ): void {
    const hash = this.#hash.of(view, start, end);
    const id = this.#subjects.find(hash, view, start, end);
    if (id === ABSENT) return;
    const single = this.#single[id];
    if (single !== undefined) {
      matches.addPlain(single);
      return;
    }
    const set = this.#sets.get(id);
    if (set !== undefined) matches.addSet(set);
  }

  /** The subscribers of the subject `[start, end)`. */
  get(view: DataView, start: number, end: number): Subscribers<S> | undefined {
    const hash = this.#hash.of(view, start, end);
    return this.#at(this.#subjects.find(hash, view, start, end));
  }

  /** Adds a subscription. @returns false when it is there already */
  insert(view: DataView, start: number, end: number, subscription: S): boolean {
    const hash = this.#hash.of(view, start, end);
    let id = this.#subjects.find(hash, view, start, end);
    const present = this.#at(id);
    if (hasSubscriber(present, subscription)) return false;
    if (id === ABSENT) id = this.#subjects.add(hash, view, start, end);
    const subscribers = addSubscriber(present, subscription);
    if (subscribers instanceof SubscriptionSet) {
      this.#single[id] = undefined;
      this.#sets.set(id, subscribers);
    } else this.#single[id] = subscribers;
    return true;
  }

  /** Removes a subscription. @returns false when it is not there */
  remove(view: DataView, start: number, end: number, subscription: S): boolean {
    const hash = this.#hash.of(view, start, end);
    const id = this.#subjects.find(hash, view, start, end);
    const present = this.#at(id);
    if (present === undefined || !hasSubscriber(present, subscription)) {
      return false;
    }
    if (removeSubscriber(present, subscription) !== undefined) return true;
    this.#single[id] = undefined;
    this.#sets.delete(id);
    this.#subjects.delete(hash, id);
    if (this.#subjects.size === 0) this.#single = [];
    return true;
  }

  /** All subscribers, subject by subject. */
  *subscribers(): Generator<Subscribers<S>> {
    for (const single of this.#single) if (single !== undefined) yield single;
    yield* this.#sets.values();
  }

  #at(id: number): Subscribers<S> | undefined {
    return id === ABSENT ? undefined : this.#single[id] ?? this.#sets.get(id);
  }
}

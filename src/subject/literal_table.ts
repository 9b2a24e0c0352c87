/**
 * The subscriptions without wildcards.
 *
 * @module
 */

import { ABSENT, ByteTable } from "./byte_table.ts";
import type { KeyedHash } from "./hash.ts";
import {
  addSubscriber,
  hasSubscriber,
  type IndexedSubscription,
  removeSubscriber,
  type Subscribers,
} from "./subscription_set.ts";

/** Subscribers by literal subject. */
export class LiteralTable<S extends IndexedSubscription> {
  readonly #hash: KeyedHash;
  readonly #subjects = new ByteTable();
  /** By the id of the subject. */
  #subscribers: (Subscribers<S> | undefined)[] = [];

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  /** Distinct subjects. */
  get size(): number {
    return this.#subjects.size;
  }

  /** The subscribers of the subject `[start, end)`. */
  get(view: DataView, start: number, end: number): Subscribers<S> | undefined {
    const hash = this.#hash.of(view, start, end);
    const id = this.#subjects.find(hash, view, start, end);
    return id === ABSENT ? undefined : this.#subscribers[id];
  }

  /** Adds a subscription. @returns false when it is there already */
  insert(view: DataView, start: number, end: number, subscription: S): boolean {
    const hash = this.#hash.of(view, start, end);
    let id = this.#subjects.find(hash, view, start, end);
    if (id === ABSENT) id = this.#subjects.add(hash, view, start, end);
    const subscribers = this.#subscribers[id];
    if (hasSubscriber(subscribers, subscription)) return false;
    this.#subscribers[id] = addSubscriber(subscribers, subscription);
    return true;
  }

  /** Removes a subscription. @returns false when it is not there */
  remove(view: DataView, start: number, end: number, subscription: S): boolean {
    const hash = this.#hash.of(view, start, end);
    const id = this.#subjects.find(hash, view, start, end);
    if (id === ABSENT) return false;
    const subscribers = this.#subscribers[id];
    if (subscribers === undefined) return false;
    if (!hasSubscriber(subscribers, subscription)) return false;
    this.#subscribers[id] = removeSubscriber(subscribers, subscription);
    if (this.#subscribers[id] === undefined) this.#subjects.delete(hash, id);
    if (this.#subjects.size === 0) this.#subscribers = [];
    return true;
  }

  /** All subscribers, subject by subject. */
  *subscribers(): Generator<Subscribers<S>> {
    for (const subscribers of this.#subscribers) {
      if (subscribers !== undefined) yield subscribers;
    }
  }
}

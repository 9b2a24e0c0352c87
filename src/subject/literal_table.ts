/**
 * The subscriptions without wildcards.
 *
 * @module
 */

import { ABSENT, ByteTable } from "./byte_table.ts";
import { GradualMap } from "./gradual_map.ts";
import type { KeyedHash } from "./hash.ts";
import type { MatchCollector } from "./match_collector.ts";
import { Pages } from "./pages.ts";
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
  // Subscribers by the id of the subject: one plain subscription here, or else
  // `undefined`, and whatever else there.
  #plain = new Pages<S>();
  readonly #others = new GradualMap<number, Subscribers<S>>();

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
    const plain = this.#plain.get(id);
    if (plain !== undefined) {
      matches.addPlain(plain);
      return;
    }
    const others = this.#others.get(id);
    if (others !== undefined) matches.add(others);
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
    if (present === undefined && subscription.queue === null) {
      this.#plain.set(id, subscription);
    } else {
      this.#plain.set(id, undefined);
      this.#others.set(id, addSubscriber(present, subscription));
    }
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
    this.#plain.set(id, undefined);
    this.#others.delete(id);
    this.#subjects.delete(hash, id);
    if (this.#subjects.size === 0) this.#plain = new Pages();
    return true;
  }

  /** All subscribers, subject by subject. */
  *subscribers(): Generator<Subscribers<S>> {
    yield* this.#plain;
    yield* this.#others.values();
  }

  #at(id: number): Subscribers<S> | undefined {
    return id === ABSENT
      ? undefined
      : this.#plain.get(id) ?? this.#others.get(id);
  }
}

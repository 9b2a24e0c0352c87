/**
 * Gathers what a subject matches before it becomes a result.
 *
 * @module
 */

import { EMPTY_RESULT, MatchResult, NONE, weightOf } from "./match_result.ts";
import {
  type IndexedSubscription,
  type Subscribers,
  SubscriptionSet,
} from "./subscription_set.ts";

/**
 * Subscribers met on the way, plain ones apart from sets. One collector serves
 * all matches of an index; its arrays stay, so that a match without a result
 * allocates nothing. Plain subscriptions are not looked into: with a hundred
 * thousand of them each such look waits for memory.
 */
export class MatchCollector<S extends IndexedSubscription> {
  readonly #plain: (S | undefined)[] = [];
  readonly #sets: (SubscriptionSet<S> | undefined)[] = [];
  #plainCount = 0;
  #setCount = 0;

  /** Whether nothing has been added. */
  get isEmpty(): boolean {
    return this.#plainCount === 0 && this.#setCount === 0;
  }

  /** Adds a plain subscription. */
  addPlain(subscription: S): void {
    this.#plain[this.#plainCount++] = subscription;
  }

  /** Adds the subscriptions of a set. */
  addSet(set: SubscriptionSet<S>): void {
    this.#sets[this.#setCount++] = set;
  }

  /** Adds either. */
  add(subscribers: Subscribers<S>): void {
    if (subscribers instanceof SubscriptionSet) this.addSet(subscribers);
    else this.addPlain(subscribers);
  }

  /** Forgets all, giving back no memory but that of the subscriptions. */
  clear(): void {
    for (let i = 0; i < this.#plainCount; i++) this.#plain[i] = undefined;
    for (let i = 0; i < this.#setCount; i++) this.#sets[i] = undefined;
    this.#plainCount = 0;
    this.#setCount = 0;
  }

  /** Makes the result of all that was added, and forgets it. */
  take(): MatchResult<S> {
    if (this.isEmpty) return EMPTY_RESULT;
    const plain: S[] = [];
    for (let i = 0; i < this.#plainCount; i++) {
      const subscription = this.#plain[i];
      if (subscription !== undefined) plain.push(subscription);
    }
    const result = this.#setCount === 0
      ? new MatchResult(plain, NONE, NONE)
      : this.#takeSets(plain);
    this.clear();
    return result;
  }

  #takeSets(plain: S[]): MatchResult<S> {
    const queues: S[][] = [];
    for (let i = 0; i < this.#setCount; i++) {
      const set = this.#sets[i];
      if (set === undefined) continue;
      for (const subscription of set.plain) plain.push(subscription);
      for (const { members } of set.groups) addToGroup(queues, members);
    }
    if (queues.length === 0) return new MatchResult(plain, NONE, NONE);
    return new MatchResult(plain, queues, queues.map(totalWeight));
  }
}

/**
 * The same group on overlapping subjects is one group. Groups per subject are
 * few, so a search beats a map.
 */
function addToGroup<S extends IndexedSubscription>(
  queues: S[][],
  members: readonly S[],
): void {
  const name = members[0]?.queue;
  for (const group of queues) {
    if (group[0]?.queue === name) {
      for (const member of members) group.push(member);
      return;
    }
  }
  queues.push(members.slice());
}

function totalWeight(group: readonly IndexedSubscription[]): number {
  let total = 0;
  for (const member of group) total += weightOf(member);
  return total;
}

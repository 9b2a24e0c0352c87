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
 * Subscribers met on the way, plain ones apart from others. One collector
 * serves all matches of an index; its arrays stay, so that a match without a
 * result allocates nothing. Plain subscriptions are not looked into: with a
 * hundred thousand of them each such look waits for memory.
 */
export class MatchCollector<S extends IndexedSubscription> {
  readonly #plain: (S | undefined)[] = [];
  readonly #others: (Subscribers<S> | undefined)[] = [];
  #plainCount = 0;
  #otherCount = 0;
  /** The last result of one plain subscription alone. */
  #sole: MatchResult<S> | null = null;

  /** Whether nothing has been added. */
  get isEmpty(): boolean {
    return this.#plainCount === 0 && this.#otherCount === 0;
  }

  /** Adds one plain subscription. */
  addPlain(subscription: S): void {
    this.#plain[this.#plainCount++] = subscription;
  }

  /** Adds any subscribers. */
  add(subscribers: Subscribers<S>): void {
    this.#others[this.#otherCount++] = subscribers;
  }

  /** Forgets all, giving back no memory but that of the subscriptions. */
  clear(): void {
    for (let i = 0; i < this.#plainCount; i++) this.#plain[i] = undefined;
    for (let i = 0; i < this.#otherCount; i++) this.#others[i] = undefined;
    this.#plainCount = 0;
    this.#otherCount = 0;
  }

  /** No result of what was there before is given again. */
  outdate(): void {
    this.#sole = null;
  }

  /** Makes the result of all that was added, and forgets it. */
  take(): MatchResult<S> {
    if (this.isEmpty) return EMPTY_RESULT;
    const sole = this.#soleSubscription();
    if (sole !== null) {
      this.clear();
      return this.#resultOf(sole);
    }
    const plain: S[] = [];
    for (let i = 0; i < this.#plainCount; i++) {
      const subscription = this.#plain[i];
      if (subscription !== undefined) plain.push(subscription);
    }
    const queues = this.#takeOthers(plain);
    this.clear();
    return queues === null
      ? new MatchResult(plain, NONE, NONE)
      : new MatchResult(plain, queues, queues.map(totalWeight));
  }

  /** The one plain subscription that was added, if that is all. */
  #soleSubscription(): S | null {
    if (this.#plainCount + this.#otherCount > 1) return null;
    const only = this.#plain[0] ?? this.#others[0];
    return only === undefined || only instanceof SubscriptionSet ||
        only.queue !== null
      ? null
      : only;
  }

  /**
   * Replies have subjects that no cache remembers, and nearly all of them one
   * receiver, often the same: results don't change, so one serves them all.
   */
  #resultOf(subscription: S): MatchResult<S> {
    if (this.#sole?.plain[0] === subscription) return this.#sole;
    return this.#sole = new MatchResult([subscription], NONE, NONE);
  }

  /** Completes `plain`. @returns the queue groups, `null` without any */
  #takeOthers(plain: S[]): S[][] | null {
    let queues: S[][] | null = null;
    for (let i = 0; i < this.#otherCount; i++) {
      const subscribers = this.#others[i];
      if (subscribers === undefined) continue;
      if (!(subscribers instanceof SubscriptionSet)) {
        if (subscribers.queue === null) plain.push(subscribers);
        else addToGroup(queues ??= [], [subscribers]);
        continue;
      }
      for (const subscription of subscribers.plain) plain.push(subscription);
      const { groups } = subscribers;
      if (groups.length === 0) continue;
      // The groups of one subject have different names.
      if (queues === null) {
        queues = groups.map(({ members }) => members.slice());
      } else {
        for (const { members } of groups) addToGroup(queues, members);
      }
    }
    return queues;
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

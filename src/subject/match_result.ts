/**
 * What a subject matched.
 *
 * @module
 */

import type { Random } from "../runtime/mod.ts";
import {
  type IndexedSubscription,
  type Subscribers,
  SubscriptionSet,
} from "./subscription_set.ts";

/**
 * The subscriptions that one subject matches. Results are cached and shared,
 * so nobody changes one after it was built. (Not frozen: frozen and ordinary
 * arrays are different kinds to the engine, which would slow down delivery.)
 */
export class MatchResult<S extends IndexedSubscription> {
  /** Subscriptions that all get the message. */
  readonly plain: readonly S[];
  /** Queue groups, each of which gets the message once; none is empty. */
  readonly queues: readonly (readonly S[])[];
  /** Sum of the members' weights for each of `queues`. */
  readonly weights: readonly number[];

  constructor(
    plain: readonly S[],
    queues: readonly (readonly S[])[],
    weights: readonly number[],
  ) {
    this.plain = plain;
    this.queues = queues;
    this.weights = weights;
  }

  /** Whether anything matched. */
  get isEmpty(): boolean {
    return this.plain.length === 0 && this.queues.length === 0;
  }
}

const NONE: readonly never[] = [];

/** The result of every subject that matches nothing. */
export const EMPTY_RESULT = new MatchResult<never>(NONE, NONE, NONE);

/** Builds the result of the first `count` of `hits`. */
export function buildResult<S extends IndexedSubscription>(
  hits: readonly (Subscribers<S> | undefined)[],
  count: number,
): MatchResult<S> {
  if (count === 0) return EMPTY_RESULT;
  const only = hits[0];
  if (
    count === 1 && only !== undefined && !(only instanceof SubscriptionSet) &&
    only.queue === null
  ) return new MatchResult([only], NONE, NONE);
  const plain: S[] = [];
  // The same group on overlapping subjects is one group.
  let queues: S[][] | null = null;
  for (let i = 0; i < count; i++) {
    const hit = hits[i];
    if (hit === undefined) continue;
    if (hit instanceof SubscriptionSet) {
      for (const subscription of hit.plain) plain.push(subscription);
      for (const [name, members] of hit.queues) {
        queues ??= [];
        const group = groupNamed(queues, name);
        for (const member of members) group.push(member);
      }
    } else if (hit.queue === null) plain.push(hit);
    else groupNamed(queues ??= [], hit.queue).push(hit);
  }
  if (queues === null) return new MatchResult(plain, NONE, NONE);
  return new MatchResult(plain, queues, queues.map(totalWeight));
}

/** Groups per subject are few, so a search beats a map. */
function groupNamed<S extends IndexedSubscription>(
  queues: S[][],
  name: string,
): S[] {
  for (const group of queues) if (group[0]?.queue === name) return group;
  const group: S[] = [];
  queues.push(group);
  return group;
}

function weightOf(subscription: IndexedSubscription): number {
  return Math.max(subscription.queueWeight ?? 1, 1);
}

function totalWeight(group: readonly IndexedSubscription[]): number {
  let total = 0;
  for (const member of group) total += weightOf(member);
  return total;
}

/**
 * Draws a member of `result.queues[group]`, by weight, so that a remote server
 * gets as many messages as it has members.
 * @returns the index of the member in its group
 */
export function drawMember<S extends IndexedSubscription>(
  result: MatchResult<S>,
  group: number,
  random: Random,
): number {
  const members = result.queues[group] ?? NONE;
  const total = result.weights[group] ?? 0;
  if (members.length === 1) return 0;
  let ticket = random.below(total);
  if (total === members.length) return ticket;
  for (let i = 0; i < members.length; i++) {
    const member = members[i];
    if (member === undefined) break;
    ticket -= weightOf(member);
    if (ticket < 0) return i;
  }
  // A weight was lowered after the result was built.
  return members.length - 1;
}

/**
 * What a subject matched.
 *
 * @module
 */

import type { Random } from "../runtime/mod.ts";
import type { IndexedSubscription } from "./subscription_set.ts";

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

  /** Whether nothing matched. */
  get isEmpty(): boolean {
    return this.plain.length === 0 && this.queues.length === 0;
  }
}

/** For the parts of results that have nothing in them. */
export const NONE: readonly never[] = [];

/** The result of every subject that matches nothing. */
export const EMPTY_RESULT = new MatchResult<never>(NONE, NONE, NONE);

/** What a queue subscription counts for in the draw. */
export function weightOf(subscription: IndexedSubscription): number {
  return Math.max(subscription.queueWeight ?? 1, 1);
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
  if (members.length <= 1) return 0;
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

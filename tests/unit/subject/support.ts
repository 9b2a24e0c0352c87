/**
 * Subscriptions and indexes for the tests of this folder.
 *
 * @module
 */

import {
  type IndexedSubscription,
  type MatchResult,
  subjectToBytes,
  SubscriptionIndex,
} from "../../../src/subject/mod.ts";
import { capability, type Claims } from "../../tools/capability.ts";

/** A subscription that its name tells from others of the same subject. */
export interface Named extends IndexedSubscription {
  readonly name: string;
}

/** A plain subscription named like its subject, unless told otherwise. */
export function plain(subject: string, name: string = subject): Named {
  return { subject, queue: null, name };
}

/** A member of a queue group, with a weight if it is remote. */
export function member(
  subject: string,
  queue: string,
  name: string = subject,
  queueWeight?: number,
): Named {
  return queueWeight === undefined
    ? { subject, queue, name }
    : { subject, queue, name, queueWeight };
}

/** An index with these subscriptions. */
export function indexOf(
  subscriptions: Iterable<Named>,
  cacheSize = 1024,
): SubscriptionIndex<Named> {
  const index = new SubscriptionIndex<Named>({ seed: 42, cacheSize });
  for (const subscription of subscriptions) index.insert(subscription);
  return index;
}

/** Matches inside a larger buffer, as the data plane does. */
export function matchIn(
  index: SubscriptionIndex<Named>,
  subject: string,
): MatchResult<Named> {
  const buffer = subjectToBytes(`PUB ${subject} 5\r\n`);
  return index.match(buffer, 4, 4 + subject.length);
}

/** Names of the plain subscriptions that match, sorted. */
export function plainNames(
  index: SubscriptionIndex<Named>,
  subject: string,
): string[] {
  return namesOf(matchIn(index, subject).plain);
}

/** Names of the members of each group that matches, sorted. */
export function groupNames(
  index: SubscriptionIndex<Named>,
  subject: string,
): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const group of matchIn(index, subject).queues) {
    groups[group[0]?.queue ?? ""] = namesOf(group);
  }
  return groups;
}

/** Names, sorted. */
export function namesOf(subscriptions: Iterable<Named>): string[] {
  return [...subscriptions].map(({ name }) => name).sort();
}

/** Runs a test with and without the result cache. */
export function withAndWithoutCache(
  name: string,
  claims: Claims,
  fn: (cacheSize: number) => void,
): void {
  capability(name, claims, () => fn(1024));
  capability(`${name}, without a cache`, claims, () => fn(0));
}

/**
 * Which subscriptions match a subject.
 *
 * @module
 */

import { AckMatches } from "./ack_matches.ts";
import { SubjectBuffer, viewOf } from "./bytes.ts";
import {
  ALREADY_REGISTERED,
  INVALID_SUBJECT,
  NOT_FOUND,
  SubjectIndexError,
} from "./errors.ts";
import { KeyedHash, quickHash } from "./hash.ts";
import { IndexStats } from "./index_stats.ts";
import { type InterestCallback, InterestWatchers } from "./interest.ts";
import { LiteralTable } from "./literal_table.ts";
import { MatchCollector } from "./match_collector.ts";
import type { MatchResult } from "./match_result.ts";
import { LastResult } from "./last_result.ts";
import { ResultCache } from "./result_cache.ts";
import { SiblingMatches } from "./sibling_matches.ts";
import {
  eachSubscriber,
  hasAnySubscriber,
  type IndexedSubscription,
  type Subscribers,
} from "./subscription_set.ts";
import { subjectsCollide } from "./tokens.ts";
import { classifySubject, isLiteral, SubjectClass } from "./validation.ts";
import { WildcardTrie } from "./wildcard_trie.ts";

/** How to set up an index. */
export interface SubscriptionIndexOptions {
  /** An unpredictable integer in `[0, 2^53)` that keys the hash tables. */
  readonly seed: number;
  /** Results to keep in the cache; 0 does without. Default 1024. */
  readonly cacheSize?: number;
}

// Subjects that come as strings pass through here. Nothing holds on to it
// beyond one call, so all indexes share it.
const stringBytes = new SubjectBuffer();

/** `$JS.` and `ACK.` as words. */
const ACK_FIRST = 0x244a532e;
const ACK_SECOND = 0x41434b2e;

/**
 * Whether a subject acknowledges a delivery: each is used once, and in the
 * cache it would only take the place of others.
 */
function isAcknowledgement(
  view: DataView,
  start: number,
  end: number,
): boolean {
  return end - start > 8 && view.getUint32(start) === ACK_FIRST &&
    view.getUint32(start + 4) === ACK_SECOND;
}

/**
 * An index of subscriptions by subject. Subscriptions are told apart by object
 * identity. Literal subjects live in a hash table, patterns in a trie, and
 * results of recent matches in a cache.
 */
export class SubscriptionIndex<S extends IndexedSubscription> {
  readonly #literals: LiteralTable<S>;
  readonly #patterns: WildcardTrie<S>;
  readonly #cache: ResultCache<S> | null;
  /** The subject that was matched last: publishers often repeat themselves. */
  readonly #last = new LastResult<S>();
  /** The same of replies: some publishers have one for all. */
  readonly #lastOnce = new LastResult<S>();
  readonly #acknowledgements = new AckMatches<S>();
  readonly #siblings = new SiblingMatches<S>();
  readonly #watchers = new InterestWatchers();
  readonly #matched = new MatchCollector<S>();
  #count = 0;
  #inserts = 0;
  #removes = 0;
  #matches = 0;
  #cacheHits = 0;
  #generation = 0;

  constructor(options: SubscriptionIndexOptions) {
    const hash = KeyedHash.fromSeed(options.seed);
    this.#literals = new LiteralTable(hash);
    this.#patterns = new WildcardTrie(hash);
    const cacheSize = options.cacheSize ?? 1024;
    this.#cache = cacheSize > 0 ? new ResultCache(cacheSize) : null;
  }

  /** Subscriptions in the index. */
  get count(): number {
    return this.#count;
  }

  /** Grows with every change; equal values mean equal results. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether results are cached. */
  get cacheEnabled(): boolean {
    return this.#cache !== null;
  }

  /**
   * Adds a subscription; nothing happens when it is there already.
   * @throws SubjectIndexError `sublist: invalid subject`
   */
  insert(subscription: S): void {
    const { subject, queue } = subscription;
    const end = stringBytes.load(subject);
    const view = stringBytes.view;
    const kind = classifySubject(view, 0, end);
    if (kind === SubjectClass.malformed) {
      throw new SubjectIndexError(INVALID_SUBJECT);
    }
    const literal = kind === SubjectClass.literal;
    const watched = literal && !this.#watchers.isEmpty;
    const first = watched &&
      !hasAnySubscriber(this.#literals.get(view, 0, end), queue);
    const added = literal
      ? this.#literals.insert(view, 0, end, subscription)
      : this.#patterns.insert(view, 0, end, subscription);
    if (!added) return;
    this.#count++;
    this.#inserts++;
    this.#acknowledgements.count(subject, 1);
    if (literal) this.#siblings.count(view, end, 1);
    this.#changed(literal, view, end);
    if (first) this.#watchers.tell(subject, queue, true);
  }

  /**
   * Removes a subscription.
   * @throws SubjectIndexError `sublist: invalid subject` or
   *   `sublist: no matches found`
   */
  remove(subscription: S): void {
    const { subject, queue } = subscription;
    const end = stringBytes.load(subject);
    const view = stringBytes.view;
    const kind = classifySubject(view, 0, end);
    if (kind === SubjectClass.malformed) {
      throw new SubjectIndexError(INVALID_SUBJECT);
    }
    const literal = kind === SubjectClass.literal;
    const removed = literal
      ? this.#literals.remove(view, 0, end, subscription)
      : this.#patterns.remove(view, 0, end, subscription);
    if (!removed) throw new SubjectIndexError(NOT_FOUND);
    this.#count--;
    this.#removes++;
    this.#acknowledgements.count(subject, -1);
    if (literal) this.#siblings.count(view, end, -1);
    this.#changed(literal, view, end);
    if (!literal || this.#watchers.isEmpty) return;
    if (!hasAnySubscriber(this.#literals.get(view, 0, end), queue)) {
      this.#watchers.tell(subject, queue, false);
    }
  }

  /**
   * Removes many subscriptions, as when a connection ends; those that can't be
   * removed don't keep the others from it.
   * @throws SubjectIndexError the first error, after all have been tried
   */
  removeBatch(subscriptions: Iterable<S>): void {
    let failure: unknown;
    for (const subscription of subscriptions) {
      try {
        this.remove(subscription);
      } catch (error) {
        if (!(error instanceof SubjectIndexError)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Lets results reflect a new `queueWeight` of a subscription in the index. */
  updateWeight(subscription: S): void {
    const end = stringBytes.load(subscription.subject);
    this.#changed(isLiteral(subscription.subject), stringBytes.view, end);
  }

  /**
   * The subscriptions that match the literal subject `buffer[start, end)`.
   * A subject with an empty token matches nothing. Allocates nothing when the
   * result is cached or empty.
   */
  match(buffer: Uint8Array, start: number, end: number): MatchResult<S> {
    return this.#match(viewOf(buffer), start, end);
  }

  /**
   * The same for a subject that is not expected again, such as that of a reply:
   * nothing of its last token is kept.
   */
  matchOnce(buffer: Uint8Array, start: number, end: number): MatchResult<S> {
    this.#matches++;
    const view = viewOf(buffer);
    const known = this.#siblings.get(view, start, end) ??
      this.#lastOnce.get(view, start, end);
    if (known !== null) return known;
    this.#collect(view, start, end);
    const result = this.#matched.take();
    const patterns = this.#patterns;
    if (patterns.size === 0 || !patterns.toldLastApart) {
      this.#siblings.set(view, start, result);
    }
    this.#lastOnce.set(view, start, end, result);
    return result;
  }

  /** The subscriptions that match a literal subject given as a byte string. */
  matchSubject(subject: string): MatchResult<S> {
    const end = stringBytes.load(subject);
    return this.#match(stringBytes.view, 0, end);
  }

  /** Whether any subscription matches; never builds a result. */
  hasInterest(subject: string): boolean {
    const end = stringBytes.load(subject);
    return this.#hasInterest(stringBytes.view, 0, end);
  }

  /** The same for a range of a buffer. */
  hasInterestIn(buffer: Uint8Array, start: number, end: number): boolean {
    return this.#hasInterest(viewOf(buffer), start, end);
  }

  /** How many plain subscriptions and queue members match. */
  numInterest(subject: string): { plain: number; queue: number } {
    const result = this.matchSubject(subject);
    let queue = 0;
    for (const group of result.queues) queue += group.length;
    return { plain: result.plain.length, queue };
  }

  /**
   * The subscriptions that can match a subject that `subject`, which may have
   * wildcards, matches too. Walks the whole index.
   */
  reverseMatch(subject: string): MatchResult<S> {
    for (const subscribers of this.#subscribers()) {
      for (const { subject: candidate } of eachSubscriber(subscribers)) {
        if (subjectsCollide(candidate, subject)) this.#matched.add(subscribers);
        break; // all of them have the same subject
      }
    }
    return this.#matched.take();
  }

  /**
   * Tells `callback` at once, and on every change, whether there is a
   * subscription to exactly this literal subject: a plain one, or with `queue`
   * one of that queue group.
   * @throws SubjectIndexError for a subject with wildcards, or when this
   *   callback is registered already
   */
  watchInterest(
    subject: string,
    queue: string | null,
    callback: InterestCallback,
  ): void {
    if (!isLiteral(subject)) throw new SubjectIndexError(INVALID_SUBJECT);
    if (!this.#watchers.add(subject, queue, callback)) {
      throw new SubjectIndexError(ALREADY_REGISTERED);
    }
    const end = stringBytes.load(subject);
    callback(
      hasAnySubscriber(this.#literals.get(stringBytes.view, 0, end), queue),
    );
  }

  /** Ends what `watchInterest` began. @returns whether there was something */
  unwatchInterest(
    subject: string,
    queue: string | null,
    callback: InterestCallback,
  ): boolean {
    return this.#watchers.delete(subject, queue, callback);
  }

  /** Every subscription, in no particular order. */
  *[Symbol.iterator](): Generator<S> {
    for (const subscribers of this.#subscribers()) {
      yield* eachSubscriber(subscribers);
    }
  }

  /** The subscriptions for which `predicate` holds. */
  filter(predicate: (subscription: S) => boolean): S[] {
    const chosen: S[] = [];
    for (const subscription of this) {
      if (predicate(subscription)) chosen.push(subscription);
    }
    return chosen;
  }

  /** Figures for monitoring. Looks at every cached result. */
  stats(): IndexStats {
    const stats = new IndexStats();
    stats.subscriptions = this.#count;
    stats.inserts = this.#inserts;
    stats.removes = this.#removes;
    stats.matches = this.#matches;
    stats.cacheHits = this.#cacheHits;
    for (const result of this.#cache?.results() ?? []) {
      const fanout = result.plain.length + result.queues.length;
      stats.cached++;
      stats.totalFanout += fanout;
      stats.maxFanout = Math.max(stats.maxFanout, fanout);
    }
    return stats;
  }

  #match(view: DataView, start: number, end: number): MatchResult<S> {
    this.#matches++;
    const cache = this.#cache;
    if (cache === null) {
      this.#collect(view, start, end);
      return this.#matched.take();
    }
    const last = this.#last.get(view, start, end);
    if (last !== null) {
      this.#cacheHits++;
      return last;
    }
    if (isAcknowledgement(view, start, end)) {
      return this.#matchAcknowledgement(view, start, end);
    }
    const hash = quickHash(view, start, end);
    const known = cache.get(hash, view, start, end);
    if (known !== undefined) {
      this.#cacheHits++;
      this.#last.set(view, start, end, known);
      return known;
    }
    this.#collect(view, start, end);
    const result = this.#matched.take();
    if (end > start) cache.set(hash, view, start, end, result);
    return result;
  }

  #matchAcknowledgement(
    view: DataView,
    start: number,
    end: number,
  ): MatchResult<S> {
    const known = this.#acknowledgements.get(view, start, end);
    if (known !== null) return known;
    this.#collect(view, start, end);
    const result = this.#matched.take();
    this.#acknowledgements.set(view, start, result);
    return result;
  }

  #hasInterest(view: DataView, start: number, end: number): boolean {
    const hash = quickHash(view, start, end);
    const known = this.#cache?.get(hash, view, start, end);
    if (known !== undefined) {
      this.#cacheHits++;
      return !known.isEmpty;
    }
    this.#collect(view, start, end);
    const interested = !this.#matched.isEmpty;
    this.#matched.clear();
    return interested;
  }

  #collect(view: DataView, start: number, end: number): void {
    if (this.#literals.size > 0) {
      this.#literals.match(view, start, end, this.#matched);
    }
    if (this.#patterns.size > 0) {
      this.#patterns.match(view, start, end, this.#matched);
    }
  }

  #changed(literal: boolean, view: DataView, end: number): void {
    this.#generation++;
    this.#last.clear();
    this.#lastOnce.clear();
    this.#acknowledgements.clear();
    this.#matched.outdate();
    if (!literal) this.#siblings.outdate(view, end);
    if (this.#cache === null) return;
    if (literal) this.#cache.delete(quickHash(view, 0, end), view, 0, end);
    else this.#cache.outdate(view, 0, end);
  }

  *#subscribers(): Generator<Subscribers<S>> {
    yield* this.#literals.subscribers();
    yield* this.#patterns.subscribers();
  }
}

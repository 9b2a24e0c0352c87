/**
 * The consumers of a stream and what they want to see.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import {
  isSubsetMatch,
  subjectsCollide,
  SubscriptionIndex,
} from "../../subject/mod.ts";
import { Audience } from "./audience.ts";
import { Claims } from "./claims.ts";
import type { StreamConsumer } from "./contract.ts";

/** So many consumers are told of something at once; more of them in steps. */
const AT_ONCE = 64;
/** Consumers that are told in one step. */
const STEP = 8;

/** Finds consumers by name and by subject. */
export class ConsumerIndex {
  readonly #consumers = new Map<string, StreamConsumer>();
  /** Those that clients have not made. */
  readonly #internal = new Set<StreamConsumer>();
  /** By filter. */
  readonly #audiences = new Map<string, Audience>();
  readonly #audiencesOf = new Map<StreamConsumer, readonly Audience[]>();
  readonly #index: SubscriptionIndex<Audience>;
  /** Changes when consumers may need what nobody has needed before. */
  generation = 0;
  /** Those that are signalled: a list, as there may be very many. */
  #signalled: Audience[] = [];
  /** Null as long as nobody has asked. */
  #claims: Claims | null = null;

  /** @param seed of the hashes, unpredictable */
  constructor(seed: number) {
    this.#index = new SubscriptionIndex<Audience>({ seed });
  }

  get byName(): ReadonlyMap<string, StreamConsumer> {
    return this.#consumers;
  }

  get size(): number {
    return this.#consumers.size;
  }

  /** How many clients have made. */
  get external(): number {
    return this.#consumers.size - this.#internal.size;
  }

  add(consumer: StreamConsumer): void {
    this.generation++;
    this.#consumers.set(consumer.name, consumer);
    if (consumer.internal) this.#internal.add(consumer);
    this.#watch(consumer);
  }

  /** Only the very consumer, not another of its name. */
  remove(consumer: StreamConsumer): void {
    if (this.#consumers.get(consumer.name) !== consumer) return;
    this.#consumers.delete(consumer.name);
    this.#internal.delete(consumer);
    this.#unwatch(consumer);
  }

  /** Its filters have changed. */
  refilter(consumer: StreamConsumer): void {
    if (this.#consumers.get(consumer.name) !== consumer) return;
    this.generation++;
    this.#unwatch(consumer);
    this.#watch(consumer);
  }

  /** Whether any consumer wants this subject. */
  hasInterest(subject: string): boolean {
    return this.#consumers.size > 0 &&
      !this.#index.matchSubject(subject).isEmpty;
  }

  /** Counts it for those who want it; they deliver when {@link settled} says so. */
  stored(sequence: number, subject: string): void {
    const { plain } = this.#index.matchSubject(subject);
    for (let i = 0; i < plain.length; i++) {
      const audience = plain[i] as Audience;
      audience.tell(sequence);
      if (audience.signalled) continue;
      audience.signalled = true;
      this.#signalled.push(audience);
    }
  }

  /** Tells a consumer of each message that is stored, until it counts by its audience. */
  attend(consumer: StreamConsumer): void {
    const audiences = this.#audiencesOf.get(consumer) ?? [];
    for (const each of audiences) each.attend(consumer, audiences.length === 1);
  }

  /** Whether a subject of these filters is for a consumer of another name. */
  isClaimed(filters: readonly string[], except: string): boolean {
    const claims = this.#claims ??= this.#claimed();
    return filters.some((each) => claims.collide(each, except));
  }

  #claimed(): Claims {
    const claims = new Claims();
    for (const [consumer, audiences] of this.#audiencesOf) {
      for (const { subject } of audiences) claims.add(consumer, subject);
    }
    return claims;
  }

  /** Whether all consumers can be told of something at once. */
  get isSmall(): boolean {
    return this.#consumers.size <= AT_ONCE;
  }

  /** A single message has gone; told at once. @param removal its number */
  removed(sequence: number, subject: string, removal: number): void {
    finish(this.telling(sequence, subject, removal));
  }

  /** Messages have gone, and it would take too long to tell of each; told at once. */
  removedMany(): void {
    for (const consumer of this.#consumers.values()) consumer.removedMany();
  }

  /** The same as {@link removed}, in steps. */
  *telling(sequence: number, subject: string, removal: number): Work<void> {
    if (this.#consumers.size === 0) return;
    const several = new Set<StreamConsumer>();
    const { plain } = this.#index.matchSubject(subject);
    let told = 0;
    for (const consumer of plain.flatMap(({ members }) => members)) {
      const audiences = this.#audiencesOf.get(consumer);
      if (audiences === undefined) continue;
      if (audiences.length > 1) {
        if (several.has(consumer)) continue;
        several.add(consumer);
      }
      consumer.removed(sequence, removal);
      if (++told % STEP === 0) yield;
    }
  }

  /** The same as {@link removedMany}, in steps. */
  *tellingMany(): Work<void> {
    yield* this.#each(
      [...this.#consumers.values()],
      (each) => each.removedMany(),
    );
  }

  /** Tells some, in steps, that anything else of the stream has changed. */
  updating(consumers: readonly StreamConsumer[]): Work<void> {
    return this.#each(consumers, (each) => each.streamUpdated());
  }

  /** Those that have gone meanwhile are left out. */
  *#each(
    consumers: readonly StreamConsumer[],
    action: (consumer: StreamConsumer) => Work<void> | void,
  ): Work<void> {
    for (const [i, consumer] of consumers.entries()) {
      if (i > 0 && i % STEP === 0) yield;
      if (this.#consumers.get(consumer.name) !== consumer) continue;
      const work = action(consumer);
      if (work) yield* work;
    }
  }

  /** Lets those deliver who were told of messages. */
  settled(): void {
    const signalled = this.#signalled;
    if (signalled.length === 0) return;
    this.#signalled = [];
    for (const audience of signalled) {
      audience.signalled = false;
      for (const consumer of audience.members) consumer.settled();
    }
  }

  /** What an acknowledged message may still be needed for. */
  needsAck(sequence: number, subject: string): boolean {
    if (this.#consumers.size === 0) return false;
    const { plain } = this.#index.matchSubject(subject);
    return plain.some((audience) => audience.needs(sequence));
  }

  /** Tells consumers of a purge of `subject`; empty: of everything. */
  *purged(subject: string, bounds: PurgeBounds): Work<void> {
    const { first, firstOfSubject, last } = bounds;
    // Who comes meanwhile begins with what is left.
    yield* this.#each([...this.#consumers.values()], (consumer) => {
      const { filters } = consumer;
      if (subject === "") return consumer.purged(first, last, false);
      if (!isTouched(filters, subject)) return;
      return isCovered(filters, subject)
        ? consumer.purged(firstOfSubject, last, false)
        : consumer.purged(first, last, true);
    });
  }

  #watch(consumer: StreamConsumer): void {
    const filters = consumer.filters.length === 0 ? [">"] : consumer.filters;
    const audiences = Array.from(
      new Set(filters),
      (each) => this.#audience(each),
    );
    for (const each of audiences) {
      each.add(consumer);
      this.#claims?.add(consumer, each.subject);
    }
    this.#audiencesOf.set(consumer, audiences);
    this.attend(consumer);
  }

  #audience(filter: string): Audience {
    let audience = this.#audiences.get(filter);
    if (audience === undefined) {
      audience = new Audience(filter);
      this.#audiences.set(filter, audience);
      this.#index.insert(audience);
    }
    return audience;
  }

  #unwatch(consumer: StreamConsumer): void {
    for (const each of this.#audiencesOf.get(consumer) ?? []) {
      each.remove(consumer);
      this.#claims?.remove(consumer, each.subject);
      if (!each.isEmpty) continue;
      this.#audiences.delete(each.subject);
      this.#index.remove(each);
    }
    this.#audiencesOf.delete(consumer);
  }
}

/** Sequences after a purge. */
export interface PurgeBounds {
  /** Of the stream. */
  readonly first: number;
  /** Of what is left of the purged subject; 0: nothing. */
  readonly firstOfSubject: number;
  readonly last: number;
}

function isTouched(filters: readonly string[], subject: string): boolean {
  return filters.length === 0 ||
    filters.some((each) => subjectsCollide(each, subject));
}

/** Whether a consumer sees nothing but what was purged. */
function isCovered(filters: readonly string[], subject: string): boolean {
  return filters.length > 0 &&
    filters.every((each) => isSubsetMatch(each, subject));
}

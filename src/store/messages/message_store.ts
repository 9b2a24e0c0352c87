/**
 * The semantics of a stream's store, the same in memory and on disk.
 *
 * @module
 */

import type { Clock, Random, Timers } from "../../runtime/mod.ts";
import {
  finish,
  inSlices,
  type Turns,
  type Work,
  type Workplace,
} from "../../connection/mod.ts";
import type { Chunk } from "../../protocol/mod.ts";
import type { SubjectFilter } from "../../subject/mod.ts";
import {
  type Append,
  type MessageReader,
  type MessageWriter,
  type Pending,
  type PendingCount,
  type StoredMessage,
  StoreError,
  type StoreLimits,
  type StoreState,
  type StreamStoreOptions,
  type SubjectState,
} from "../contract.ts";
import { type Engine, type Positions, Removal } from "../engine.ts";
import { Counting } from "./counting.ts";
import type { ExpiryQueue } from "../index/expiry_queue.ts";
import { Expiry } from "./expiry.ts";
import { checkRoom, limitLog, limitSubject } from "./limits.ts";
import { MessageLog } from "./message_log.ts";
import type { MessageSet } from "./message_set.ts";
import { MessageQueries } from "./message_queries.ts";
import { checkSequence, Purge } from "./purge.ts";

/**
 * Messages that make room for one that comes while new limits are being
 * enforced: what was within the limits stays so.
 */
const WHILE_ENFORCING = 2;
/** Messages that are looked at between two rests. */
const STRIDE = 256;
const UNLIMITED = { maxMessages: 0, maxBytes: 0 };

/** What a store needs of its surroundings. */
export interface StoreSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Between two slices of long work. */
  readonly turns: Turns;
}

/** Appends, limits, expires, removes and finds messages. */
export abstract class MessageStore implements MessageReader, MessageWriter {
  protected readonly log: MessageLog;
  protected readonly expiry: Expiry;
  protected limits: StoreLimits;
  readonly #queries: MessageQueries;
  readonly #purge: Purge;
  readonly #workplace: Workplace;
  /** Snapshots that are being made. */
  #holds = 0;
  /** How often new limits are being enforced. */
  #enforcing = 0;
  #closed = false;

  /** @param found messages that the engine has already */
  constructor(
    options: StreamStoreOptions,
    surroundings: StoreSurroundings,
    engine: (positions: Positions) => Engine,
    found: MessageSet | null = null,
  ) {
    this.limits = options.limits;
    const { clock, turns } = surroundings;
    const inTurn = (work: () => void) => void turns.next().then(work);
    this.#workplace = { clock, flushQueue: { inTurn } };
    const { listener } = options;
    this.log = new MessageLog({ ...surroundings, listener, engine, found });
    this.#queries = new MessageQueries(this.log);
    this.expiry = new Expiry({
      log: this.log,
      clock,
      timers: surroundings.timers,
      turns,
      limits: () => this.limits,
      ttlOf: (message) => options.ttlOf(message),
    });
    this.#purge = new Purge(
      this.log,
      this.expiry,
      () => this.#checkChangeable(),
    );
  }

  // Reading

  get firstSequence(): number {
    return this.log.firstSequence;
  }

  get lastSequence(): number {
    return this.log.lastSequence;
  }

  get messages(): number {
    return this.log.messages;
  }

  get bytes(): number {
    return this.log.bytes;
  }

  state(): StoreState {
    const { log } = this;
    const { messages, bytes, firstSequence, lastSequence } = log;
    return {
      messages,
      bytes,
      // A stream that never had a message has no first one either.
      firstSequence: log.isUntouched ? 0 : firstSequence,
      firstTime: messages === 0 ? 0n : log.timeOf(firstSequence),
      lastSequence,
      lastTime: log.lastTime.nanos,
      subjects: log.subjects.size,
      deleted: lastSequence + 1 - firstSequence - messages,
      lost: log.engine.lost,
    };
  }

  deletedSequences(): Iterable<number> {
    return this.#queries.deletedSequences();
  }

  listingDeleted(visit: (sequence: number) => void): Work<void> {
    return this.#queries.listingDeleted(visit);
  }

  load(sequence: number): StoredMessage | null {
    this.#checkOpen();
    return this.log.load(sequence);
  }

  loadLast(filter: SubjectFilter): StoredMessage | null {
    this.#checkOpen();
    return this.#queries.loadLast(filter);
  }

  loadLastOf(source: Chunk, start: number, end: number): StoredMessage | null {
    this.#checkOpen();
    return this.#queries.loadLastOf(source, start, end);
  }

  loadNext(filter: SubjectFilter, from: number): StoredMessage | null {
    this.#checkOpen();
    return this.#queries.loadNext(filter, from);
  }

  loadPrevious(filter: SubjectFilter, from: number): StoredMessage | null {
    this.#checkOpen();
    return this.#queries.loadPrevious(filter, from);
  }

  *withHeader(
    from: number,
    visit: (message: StoredMessage) => void,
  ): Work<void> {
    const { index } = this.log;
    for (let at = index.next(from), i = 1; at !== 0; i++) {
      const message = this.log.load(at);
      if (message !== null && message.headerSize > 0) visit(message);
      if (i % STRIDE === 0) yield;
      at = index.next(at + 1);
    }
  }

  sequenceAt(time: bigint): number {
    return this.#queries.sequenceAt(time);
  }

  filteredState(filter: SubjectFilter, from: number): SubjectState {
    return this.#queries.filteredState(filter, from);
  }

  subjectStates(filter: SubjectFilter): Map<string, SubjectState> {
    return this.#queries.subjectStates(filter);
  }

  subjectTotals(filter: SubjectFilter): Map<string, number> {
    return this.#queries.subjectTotals(filter);
  }

  listingSubjects(
    filter: SubjectFilter,
    offset: number,
    limit: number,
    visit: (subject: string, messages: number) => void,
  ): Work<number> {
    return this.#queries.listingSubjects(filter, offset, limit, visit);
  }

  lastSequences(filter: SubjectFilter, upTo: number, limit: number): number[] {
    return finish(this.findingLasts(filter, upTo, limit));
  }

  findingLasts(
    filter: SubjectFilter,
    upTo: number,
    limit: number,
  ): Work<number[]> {
    return this.#queries.findingLasts(filter, upTo, limit);
  }

  lastMatch(filter: SubjectFilter): number {
    return this.#queries.lastMatch(filter);
  }

  firstMatch(filter: SubjectFilter, from: number): number {
    return this.#queries.nextMatch(filter, Math.max(1, from));
  }

  findingFirst(filter: SubjectFilter, from: number): Work<number> {
    return this.#queries.findingNext(filter, Math.max(1, from));
  }

  collectingLasts(filter: SubjectFilter): Work<number[]> {
    return this.#queries.collectingLasts(filter);
  }

  pending(
    filter: SubjectFilter,
    from: number,
    lastPerSubject: boolean,
  ): Pending {
    const counting = this.countPending(filter, from, lastPerSubject);
    finish(counting.run());
    const { count, validThrough } = counting;
    return { count, validThrough };
  }

  countPending(
    filter: SubjectFilter,
    from: number,
    lastPerSubject: boolean,
  ): PendingCount {
    return new Counting(
      this.log,
      this.#queries,
      filter,
      from,
      lastPerSubject,
    );
  }

  // Writing

  append(message: Append): number {
    const sequence = this.log.lastSequence + 1;
    this.#store(sequence, message);
    return sequence;
  }

  appendAt(sequence: number, message: Append): void {
    const { lastSequence } = this.log;
    if (sequence <= lastSequence) throw new StoreError("sequenceMismatch");
    if (sequence > lastSequence + 1) this.skip(sequence - lastSequence - 1);
    this.#store(sequence, message);
  }

  #store(sequence: number, message: Append): void {
    this.#checkOpen();
    checkSequence(sequence);
    const { log, limits } = this;
    const size = log.sizeOf(message);
    if (size > log.engine.messageSizeMax) {
      throw new StoreError("messageTooLarge");
    }
    log.engine.checkWritable();
    if (limits.discard === "new") checkRoom(log, limits, message, size);
    const id = log.append(sequence, message, size);
    if (this.#holds === 0) this.#limit(id);
    if (message.ttl > 0 && limits.allowTtl) {
      this.expiry.add(sequence, log.lastTime.nanos, message.ttl);
    }
    if (limits.maxAge > 0n) this.expiry.stored();
    log.listener.changed(1, size, sequence, message.subject);
  }

  /** Makes room behind a message of a subject. */
  #limit(id: number): void {
    const { log, limits } = this;
    const { maxMessagesPerSubject } = limits;
    const atOnce = this.#enforcing > 0 ? WHILE_ENFORCING : Infinity;
    if (maxMessagesPerSubject > 0) {
      limitSubject(log, id, maxMessagesPerSubject, atOnce);
    }
    limitLog(log, limits, atOnce);
  }

  skip(count: number, touch = false): number {
    this.#checkOpen();
    this.log.engine.checkWritable();
    checkSequence(this.log.lastSequence + count);
    if (count > 0) this.log.skip(count, touch);
    return this.log.lastSequence;
  }

  remove(sequence: number): boolean {
    this.#checkChangeable();
    return this.log.remove(sequence, Removal.request);
  }

  erase(sequence: number): boolean {
    this.#checkChangeable();
    return this.log.erase(sequence);
  }

  purge(): number {
    this.#checkChangeable();
    return this.#purge.all(this.log.lastSequence);
  }

  purgeMatching(filter: SubjectFilter, before: number, keep: number): number {
    return finish(this.purgingMatching(filter, before, keep));
  }

  *purgingMatching(
    filter: SubjectFilter,
    before: number,
    keep: number,
  ): Work<number> {
    this.#checkChangeable();
    return yield* this.#purge.matching(filter, before, keep);
  }

  compact(sequence: number): number {
    return finish(this.compacting(sequence));
  }

  *compacting(sequence: number): Work<number> {
    this.#checkChangeable();
    return yield* this.#purge.below(sequence);
  }

  truncate(sequence: number): void {
    this.#checkChangeable();
    this.#purge.above(sequence);
  }

  updateLimits(limits: StoreLimits): void {
    finish(this.updatingLimits(limits));
  }

  *updatingLimits(limits: StoreLimits): Work<void> {
    const before = this.limits;
    this.limits = limits;
    if (limits.allowTtl && !before.allowTtl) {
      this.expiry.clear();
      const finding = this.expiry.finding(0);
      while (!finding.next().done) {
        yield;
        this.#checkChangeable();
      }
    }
    if (this.#holds === 0) yield* this.#enforce(before.maxMessagesPerSubject);
    this.expiry.reset();
  }

  /** @param most messages per subject that were allowed until now */
  *#enforce(most: number): Work<void> {
    const limits = () =>
      this.limits.discard === "old" ? this.limits : UNLIMITED;
    this.#enforcing++;
    try {
      yield* this.#purge.limit(limits);
      const { maxMessagesPerSubject } = this.limits;
      if (maxMessagesPerSubject <= 0) return;
      if (most > 0 && maxMessagesPerSubject >= most) return;
      yield* this.#limitSubjects();
      // Large messages may have come meanwhile.
      yield* this.#purge.limit(limits);
    } finally {
      this.#enforcing--;
    }
  }

  #limitSubjects(): Work<void> {
    return this.#purge.limitSubjects(() => this.limits.maxMessagesPerSubject);
  }

  /**
   * Enforces all limits on what was found at the start.
   * @param waiting messages with a time to live, as far as they are known
   * @param from the first sequence of which that is not known
   */
  protected enforceAll(waiting: ExpiryQueue, from: number): void {
    const { log, limits } = this;
    // First, as what a crash brought back must not displace anything else.
    if (limits.maxMessagesPerSubject > 0) finish(this.#limitSubjects());
    limitLog(log, limits);
    if (limits.allowTtl) this.expiry.recover(waiting, from);
    while (!limits.markDeletes && this.expiry.expire());
    this.expiry.reset();
  }

  holdForSnapshot(): () => void {
    this.#holds++;
    this.expiry.hold();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holds > 0 || this.#closed) return;
      void this.#release();
    };
  }

  /** What was held back goes now. */
  async #release(): Promise<void> {
    try {
      const work = inSlices(this.#enforce(0), this.#workplace);
      if (work instanceof Promise) await work;
    } catch {
      // The engine has told why, or the store was closed.
    }
    if (this.#holds === 0 && !this.#closed) this.expiry.release();
  }

  /** Whether totals and files disagree for the moment. */
  protected get unsettled(): boolean {
    return this.#purge.isLeaving;
  }

  protected get closed(): boolean {
    return this.#closed;
  }

  /** Nothing works from now on. */
  protected close(): void {
    this.#purge.settle();
    this.#closed = true;
    this.expiry.stop();
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreError("closed");
  }

  #checkChangeable(): void {
    this.#checkOpen();
    this.log.engine.checkWritable();
  }
}

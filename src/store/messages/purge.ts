/**
 * Removes many messages, step by step.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import { StoreError } from "../contract.ts";
import { Removal } from "../engine.ts";
import { ABSENT } from "../index/subject_table.ts";
import type { Expiry } from "./expiry.ts";
import { type FrontLimits, isOver } from "./limits.ts";
import type { MessageLog } from "./message_log.ts";
import { Tally } from "./tally.ts";

/** Messages or subjects that are looked at in one step. */
const STEP = 512;
/** Subjects of which messages are removed in one step. */
const SUBJECTS = 64;
/** More messages than this go faster if all blocks are exchanged. */
const MANY = 8192;

/**
 * Numbers beyond this are not exact: messages would share their sequences.
 * @throws StoreError
 */
export function checkSequence(sequence: number): void {
  if (sequence > Number.MAX_SAFE_INTEGER) {
    throw new StoreError("sequenceTooLarge");
  }
}

/**
 * Purges, compactions and truncations of one stream. What is under way may be
 * ended by any other change of the stream, and by its end: it removes what was
 * there when it began, from the front or subject by subject.
 */
export class Purge {
  readonly #log: MessageLog;
  readonly #expiry: Expiry;
  readonly #check: () => void;
  /** Messages of the first block up to here are leaving the index; 0: none. */
  #leaving = 0;

  /** @param check throws when the store must not be changed any more */
  constructor(log: MessageLog, expiry: Expiry, check: () => void) {
    this.#log = log;
    this.#expiry = expiry;
    this.#check = check;
  }

  /** Removes everything; the next message follows `last`. @returns messages removed */
  all(last: number): number {
    const log = this.#log;
    const { messages, bytes } = log;
    this.#leaving = 0;
    log.clear(last);
    this.#expiry.clear();
    log.listener.changed(-messages, -bytes, 0, "");
    return messages;
  }

  /** At once, however many they are. @returns false when the last can't be read */
  #allButLast(): boolean {
    const log = this.#log;
    const { messages, bytes } = log;
    if (!log.keepLast()) return false;
    this.#leaving = 0;
    log.listener.changed(log.messages - messages, log.bytes - bytes, 0, "");
    return true;
  }

  /** Removes what lies below `sequence`. @returns messages removed */
  *below(sequence: number): Work<number> {
    const log = this.#log;
    const { messages } = log;
    checkSequence(sequence);
    if (sequence === 0) return this.all(log.lastSequence);
    if (sequence > log.lastSequence) return this.all(sequence - 1);
    const isLast = sequence === log.lastSequence;
    if (isLast && log.messages > MANY && this.#allButLast()) {
      return messages - 1;
    }
    const base = log.engine.blockBase(sequence);
    const tally = new Tally(log);
    // The block of `sequence` stays, and with it the end of the stream.
    while (yield* this.#frontBlock(base, tally));
    for (;;) {
      const first = log.index.next(log.firstSequence);
      if (first === 0 || first >= sequence) break;
      tally.note(first);
      log.drop(first, first < base ? Removal.limit : Removal.request);
      if (tally.isFull) yield* this.#rest(tally);
    }
    tally.end();
    return tally.removed;
  }

  /** Removes the oldest messages while there are too many, or too large ones. */
  *limit(limits: () => FrontLimits): Work<void> {
    const log = this.#log;
    const tally = new Tally(log);
    while (isOver(log, limits())) {
      const { front } = log.engine;
      if (front !== undefined && isOver(log, limits(), front)) {
        if (yield* this.#frontBlock(Infinity, tally)) continue;
      }
      tally.note(log.firstSequence);
      log.drop(log.firstSequence, Removal.limit);
      if (tally.isFull) yield* this.#rest(tally);
    }
    tally.end();
  }

  /** Removes the first block, if it ends not above `base`. @returns whether it did */
  *#frontBlock(base: number, tally: Tally): Work<boolean> {
    const log = this.#log;
    const end = log.engine.frontEnd?.(base) ?? 0;
    if (end === 0) return false;
    this.#leaving = end;
    while (log.leaveFront(end, STEP)) {
      yield* this.#rest(tally);
      // Something else has taken the block, or all of them.
      if (this.#leaving !== end) return true;
    }
    this.settle();
    yield* this.#rest(tally);
    return true;
  }

  /** Whether a block is about to go, and counts still what has left the index. */
  get isLeaving(): boolean {
    return this.#leaving > 0;
  }

  /** Completes what can't be left half done. */
  settle(): void {
    const end = this.#leaving;
    if (end === 0) return;
    this.#leaving = 0;
    while (this.#log.leaveFront(end, Infinity));
    this.#log.dropFront(end);
  }

  /** Removes what lies above `sequence`. */
  above(sequence: number): void {
    this.settle();
    const log = this.#log;
    const { messages, bytes } = log;
    if (sequence === 0) log.forget();
    else log.truncate(sequence);
    this.#expiry.truncate(sequence);
    log.listener.changed(log.messages - messages, log.bytes - bytes, 0, "");
  }

  /**
   * Removes what matches.
   * @param before only below this; 0: no bound
   * @param keep so many of the last stay
   * @returns messages removed
   */
  *matching(filter: SubjectFilter, before: number, keep: number): Work<number> {
    const log = this.#log;
    if (before === 1) return 0;
    if (filter.isAll) {
      if (keep === 0 && before === 0) return this.all(log.lastSequence);
      if (before > 1) return yield* this.below(before);
    }
    const isCovering = log.subjects.coveredBy(filter);
    let bound = log.lastSequence + 1;
    if (before > 0) bound = Math.min(before, bound);
    if (keep > 0) bound = Math.min(bound, yield* this.#firstKept(filter, keep));
    if (bound <= 1) return 0;
    return isCovering
      ? yield* this.below(bound)
      : yield* this.#bySubject(filter, bound);
  }

  /** The first of the last `keep` messages that match; 0: there are no more. */
  *#firstKept(filter: SubjectFilter, keep: number): Work<number> {
    const { index, subjects, lastSequence } = this.#log;
    let sequence = lastSequence + 1;
    for (let i = 1, found = 0; found < keep; i++) {
      sequence = index.previous(sequence - 1);
      if (sequence === 0) return 0;
      if (subjects.lets(filter, index.subject(sequence))) found++;
      if (i % STEP === 0) yield* this.#pause();
    }
    return sequence;
  }

  /** Removes what matches, below `bound`. */
  *#bySubject(filter: SubjectFilter, bound: number): Work<number> {
    const { subjects } = this.#log;
    const tally = new Tally(this.#log);
    const search = subjects.search(filter);
    const found: string[] = [];
    for (let more = true; more;) {
      more = search.step(SUBJECTS, (id) => {
        if (subjects.first(id) < bound) found.push(subjects.name(id));
      });
      for (const subject of found) yield* this.#subject(subject, bound, tally);
      found.length = 0;
      if (more) yield* this.#rest(tally);
    }
    tally.end();
    return tally.removed;
  }

  *#subject(subject: string, bound: number, tally: Tally): Work<void> {
    const log = this.#log;
    const { subjects } = log;
    for (;;) {
      const id = subjects.find(subject);
      if (id === ABSENT) return;
      const first = subjects.first(id);
      if (first >= bound) return;
      tally.note(first);
      log.drop(first, Removal.request);
      if (tally.isFull) yield* this.#rest(tally);
    }
  }

  /** Removes the oldest of each subject until it has no more than allowed. */
  *limitSubjects(most: () => number): Work<void> {
    const log = this.#log;
    const { subjects } = log;
    const tally = new Tally(log);
    const search = subjects.search(SubjectFilter.ALL);
    const over: string[] = [];
    for (let more = true; more;) {
      more = search.step(STEP, (id) => {
        if (most() > 0 && subjects.count(id) > most()) {
          over.push(subjects.name(id));
        }
      });
      for (const subject of over) {
        yield* this.#limitSubject(subject, most, tally);
      }
      over.length = 0;
      if (more) yield* this.#rest(tally);
    }
    tally.end();
  }

  *#limitSubject(
    subject: string,
    most: () => number,
    tally: Tally,
  ): Work<void> {
    const log = this.#log;
    const { subjects } = log;
    for (;;) {
      const id = subjects.find(subject);
      if (id === ABSENT || subjects.count(id) <= most()) return;
      const first = subjects.first(id);
      tally.note(first);
      // What has displaced it may be gone before the next start.
      log.drop(first, Removal.request);
      if (tally.isFull) yield* this.#rest(tally);
    }
  }

  /** Tells what has gone, and lets others have their turn. */
  *#rest(tally: Tally): Work<void> {
    tally.end();
    yield* this.#pause();
    tally.begin();
  }

  *#pause(): Work<void> {
    yield;
    this.#check();
  }
}

/**
 * Questions about messages by subject, sequence and time.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import type { Chunk } from "../../protocol/mod.ts";
import type { SubjectFilter } from "../../subject/mod.ts";
import {
  type StoredMessage,
  StoreError,
  type SubjectState,
} from "../contract.ts";
import { ABSENT } from "../index/subject_table.ts";
import type { SubjectSearch } from "../index/subject_search.ts";
import type { MessageLog } from "./message_log.ts";

/** Messages that are looked at before it is the subjects' turn. */
const STRIDE = 256;

/** More sequences than this take too long to be sorted at once. */
const SORTED_MAX = 10_000;

const NO_STATE: SubjectState = {
  messages: 0,
  firstSequence: 0,
  lastSequence: 0,
};

/** Changes nothing. */
export class MessageQueries {
  readonly #log: MessageLog;

  constructor(log: MessageLog) {
    this.#log = log;
  }

  *deletedSequences(): Iterable<number> {
    const log = this.#log;
    if (log.messages === 0) return;
    let expected = log.firstSequence;
    while (expected <= log.lastSequence) {
      const next = log.index.next(expected) || log.lastSequence + 1;
      for (; expected < next; expected++) yield expected;
      expected = next + 1;
    }
  }

  *listingDeleted(visit: (sequence: number) => void): Work<void> {
    const log = this.#log;
    const { index, lastSequence: last } = log;
    let sequence = log.firstSequence;
    if (last + 1 - sequence === log.messages) return;
    for (let i = 1; sequence <= last; i++, sequence++) {
      if (!index.has(sequence)) visit(sequence);
      if (i % STRIDE === 0) yield;
    }
  }

  loadLast(filter: SubjectFilter): StoredMessage | null {
    const last = this.lastMatch(filter);
    return last === 0 ? null : this.#log.load(last);
  }

  loadLastOf(source: Chunk, start: number, end: number): StoredMessage | null {
    const { subjects } = this.#log;
    const id = subjects.findBytes(source, start, end);
    return id === ABSENT ? null : this.#log.load(subjects.last(id));
  }

  /** The last sequence that matches; 0: none. */
  lastMatch(filter: SubjectFilter): number {
    return this.#previousMatch(filter, this.#log.lastSequence);
  }

  loadNext(filter: SubjectFilter, from: number): StoredMessage | null {
    let sequence = this.nextMatch(filter, Math.max(1, from));
    while (sequence !== 0) {
      const message = this.#log.load(sequence);
      if (message !== null) return message;
      // What can't be read any more holds up nobody.
      sequence = this.nextMatch(filter, sequence + 1);
    }
    return null;
  }

  loadPrevious(filter: SubjectFilter, from: number): StoredMessage | null {
    const start = Math.min(from, this.#log.lastSequence);
    const sequence = start < 1 ? 0 : this.#previousMatch(filter, start);
    return sequence === 0 ? null : this.#log.load(sequence);
  }

  /** The first sequence at or behind `from` that matches; 0: none. */
  nextMatch(filter: SubjectFilter, from: number): number {
    const next = this.#nextAtOnce(filter, from);
    return next < 0 ? finish(this.#nextAmong(filter, -next)) : next;
  }

  /** The same, step by step: of the messages that were there at the beginning. */
  *findingNext(filter: SubjectFilter, from: number): Work<number> {
    for (let next = this.#nextAtOnce(filter, from);; next = -next - 1) {
      if (next < 0) next = yield* this.#nextAmong(filter, -next);
      // It may have gone while the search has rested.
      if (next === 0 || this.#log.index.has(next)) return next;
    }
  }

  /** @returns below 0: that takes longer, and there is none before `-result` */
  #nextAtOnce(filter: SubjectFilter, from: number): number {
    const { index, subjects } = this.#log;
    if (filter.isAll) return index.next(from);
    if (filter.literal !== null) {
      const id = subjects.find(filter.literal);
      return id === ABSENT ? 0 : this.nextOf(id, from);
    }
    if (subjects.coveredBy(filter)) return index.next(from);
    let sequence = index.next(from);
    for (let i = 0; i < STRIDE; i++) {
      if (sequence === 0) return 0;
      if (subjects.lets(filter, index.subject(sequence))) return sequence;
      sequence = index.next(sequence + 1);
    }
    return 0 - sequence;
  }

  /**
   * Finds the next of some subjects of many: goes along the messages and
   * through the subjects side by side, so that the shorter way decides.
   */
  *#nextAmong(filter: SubjectFilter, from: number): Work<number> {
    const { index, subjects } = this.#log;
    const search = subjects.search(filter);
    let sequence = index.next(from);
    let best = 0;
    const visit = (id: number) => {
      if (subjects.last(id) < sequence) return;
      if (best !== 0 && subjects.first(id) > best) return;
      const next = this.nextOf(id, sequence);
      if (best === 0 || next < best) best = next;
    };
    while (search.step(STRIDE / 4, visit)) {
      for (let i = 0; i < STRIDE; i++) {
        if (sequence === best || sequence === 0) return best;
        if (subjects.lets(filter, index.subject(sequence))) return sequence;
        sequence = index.next(sequence + 1);
      }
      yield;
    }
    return best;
  }

  /** The last sequence at or before `from` that matches; 0: none. */
  #previousMatch(filter: SubjectFilter, from: number): number {
    const { index, subjects } = this.#log;
    if (filter.literal !== null) {
      const id = subjects.find(filter.literal);
      return id === ABSENT ? 0 : this.previousOf(id, from);
    }
    if (subjects.coveredBy(filter)) return index.previous(from);
    return this.#previousAmong(filter, from);
  }

  /** As {@linkcode #nextAmong}, the other way. */
  #previousAmong(filter: SubjectFilter, from: number): number {
    const { index, subjects } = this.#log;
    let search: SubjectSearch | null = null;
    let sequence = index.previous(from);
    let best = 0;
    const visit = (id: number) => {
      if (subjects.first(id) > sequence || subjects.last(id) < best) return;
      best = Math.max(best, this.previousOf(id, sequence));
    };
    for (;;) {
      for (let i = 0; i < STRIDE; i++) {
        if (sequence === best || sequence === 0) return best;
        if (subjects.lets(filter, index.subject(sequence))) return sequence;
        sequence = index.previous(sequence - 1);
      }
      search ??= subjects.search(filter);
      if (!search.step(STRIDE / 4, visit)) return best;
    }
  }

  /**
   * First sequence of a subject at or behind `from`. Three searches run side
   * by side, so that the shortest way decides: along the subject from its first
   * and from its last message, and along all messages from `from` on.
   */
  nextOf(id: number, from: number): number {
    const { index, subjects } = this.#log;
    let ahead = subjects.first(id);
    if (ahead >= from) return ahead;
    let behind = subjects.last(id);
    if (behind < from) return 0;
    // Whoever goes through a subject comes from the message before.
    if (index.subject(from - 1) === id) return index.nextOfSubject(from - 1);
    let here = index.next(from);
    for (;;) {
      if (index.subject(here) === id) return here;
      here = index.next(here + 1);
      ahead = index.nextOfSubject(ahead);
      if (ahead >= from) return ahead;
      const before = index.previousOfSubject(behind);
      if (before < from) return behind;
      behind = before;
    }
  }

  /** Last sequence of a subject at or before `from`. */
  previousOf(id: number, from: number): number {
    const { index, subjects } = this.#log;
    let behind = subjects.last(id);
    if (behind <= from) return behind;
    let ahead = subjects.first(id);
    if (ahead > from) return 0;
    let here = index.previous(from);
    for (;;) {
      if (index.subject(here) === id) return here;
      here = index.previous(here - 1);
      behind = index.previousOfSubject(behind);
      if (behind <= from) return behind;
      const after = index.nextOfSubject(ahead);
      if (after > from) return ahead;
      ahead = after;
    }
  }

  sequenceAt(time: bigint): number {
    const log = this.#log;
    const { index } = log;
    let low = log.firstSequence;
    let high = log.lastSequence;
    let found = log.lastSequence + 1;
    while (low <= high) {
      const middle = low + Math.floor((high - low) / 2);
      const sequence = index.next(middle);
      if (sequence === 0 || sequence > high) {
        high = middle - 1;
      } else if (log.timeOf(sequence) >= time) {
        found = sequence;
        high = middle - 1;
      } else low = sequence + 1;
    }
    return found;
  }

  filteredState(filter: SubjectFilter, from: number): SubjectState {
    const log = this.#log;
    const { subjects, index } = log;
    const start = Math.max(from, log.firstSequence);
    if (log.messages === 0 || start > log.lastSequence) return NO_STATE;
    if (subjects.coveredBy(filter)) {
      const firstSequence = index.next(start);
      if (firstSequence === 0) return NO_STATE;
      const lastSequence = index.previous(log.lastSequence);
      return { messages: index.countFrom(start), firstSequence, lastSequence };
    }
    let messages = 0;
    let firstSequence = 0;
    let lastSequence = 0;
    subjects.match(filter, (id) => {
      const last = subjects.last(id);
      if (last < start) return;
      const first = this.nextOf(id, start);
      messages += this.countFrom(id, first);
      lastSequence = Math.max(lastSequence, last);
      if (firstSequence === 0 || first < firstSequence) firstSequence = first;
    });
    return { messages, firstSequence, lastSequence };
  }

  /** Messages of a subject from its message `first` on. */
  countFrom(id: number, first: number): number {
    const { index, subjects } = this.#log;
    let ahead = subjects.first(id);
    let behind = subjects.last(id);
    for (let steps = 0;; steps++) {
      if (ahead === first) return subjects.count(id) - steps;
      if (behind === first) return steps + 1;
      ahead = index.nextOfSubject(ahead);
      behind = index.previousOfSubject(behind);
    }
  }

  subjectStates(filter: SubjectFilter): Map<string, SubjectState> {
    const { subjects } = this.#log;
    const states = new Map<string, SubjectState>();
    subjects.match(filter, (id) => {
      states.set(subjects.name(id), {
        messages: subjects.count(id),
        firstSequence: subjects.first(id),
        lastSequence: subjects.last(id),
      });
    });
    return states;
  }

  subjectTotals(filter: SubjectFilter): Map<string, number> {
    const { subjects } = this.#log;
    const totals = new Map<string, number>();
    subjects.match(filter, (id) => {
      totals.set(subjects.name(id), subjects.count(id));
    });
    return totals;
  }

  *listingSubjects(
    filter: SubjectFilter,
    offset: number,
    limit: number,
    visit: (subject: string, messages: number) => void,
  ): Work<number> {
    const { subjects } = this.#log;
    const search = subjects.search(filter);
    let found = 0;
    const count = (id: number) => {
      const place = found++ - offset;
      if (place < 0 || place >= limit) return;
      visit(subjects.name(id), subjects.count(id));
    };
    while (search.step(STRIDE, count)) yield;
    return found;
  }

  *findingLasts(
    filter: SubjectFilter,
    upTo: number,
    limit: number,
  ): Work<number[]> {
    const { subjects, lastSequence } = this.#log;
    const bound = upTo === 0 ? lastSequence : upTo;
    const sequences: number[] = [];
    const search = subjects.search(filter);
    const visit = (id: number) => {
      const sequence = this.previousOf(id, bound);
      if (sequence !== 0) sequences.push(sequence);
    };
    while (search.step(STRIDE, visit)) {
      if (limit > 0 && sequences.length > limit) break;
      yield;
    }
    if (limit > 0 && sequences.length > limit) {
      throw new StoreError("tooManyResults");
    }
    return sequences.sort((a, b) => a - b);
  }

  /**
   * The last sequence of each subject, as of now, ascending. Of a few subjects
   * they are looked up and sorted, of many found among all messages.
   */
  *collectingLasts(filter: SubjectFilter): Work<number[]> {
    const { index, subjects, lastSequence } = this.#log;
    const search = subjects.search(filter);
    let sequences: number[] = [];
    const visit = (id: number) => {
      const sequence = this.previousOf(id, lastSequence);
      if (sequence !== 0) sequences.push(sequence);
    };
    while (search.step(STRIDE, visit) && sequences.length <= SORTED_MAX) yield;
    if (sequences.length <= SORTED_MAX) {
      return sequences.sort((a, b) => a - b);
    }
    sequences = [];
    let sequence = index.next(1);
    for (let i = 1; sequence !== 0 && sequence <= lastSequence; i++) {
      const next = index.nextOfSubject(sequence);
      const isLast = next === 0 || next > lastSequence;
      if (isLast && subjects.lets(filter, index.subject(sequence))) {
        sequences.push(sequence);
      }
      if (i % STRIDE === 0) yield;
      sequence = index.next(sequence + 1);
    }
    return sequences;
  }
}

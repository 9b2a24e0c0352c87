/**
 * Removes many messages at once.
 *
 * @module
 */

import type { SubjectFilter } from "../../subject/mod.ts";
import { StoreError } from "../contract.ts";
import { Removal } from "../engine.ts";
import type { Expiry } from "./expiry.ts";
import type { MessageLog } from "./message_log.ts";
import type { MessageQueries } from "./message_queries.ts";

const asked = () => Removal.request;

/**
 * Numbers beyond this are not exact: messages would share their sequences.
 * @throws StoreError
 */
export function checkSequence(sequence: number): void {
  if (sequence > Number.MAX_SAFE_INTEGER) {
    throw new StoreError("sequenceTooLarge");
  }
}

/** Purges, compactions and truncations of one stream. */
export class Purge {
  readonly #log: MessageLog;
  readonly #queries: MessageQueries;
  readonly #expiry: Expiry;

  constructor(log: MessageLog, queries: MessageQueries, expiry: Expiry) {
    this.#log = log;
    this.#queries = queries;
    this.#expiry = expiry;
  }

  /** Removes everything; the next message follows `last`. @returns messages removed */
  all(last: number): number {
    const log = this.#log;
    const { messages, bytes } = log;
    log.clear(last);
    this.#expiry.clear();
    log.listener.changed(-messages, -bytes, 0, "");
    return messages;
  }

  /** Removes what lies below `sequence`. */
  below(sequence: number): number {
    const log = this.#log;
    checkSequence(sequence);
    if (sequence === 0) return this.all(log.lastSequence);
    if (sequence > log.lastSequence) return this.all(sequence - 1);
    const base = log.engine.blockBase(sequence);
    const { bytes } = log;
    // The block of `sequence` stays, and with it the end of the stream.
    const removed = log.dropFront(base);
    if (removed > 0) log.listener.changed(-removed, log.bytes - bytes, 0, "");
    return removed + this.#drop(0, () => {
      const first = log.index.next(log.firstSequence);
      return first >= sequence ? 0 : first;
    }, (each) => each < base ? Removal.limit : Removal.request);
  }

  /** Removes what lies above `sequence`. */
  above(sequence: number): void {
    const log = this.#log;
    const { messages, bytes } = log;
    if (sequence === 0) log.clear(0);
    else log.truncate(sequence);
    this.#expiry.truncate(sequence);
    log.listener.changed(log.messages - messages, log.bytes - bytes, 0, "");
  }

  /** @param before 0: no bound; @param keep so many of the last stay */
  matching(filter: SubjectFilter, before: number, keep: number): number {
    const log = this.#log;
    if (before === 1) return 0;
    if (filter.isAll) {
      if (keep === 0 && before === 0) return this.all(log.lastSequence);
      if (before > 1) return this.below(before);
    }
    const { messages, firstSequence, lastSequence } = this.#queries
      .filteredState(filter, 1);
    if (messages === 0 || (keep > 0 && keep >= messages)) return 0;
    const last = before > 0 ? before - 1 : lastSequence;
    return keep > 0
      ? this.#inOrder(filter, firstSequence, last, messages - keep)
      : this.#bySubject(filter, last);
  }

  /** Which of several subjects' messages stay depends on their order. */
  #inOrder(
    filter: SubjectFilter,
    first: number,
    last: number,
    most: number,
  ): number {
    const queries = this.#queries;
    let from = first;
    return this.#drop(most, () => {
      const sequence = queries.nextMatch(filter, from);
      from = sequence + 1;
      return sequence <= last ? sequence : 0;
    }, asked);
  }

  #bySubject(filter: SubjectFilter, last: number): number {
    const { subjects } = this.#log;
    const ids: number[] = [];
    subjects.match(filter, (id) => ids.push(id));
    return this.#drop(0, () => {
      for (let id = ids.at(-1); id !== undefined; id = ids.at(-1)) {
        const first = subjects.count(id) === 0 ? Infinity : subjects.first(id);
        if (first <= last) return first;
        ids.pop();
      }
      return 0;
    }, asked);
  }

  /**
   * Drops the messages that `next` names until it names none, or `most`.
   * Listeners hear of it once.
   */
  #drop(
    most: number,
    next: () => number,
    why: (sequence: number) => Removal,
  ): number {
    const log = this.#log;
    let removed = 0;
    let bytes = 0;
    let sequence = 0;
    let subject = "";
    for (let each = next(); each !== 0; each = next()) {
      if (removed === 0) {
        sequence = each;
        subject = log.subjectOf(each);
      }
      bytes += log.drop(each, why(each));
      removed++;
      if (removed === most) break;
    }
    if (removed === 1) log.listener.changed(-1, -bytes, sequence, subject);
    else if (removed > 0) log.listener.changed(-removed, -bytes, 0, "");
    return removed;
  }
}

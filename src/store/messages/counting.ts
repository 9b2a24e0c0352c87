/**
 * Counts messages, while others come and go.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { SubjectFilter } from "../../subject/mod.ts";
import type { PendingCount } from "../contract.ts";
import type { SubjectSearch } from "../index/subject_search.ts";
import type { Departure, MessageLog } from "./message_log.ts";
import type { MessageQueries } from "./message_queries.ts";

/** Subjects that are looked at in one step, or messages that have gone. */
const STEP = 256;

/** One count. */
export class Counting implements PendingCount {
  count = 0;
  readonly validThrough: number;
  readonly #log: MessageLog;
  readonly #queries: MessageQueries;
  readonly #filter: SubjectFilter;
  readonly #from: number;
  readonly #lastPerSubject: boolean;
  /** The last message gone that it allows for. */
  #departed: Departure;

  constructor(
    log: MessageLog,
    queries: MessageQueries,
    filter: SubjectFilter,
    from: number,
    lastPerSubject: boolean,
  ) {
    this.#log = log;
    this.#queries = queries;
    this.#filter = filter;
    this.#from = from;
    this.#lastPerSubject = lastPerSubject;
    this.validThrough = log.lastSequence;
    this.#departed = log.departed;
  }

  *run(): Work<void> {
    const log = this.#log;
    const { subjects, index, firstSequence } = log;
    const isFromStart = this.#from <= firstSequence;
    const counts = isFromStart || !this.#lastPerSubject;
    if (counts && subjects.coveredBy(this.#filter)) {
      this.count = this.#lastPerSubject
        ? subjects.size
        : index.countFrom(Math.max(this.#from, firstSequence));
      return;
    }
    const search = subjects.search(this.#filter);
    const visit = (id: number) => void (this.count += this.#countOf(id));
    log.counts++;
    try {
      while (this.#allowFor(search) || search.step(STEP, visit)) yield;
    } finally {
      log.counts--;
    }
  }

  /** Takes off what has gone since the last step. @returns whether there may be more */
  #allowFor(search: SubjectSearch): boolean {
    for (let i = 0; i < STEP; i++) {
      const { next } = this.#departed;
      if (next === null) return false;
      this.#departed = next;
      const { sequence, subject } = next;
      if (sequence < this.#from || sequence > this.validThrough) continue;
      if (search.hasFound(subject) && this.count > 0) this.count--;
    }
    return true;
  }

  /** What counts of a subject: what came later is counted by others. */
  #countOf(id: number): number {
    const { subjects, index } = this.#log;
    const last = this.#queries.previousOf(id, this.validThrough);
    if (last < this.#from || last === 0) return 0;
    if (this.#lastPerSubject) return 1;
    let count = this.#queries.countFrom(
      id,
      this.#queries.nextOf(id, Math.max(1, this.#from)),
    );
    let later = subjects.last(id);
    for (; later !== last; later = index.previousOfSubject(later)) count--;
    return count;
  }
}

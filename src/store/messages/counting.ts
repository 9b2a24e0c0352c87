/**
 * Counts messages, while others come and go.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { SubjectFilter } from "../../subject/mod.ts";
import type { PendingCount } from "../contract.ts";
import type { SubjectSearch } from "../index/subject_search.ts";
import type { LogCount, MessageLog } from "./message_log.ts";
import type { MessageQueries } from "./message_queries.ts";

/** Subjects that are looked at in one step. */
const STEP = 256;

/** One count. */
export class Counting implements PendingCount, LogCount {
  count = 0;
  readonly validThrough: number;
  readonly #log: MessageLog;
  readonly #queries: MessageQueries;
  readonly #filter: SubjectFilter;
  readonly #from: number;
  readonly #lastPerSubject: boolean;
  #search: SubjectSearch | null = null;

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
  }

  *run(): Work<void> {
    const { subjects, index, firstSequence } = this.#log;
    const isFromStart = this.#from <= firstSequence;
    const counts = isFromStart || !this.#lastPerSubject;
    if (counts && subjects.coveredBy(this.#filter)) {
      this.count = this.#lastPerSubject
        ? subjects.size
        : index.countFrom(Math.max(this.#from, firstSequence));
      return;
    }
    const search = this.#search = subjects.search(this.#filter);
    const visit = (id: number) => void (this.count += this.#countOf(id));
    this.#log.counts.add(this);
    try {
      while (search.step(STEP, visit)) yield;
    } finally {
      this.#log.counts.delete(this);
    }
  }

  leaves(sequence: number, subject: number): void {
    if (sequence < this.#from || sequence > this.validThrough) return;
    const name = this.#log.subjects.name(subject);
    const isCounted = this.#search?.hasFound(name) ?? false;
    if (isCounted && this.count > 0) this.count--;
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

/**
 * Which messages there are, without the messages themselves.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Chunk } from "../../protocol/mod.ts";
import type { Random } from "../../runtime/mod.ts";
import { bytesToSubject } from "../../subject/mod.ts";
import type {
  BlockDigest,
  DigestedMessages,
  RecordView,
} from "../format/mod.ts";
import type { IndexPage } from "../index/index_page.ts";
import { MessageIndex } from "../index/message_index.ts";
import type { KnownSubjects } from "../index/known_subjects.ts";
import { ABSENT, SubjectTable } from "../index/subject_table.ts";

/** What a set adds up. */
export interface Totals {
  readonly messages: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** Messages that are taken over between two rests. */
const AT_ONCE = 16 * 1024;

/** What is found of subjects, by their numbers in a digest. */
class SubjectSums {
  readonly ids: Int32Array;
  readonly counts: Uint32Array;
  readonly lasts: Float64Array;

  constructor(subjects: number) {
    this.ids = new Int32Array(subjects).fill(ABSENT);
    this.counts = new Uint32Array(subjects);
    this.lasts = new Float64Array(subjects);
  }
}

/** The index, the subjects and the totals. */
export class MessageSet {
  readonly index: MessageIndex;
  readonly subjects: SubjectTable;
  firstSequence = 1;
  lastSequence = 0;
  messages = 0;
  bytes = 0;

  /** @param found what it takes over, and nobody else may use any more */
  constructor(random: Pick<Random, "below">, found: MessageSet | null = null) {
    this.index = found?.index ?? new MessageIndex();
    this.subjects = found?.subjects ?? new SubjectTable(random);
    if (found !== null) this.#adopt(found);
  }

  #adopt({ messages, bytes, firstSequence, lastSequence }: Totals): void {
    this.messages = messages;
    this.bytes = bytes;
    this.firstSequence = firstSequence;
    this.lastSequence = lastSequence;
  }

  /** Takes over all that was known, while it is empty. */
  *restoring(
    totals: Totals,
    pages: readonly IndexPage[],
    subjects: KnownSubjects,
    idsEnd: number,
  ): Work<void> {
    for (const page of pages) this.index.restore(page);
    yield* this.subjects.restoring(idsEnd, subjects);
    this.#adopt(totals);
  }

  /** Takes note of a message that was found, at `position` of a block. */
  recover(
    source: Chunk,
    { sequence, subjectStart, subjectEnd, size }: RecordView,
    position: number,
  ): void {
    if (this.messages === 0) this.firstSequence = sequence;
    const id = this.#idOf(source, subjectStart, subjectEnd);
    this.enter(sequence, id, position, size);
  }

  /**
   * Takes note of messages that a digest tells of, behind all others. What
   * subjects have is added up meanwhile.
   */
  *recoverDigested(
    digest: Pick<BlockDigest, "text" | "names">,
    messages: DigestedMessages,
  ): Work<void> {
    const { count, sequences, sizes } = messages;
    if (count === 0) return;
    if (this.messages === 0) this.firstSequence = sequences[0] ?? 0;
    const sums = new SubjectSums(digest.names.length / 2);
    for (let from = 0; from < count; from += AT_ONCE) {
      const end = Math.min(count, from + AT_ONCE);
      this.#enterSome(digest, messages, from, end, sums);
      yield;
    }
    const { subjects } = this;
    for (const [number, id] of sums.ids.entries()) {
      if (id === ABSENT) continue;
      subjects.setCount(id, subjects.count(id) + (sums.counts[number] ?? 0));
      subjects.setLast(id, sums.lasts[number] ?? 0);
    }
    for (let i = 0; i < count; i++) this.bytes += sizes[i] ?? 0;
    this.messages += count;
    this.lastSequence = sequences[count - 1] ?? 0;
  }

  #enterSome(
    { text, names }: Pick<BlockDigest, "text" | "names">,
    { sequences, positions, subjects: numbers }: DigestedMessages,
    from: number,
    end: number,
    { ids, counts, lasts }: SubjectSums,
  ): void {
    const { index, subjects } = this;
    for (let i = from; i < end; i++) {
      const number = numbers[i] ?? 0;
      const sequence = sequences[i] ?? 0;
      let id = ids[number] ?? ABSENT;
      if (id === ABSENT) {
        const start = names[2 * number] ?? 0;
        id = this.#idOf(text, start, names[2 * number + 1] ?? 0);
        ids[number] = id;
        if (subjects.count(id) === 0) subjects.setFirst(id, sequence);
        else lasts[number] = subjects.last(id);
      }
      index.add(sequence, positions[i] ?? 0, id, lasts[number] ?? 0);
      lasts[number] = sequence;
      counts[number] = (counts[number] ?? 0) + 1;
    }
  }

  /** The id of a subject, which is added if there are no messages of it. */
  #idOf(source: Chunk, start: number, end: number): number {
    const { subjects } = this;
    const id = subjects.findBytes(source, start, end);
    if (id !== ABSENT) return id;
    return subjects.add(bytesToSubject(source.bytes, start, end));
  }

  /** Adds a message behind all others. @param id of its subject */
  protected enter(
    sequence: number,
    id: number,
    position: number,
    size: number,
  ): void {
    const { subjects } = this;
    const count = subjects.count(id);
    const previous = count === 0 ? 0 : subjects.last(id);
    if (count === 0) subjects.setFirst(id, sequence);
    subjects.setCount(id, count + 1);
    subjects.setLast(id, sequence);
    this.index.add(sequence, position, id, previous);
    this.lastSequence = sequence;
    this.messages++;
    this.bytes += size;
  }
}

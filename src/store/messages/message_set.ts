/**
 * Which messages there are, without the messages themselves.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Chunk } from "../../protocol/mod.ts";
import type { Random } from "../../runtime/mod.ts";
import { bytesToSubject } from "../../subject/mod.ts";
import type { RecordView } from "../format/mod.ts";
import type { IndexPage } from "../index/index_page.ts";
import { MessageIndex } from "../index/message_index.ts";
import {
  ABSENT,
  type KnownSubject,
  SubjectTable,
} from "../index/subject_table.ts";

/** What a set adds up. */
export interface Totals {
  readonly messages: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
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
    subjects: readonly KnownSubject[],
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
    const id = this.idOf(source, subjectStart, subjectEnd);
    this.recoverKnown(sequence, id, position, size);
  }

  /** The same of one whose subject has that id. */
  recoverKnown(
    sequence: number,
    id: number,
    position: number,
    size: number,
  ): void {
    if (this.messages === 0) this.firstSequence = sequence;
    this.enter(sequence, id, position, size);
  }

  /** The id of a subject, which is added if there are no messages of it. */
  idOf(source: Chunk, start: number, end: number): number {
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

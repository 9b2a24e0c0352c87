/**
 * What the last `index.db` says. It may be older than the blocks.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import {
  checkingBody,
  CORRUPT_STATE,
  type HashKey,
  type HighwayHash,
  type IndexedBlock,
  type IndexedEnd,
  type IndexedStream,
  type IndexedSubject,
  IndexReader,
  type SequenceSet,
} from "../format/mod.ts";

/** Subjects or blocks between two rests. */
const STRIDE = 512;

/** Told of a subject, and where its name starts in what was decrypted. */
export type SubjectVisitor = (
  subject: IndexedSubject,
  body: Uint8Array,
  at: number,
) => void;

/** Which messages of a block were there. */
export class PriorBlock {
  readonly #end: number;
  readonly #first: number;
  readonly #last: number;
  readonly #deleted: SequenceSet | null;

  /**
   * @param end of the stream, when the index was written
   * @param first message of the block
   * @param last message of the block
   */
  constructor(
    end: number,
    first: number,
    last: number,
    deleted: SequenceSet | null,
  ) {
    this.#end = end;
    this.#first = first;
    this.#last = last;
    this.#deleted = deleted;
  }

  /** Whether there may be any of which it says that they were deleted. */
  get hasDeleted(): boolean {
    return this.#end > 0;
  }

  /** Whether a message that was found had been deleted. */
  isDeleted(sequence: number): boolean {
    if (sequence > this.#end) return false;
    return sequence < this.#first || sequence > this.#last ||
      (this.#deleted !== null && this.#deleted.has(sequence));
  }
}

/** Which messages were there, so that deleted ones do not come back. */
export class PriorIndex {
  readonly stream: IndexedStream;
  readonly end: IndexedEnd;
  readonly blocks: ReadonlyMap<number, IndexedBlock>;

  private constructor(
    stream: IndexedStream,
    blocks: ReadonlyMap<number, IndexedBlock>,
    end: IndexedEnd,
  ) {
    this.stream = stream;
    this.blocks = blocks;
    this.end = end;
  }

  /**
   * @param opening decrypts what the checksum covers
   * @param visit told of the subjects, in the order in which they stand
   * @throws DecodeError
   */
  static *decode(
    hash: HighwayHash,
    key: HashKey,
    file: Uint8Array,
    opening: (sealed: Uint8Array) => Work<Uint8Array>,
    visit: SubjectVisitor = () => {},
  ): Work<PriorIndex> {
    const sealed = yield* checkingBody(hash, key, file, CORRUPT_STATE);
    const body = yield* opening(sealed);
    const reader = new IndexReader(body);
    let subject = reader.nextSubject();
    for (let i = 1; subject !== null; subject = reader.nextSubject(), i++) {
      visit(subject, body, reader.subjectAt);
      if (i % STRIDE === 0) yield;
    }
    const blocks = new Map<number, IndexedBlock>();
    for (let each = reader.nextBlock(); each; each = reader.nextBlock()) {
      blocks.set(each.number, each);
      if (blocks.size % STRIDE === 0) yield;
    }
    return new PriorIndex(reader.stream, blocks, reader.end());
  }

  /** What it says of the messages that are found in a block. */
  block(number: number): PriorBlock {
    const { firstSequence, lastSequence } = this.stream;
    const indexed = this.blocks.get(number);
    if (indexed === undefined) {
      // All messages of a block that it should know were deleted.
      const last = number <= this.end.block ? 0 : Infinity;
      return new PriorBlock(lastSequence, firstSequence, last, null);
    }
    return new PriorBlock(
      lastSequence,
      Math.max(firstSequence, indexed.firstSequence),
      indexed.lastSequence,
      indexed.deleted,
    );
  }

  /** Whether the index knows a message and that it was there. */
  *messages(): Iterable<number> {
    for (
      const { firstSequence, lastSequence, deleted } of this.blocks.values()
    ) {
      for (let at = firstSequence; at <= lastSequence; at++) {
        if (!deleted?.has(at)) yield at;
      }
    }
  }
}

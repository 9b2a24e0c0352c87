/**
 * What the last `index.db` says. It may be older than the blocks.
 *
 * @module
 */

import {
  checkedBody,
  type HashKey,
  type HighwayHash,
  type IndexedBlock,
  type IndexedEnd,
  type IndexedStream,
  IndexReader,
} from "../format/mod.ts";

/** Which messages were there, so that deleted ones do not come back. */
export class PriorIndex {
  readonly stream: IndexedStream;
  readonly end: IndexedEnd;
  readonly blocks: ReadonlyMap<number, IndexedBlock>;

  private constructor(reader: IndexReader) {
    this.stream = reader.stream;
    while (reader.nextSubject() !== null);
    const blocks = new Map<number, IndexedBlock>();
    for (let each = reader.nextBlock(); each; each = reader.nextBlock()) {
      blocks.set(each.number, each);
    }
    this.blocks = blocks;
    this.end = reader.end();
  }

  /**
   * @param open decrypts what the checksum covers
   * @throws DecodeError
   */
  static decode(
    hash: HighwayHash,
    key: HashKey,
    file: Uint8Array,
    open: (sealed: Uint8Array) => Uint8Array,
  ): PriorIndex {
    const sealed = checkedBody(hash, key, file, "corrupt state file");
    return new PriorIndex(new IndexReader(open(sealed)));
  }

  /** Whether a message that was found in a block had been deleted. */
  isDeleted(block: number, sequence: number): boolean {
    if (sequence > this.stream.lastSequence) return false;
    if (sequence < this.stream.firstSequence) return true;
    const indexed = this.blocks.get(block);
    if (indexed === undefined) return block <= this.end.block;
    const { firstSequence, lastSequence, deleted } = indexed;
    return sequence < firstSequence || sequence > lastSequence ||
      (deleted?.has(sequence) ?? false);
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

/**
 * Subjects of records, which mostly are the same again and again.
 *
 * @module
 */

import type { Chunk } from "../../protocol/mod.ts";
import { bytesToSubject, isValidTextSubject } from "../../subject/mod.ts";
import type { RecordView } from "../format/mod.ts";

/** Remembers the last one. */
export class SubjectReader {
  #bytes = new Uint8Array(0);
  #subject = "";
  #isValid = false;

  /** The subject of a record, a byte string. */
  read(chunk: Chunk, record: RecordView): string {
    this.#look(chunk, record);
    return this.#subject;
  }

  /**
   * Whether it is one at all: checksums do not cover its length, so that what
   * is taken for it may be a part of it, or of the message too.
   */
  isValid(chunk: Chunk, record: RecordView): boolean {
    this.#look(chunk, record);
    return this.#isValid;
  }

  #look({ bytes }: Chunk, { subjectStart, subjectEnd }: RecordView): void {
    const known = this.#bytes;
    let same = known.length === subjectEnd - subjectStart;
    for (let i = 0; same && i < known.length; i++) {
      same = known[i] === bytes[subjectStart + i];
    }
    if (same) return;
    this.#bytes = bytes.slice(subjectStart, subjectEnd);
    this.#subject = bytesToSubject(bytes, subjectStart, subjectEnd);
    this.#isValid = isValidTextSubject(this.#subject);
  }
}

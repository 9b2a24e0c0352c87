/**
 * Whether the subjects of records are subjects.
 *
 * @module
 */

import type { Chunk } from "../../protocol/mod.ts";
import { bytesToSubject, isValidTextSubject } from "../../subject/mod.ts";
import type { RecordView } from "../format/mod.ts";

const BLANK = 0x20;
const STAR = 0x2a;
const DOT = 0x2e;
const GREATER = 0x3e;
const DELETE = 0x7f;

/** Tells subjects from what is taken for one; remembers the last unusual one. */
export class SubjectCheck {
  #bytes = new Uint8Array(0);
  #isValid = false;

  /**
   * Whether the subject of a record is one at all: checksums do not cover its
   * length, so that what is taken for it may be a part of it, or of the
   * message too.
   */
  isValid(
    { bytes }: Chunk,
    { subjectStart, subjectEnd }: RecordView,
  ): boolean {
    if (isPlain(bytes, subjectStart, subjectEnd)) return true;
    const known = this.#bytes;
    let same = known.length === subjectEnd - subjectStart;
    for (let i = 0; same && i < known.length; i++) {
      same = known[i] === bytes[subjectStart + i];
    }
    if (same) return this.#isValid;
    this.#bytes = bytes.slice(subjectStart, subjectEnd);
    const subject = bytesToSubject(bytes, subjectStart, subjectEnd);
    return this.#isValid = isValidTextSubject(subject);
  }
}

/** Whether a subject is made of letters, digits and the like, as most are. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  let before = DOT;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte <= BLANK || byte >= DELETE) return false;
    if (byte === STAR || byte === GREATER) return false;
    if (byte === DOT && before === DOT) return false;
    before = byte;
  }
  return before !== DOT;
}

/**
 * Subjects as strings, made once for many messages.
 *
 * @module
 */

import { bytesToSubject } from "../../subject/mod.ts";

/** Subjects that are remembered; a power of two. */
const SIZE = 4096;
/** Longer ones are made anew each time. */
const LENGTH_MAX = 128;

/**
 * Most messages come with a subject that came before. Comparing bytes costs
 * less than making a string, and the string that is found again has been
 * hashed already. Collisions cost a miss and no more.
 */
export class SubjectCache {
  readonly #subjects: string[] = new Array(SIZE).fill("");
  #last = "";

  /** Byte string of `bytes[start, end)`. */
  get(bytes: Uint8Array, start: number, end: number): string {
    if (equals(this.#last, bytes, start, end)) return this.#last;
    if (end - start > LENGTH_MAX) return bytesToSubject(bytes, start, end);
    const slot = hash(bytes, start, end) & (SIZE - 1);
    let subject = this.#subjects[slot] as string;
    if (!equals(subject, bytes, start, end)) {
      subject = bytesToSubject(bytes, start, end);
      this.#subjects[slot] = subject;
    }
    this.#last = subject;
    return subject;
  }
}

function equals(
  subject: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const { length } = subject;
  if (length !== end - start) return false;
  // From behind: subjects differ in their last tokens.
  for (let i = length - 1; i >= 0; i--) {
    if (subject.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

/** FNV-1a. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let i = start; i < end; i++) {
    value = Math.imul(value ^ (bytes[i] as number), 0x01000193);
  }
  return value ^ (value >>> 15);
}

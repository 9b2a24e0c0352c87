/**
 * Subjects as bytes.
 *
 * On the data plane a subject is a range of a read buffer. Everywhere else it
 * is a *byte string*: a JavaScript string with one char (0–255) per byte. The
 * engine stores such strings with one byte per char, comparing and hashing
 * them is as cheap as for any other string, and no sequence of bytes is lost,
 * whereas decoding as UTF-8 would map every malformed sequence to U+FFFD and
 * so make different subjects equal. (`TextDecoder("latin1")` is of no use: by
 * its standard it decodes windows-1252.)
 *
 * @module
 */

/** Byte string of `buffer[start, end)`. */
export function bytesToSubject(
  buffer: Uint8Array,
  start: number,
  end: number,
): string {
  // Beyond this length one call would need too much stack for its arguments.
  const most = 4096;
  if (end - start <= most) return charsOf(buffer.subarray(start, end));
  let subject = "";
  for (let at = start; at < end; at += most) {
    subject += charsOf(buffer.subarray(at, Math.min(at + most, end)));
  }
  return subject;
}

function charsOf(bytes: Uint8Array): string {
  // Twice as fast as spreading them.
  return Reflect.apply(String.fromCharCode, undefined, bytes);
}

/** The bytes of a byte string. */
export function subjectToBytes(subject: string): Uint8Array {
  const bytes = new Uint8Array(subject.length);
  writeSubject(bytes, 0, subject);
  return bytes;
}

/**
 * Writes a byte string into `target` from position `at`; the caller has made
 * sure that it fits.
 * @returns the position behind the last byte written
 */
export function writeSubject(
  target: Uint8Array,
  at: number,
  subject: string,
): number {
  const length = subject.length;
  for (let i = 0; i < length; i++) target[at + i] = subject.charCodeAt(i);
  return at + length;
}

/** Whether every char of `subject` stands for one byte. */
export function isByteString(subject: string): boolean {
  for (let i = 0; i < subject.length; i++) {
    if (subject.charCodeAt(i) > 0xff) return false;
  }
  return true;
}

/** Whether a byte string and its text are the same. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return false;
  }
  return true;
}

/** Byte string of the UTF-8 encoding of ordinary text (configuration, JSON). */
export function subjectFromText(text: string): string {
  if (isAscii(text)) return text;
  const bytes = new TextEncoder().encode(text);
  return bytesToSubject(bytes, 0, bytes.length);
}

/** Ordinary text of a byte string; malformed UTF-8 becomes U+FFFD. */
export function subjectToText(subject: string): string {
  if (isAscii(subject)) return subject;
  return new TextDecoder().decode(subjectToBytes(subject));
}

// Reading four bytes at once through a DataView halves the cost of hashing and
// comparing, but making a view costs as much as a match. Messages arrive many
// to a buffer, so remembering the view of the last buffer is enough.
let lastBuffer: Uint8Array = new Uint8Array(0);
let lastView = new DataView(lastBuffer.buffer);

/** A view with the positions of `buffer`; valid until `buffer` is detached. */
export function viewOf(buffer: Uint8Array): DataView {
  if (buffer !== lastBuffer) {
    lastView = new DataView(
      buffer.buffer,
      buffer.byteOffset,
      buffer.byteLength,
    );
    lastBuffer = buffer;
  }
  return lastView;
}

/** Whether `length` bytes of `a` from `at` equal those of `b` from `bt`. */
export function equalBytes(
  a: DataView,
  at: number,
  b: DataView,
  bt: number,
  length: number,
): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    if (a.getInt32(at + i, true) !== b.getInt32(bt + i, true)) return false;
  }
  if (i === length) return true;
  if (length >= 4) {
    // The last word may overlap the one before it: cheaper than single bytes.
    i = length - 4;
    return a.getInt32(at + i, true) === b.getInt32(bt + i, true);
  }
  for (; i < length; i++) {
    if (a.getUint8(at + i) !== b.getUint8(bt + i)) return false;
  }
  return true;
}

/**
 * A reusable buffer that holds one byte string at a time, for the entry points
 * that take strings but work on bytes.
 */
export class SubjectBuffer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);

  /** View of the bytes loaded last. */
  get view(): DataView {
    return this.#view;
  }

  /** Loads `subject` at position 0. @returns its length */
  load(subject: string): number {
    if (subject.length > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * subject.length);
      this.#view = new DataView(this.#bytes.buffer);
    }
    return writeSubject(this.#bytes, 0, subject);
  }
}

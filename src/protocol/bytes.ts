/**
 * Small helpers for bytes on the wire.
 *
 * A *byte string* is a JavaScript string with one char (0–255) per byte:
 * compact in memory, lossless for any bytes, and usable as a map key.
 *
 * @module
 */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;

/** Writes a byte string to `target` at `at`; returns the position after it. */
export function writeByteString(
  target: Uint8Array,
  at: number,
  text: string,
): number {
  for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** The bytes of a byte string. */
export function encodeByteString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeByteString(bytes, 0, text);
  return bytes;
}

/** `source[start, end)` as a byte string. */
export function decodeByteString(
  source: Uint8Array,
  start = 0,
  end = source.length,
): string {
  let text = "";
  let i = start;
  // Eight at a time: far cheaper than a call a char, or a spread.
  for (; i + 8 <= end; i += 8) {
    text += String.fromCharCode(
      source[i] as number,
      source[i + 1] as number,
      source[i + 2] as number,
      source[i + 3] as number,
      source[i + 4] as number,
      source[i + 5] as number,
      source[i + 6] as number,
      source[i + 7] as number,
    );
  }
  for (; i < end; i++) text += String.fromCharCode(source[i] as number);
  return text;
}

const BILLION = 1_000_000_000;
const INT32_MAX = 0x7fffffff;

/**
 * Writes a non-negative integer in decimal; returns the position after it.
 * In parts that fit 32 bits: dividing these takes a fourth of the time.
 */
export function writeDecimal(
  target: Uint8Array,
  at: number,
  value: number,
): number {
  if (value > INT32_MAX) {
    const high = Math.floor(value / BILLION);
    return writeDigits(
      target,
      writeDecimal(target, at, high),
      value - high * BILLION,
      9,
    );
  }
  return writeDigits(target, at, value, countDigits(value | 0));
}

/**
 * Writes an integer of 31 bits in so many digits, with leading zeros; returns
 * the position after them.
 */
export function writeDigits(
  target: Uint8Array,
  at: number,
  value: number,
  digits: number,
): number {
  const end = at + digits;
  let rest = value | 0;
  for (let i = end - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    target[i] = 0x30 + rest - next * 10;
    rest = next;
  }
  return end;
}

/** Decimal digits of an integer of 31 bits. */
function countDigits(value: number): number {
  if (value < 10_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    return value < 1000 ? 3 : 4;
  }
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  if (value < 100_000_000) return value < 10_000_000 ? 7 : 8;
  return value < BILLION ? 9 : 10;
}

/** Longest size field that is accepted, digits. */
export const SIZE_DIGITS_MAX = 9;

/**
 * Reads the decimal size in `buffer[start, end)`.
 * @returns the size, or -1 when it is empty, too long or not all digits
 */
export function parseSize(
  buffer: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start;
  if (length === 0 || length > SIZE_DIGITS_MAX) return -1;
  let size = 0;
  for (let i = start; i < end; i++) {
    const digit = (buffer[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    size = size * 10 + digit;
  }
  return size;
}

/** All pieces as one, copied. */
export function joinBytes(
  pieces: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

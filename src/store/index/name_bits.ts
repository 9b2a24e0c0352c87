/**
 * Names as sequences of bits, in which their order is that of their bytes.
 *
 * @module
 */

/** A byte counts as nine bits: the first tells that it is there at all. */
export const BITS = 9;

/** Bit `bit` of nine of a byte that is there. */
export function bitOf(byte: number, bit: number): number {
  return bit === 0 ? 1 : (byte >> (8 - bit)) & 1;
}

/** The first of nine bits in which two bytes differ that are not the same. */
export function firstDifference(a: number, b: number): number {
  return Math.clz32(a ^ b) - 23;
}

/**
 * Whole numbers in headers.
 *
 * @module
 */

/** What a text that is no number is compared as: equal to no sequence. */
const NO_SEQUENCE = -1;
/** So many digits are exact whatever they are. */
const EXACT_DIGITS = 15;

/** A sequence that a publisher expects; digits only. */
export function parseExpectedSequence(text: string): number {
  const value = parseWrapping(text) ?? NO_SEQUENCE;
  return typeof value === "number" ? value : Number(BigInt.asUintN(64, value));
}

/**
 * A signed number of 64 bits, which overflows as in Go; digits only.
 * @returns undefined when it is none
 */
export function parseWrapping(text: string): number | bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  if (text.length <= EXACT_DIGITS) return Number(text);
  // What is in front of the last 64 digits is a multiple of 2^64.
  return BigInt.asIntN(64, BigInt(text.slice(-64)));
}

/** An unsigned number of at most 64 bits; undefined when it is none. */
export function parseUnsigned(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  return text.length > 20 || BigInt(text) > 0xffff_ffff_ffff_ffffn
    ? undefined
    : Number(text);
}

/**
 * Whole numbers in headers.
 *
 * @module
 */

/** What a text that is no number is compared as: equal to no sequence. */
const NO_SEQUENCE = -1;

/** A sequence that a publisher expects; digits only. */
export function parseExpectedSequence(text: string): number {
  return /^[0-9]+$/.test(text) ? Number(text) : NO_SEQUENCE;
}

/** An unsigned number of at most 64 bits; undefined when it is none. */
export function parseUnsigned(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  return text.length > 20 || BigInt(text) > 0xffff_ffff_ffff_ffffn
    ? undefined
    : Number(text);
}

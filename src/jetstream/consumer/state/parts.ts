/**
 * Parts of what is too large to grow at once.
 *
 * @module
 */

/** How many there are. */
export const PARTS = 256;

/** Mixes the bits of a number: one bit changes each other one half of the time. */
const MIXER = 0x45d9f3b;

/**
 * The part of a key. By chance, unlike the last bits of numbers that come one
 * after the other: as parts of equal size, all would have to grow at once.
 */
export function partOf(key: number): number {
  let hash = key | 0;
  hash = Math.imul(hash ^ (hash >>> 16), MIXER);
  hash = Math.imul(hash ^ (hash >>> 16), MIXER);
  return (hash ^ (hash >>> 16)) & (PARTS - 1);
}

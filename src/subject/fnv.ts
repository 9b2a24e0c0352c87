/**
 * FNV-1a with 32 bits, which decides the partition of a subject and the
 * pooled connection of an account, so it must be the same on every server.
 *
 * @module
 */

/** Hash of a byte string, unsigned. */
export function fnv1a32(bytes: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) {
    hash = Math.imul(hash ^ bytes.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

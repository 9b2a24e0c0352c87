/**
 * What decoders throw.
 *
 * @module
 */

/** Bytes that are not what they should be, in the words of the Go server. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** The text for files of state that can't be read. */
export const CORRUPT_STATE = "corrupt state file";

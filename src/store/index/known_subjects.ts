/**
 * Subjects that were in a table before.
 *
 * @module
 */

/**
 * Columns, not an object and a text each: to have millions of those moved by
 * the garbage collector holds up the loop.
 */
export interface KnownSubjects {
  readonly length: number;
  readonly ids: Uint32Array;
  /** Messages, one at least. */
  readonly counts: Float64Array;
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  /** Where the names are: from `starts` to `ends`. */
  readonly text: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * A server that can't start.
 *
 * @module
 */

/** A start that failed; the message says why. */
export class StartError extends Error {
  override readonly name = "StartError";
}

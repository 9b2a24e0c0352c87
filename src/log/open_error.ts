/**
 * A log that can't be opened. The message is the text for the operator.
 *
 * @module
 */
export class LogOpenError extends Error {
  override readonly name = "LogOpenError";
}

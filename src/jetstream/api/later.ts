/**
 * Answers that may take their time.
 *
 * @module
 */

/** Goes on with a value: at once if it is there, which it mostly is. */
export function then<T, U>(
  value: T | Promise<T>,
  next: (value: T) => U,
): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

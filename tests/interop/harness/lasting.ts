/**
 * Telling differences between servers from ties that the Go server breaks by
 * chance: the order of a map, of its threads, of two timers.
 *
 * @module
 */

/** A difference that shows so often in a row is one. */
const ATTEMPTS = 3;

/** Compares until both servers agree once. @throws the last difference */
export async function lasting(compare: () => Promise<void>): Promise<void> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    try {
      return await compare();
    } catch {
      // Once more, from the beginning.
    }
  }
  await compare();
}

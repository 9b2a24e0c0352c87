/**
 * Long work that leaves others their turns.
 *
 * @module
 */

import type { FlushQueue } from "./flush_queue.ts";

/** What may be waited for before the next step; it never rejects. */
export type Wait = () => Promise<void>;

/**
 * Work in steps of a fraction of a millisecond. Between two of them everything
 * is in order, and anything may happen: each step looks at things anew. A step
 * may yield what is worth a wait; who has no time for it just goes on.
 */
export type Work<T> = Generator<Wait | undefined, T, void>;

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 2;
/** The same for what is soon done anyway, so that others hardly notice it. */
export const SHORT_SLICE = 1;

/** What it takes to work in slices. */
export interface Workplace {
  readonly clock: { monotonic(): number };
  readonly flushQueue: Pick<FlushQueue, "inTurn">;
}

/** Does all of it at once. */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * The same work until nobody wants it any more.
 * @param isWanted asked before each step
 * @returns null when it was given up
 */
export function* asLongAs<T>(
  isWanted: () => boolean,
  work: Work<T | null>,
): Work<T | null> {
  while (isWanted()) {
    const step = work.next();
    if (step.done) return step.value;
    yield step.value;
  }
  work.return(null);
  return null;
}

/**
 * Does a slice now and each other one as a batch of its own, once the event
 * loop has looked at all sockets and other such work has had its turn.
 * @param length of a slice, milliseconds
 * @returns the result itself when one slice was enough
 */
export function inSlices<T>(
  work: Work<T>,
  { clock, flushQueue }: Workplace,
  length = SLICE,
): T | Promise<T> {
  const first = slice(work, clock, length);
  if (first.done) return first.value;
  return new Promise((resolve, reject) => {
    const rest = (wait: Wait | undefined) => {
      if (wait === undefined) flushQueue.inTurn(goOn);
      else wait().then(() => flushQueue.inTurn(goOn), reject);
    };
    const goOn = () => {
      try {
        const step = slice(work, clock, length);
        if (step.done) resolve(step.value);
        else rest(step.value);
      } catch (error) {
        reject(error);
      }
    };
    rest(first.value);
  });
}

function slice<T>(
  work: Work<T>,
  clock: Workplace["clock"],
  length: number,
): IteratorResult<Wait | undefined, T> {
  const end = clock.monotonic() + length;
  for (;;) {
    const step = work.next();
    const isOver = step.done || step.value !== undefined;
    if (isOver || clock.monotonic() >= end) return step;
  }
}

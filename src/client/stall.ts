/**
 * Slows a fast producer down while one of its receivers can't keep up, within
 * limits: other receivers of the producer wait no longer than these.
 *
 * @module
 */

import { formatDuration } from "../config/mod.ts";
import type { ClientSession } from "./session.ts";

/** Wait when a receiver is over three quarters of its limit, milliseconds. */
export const STALL_MIN = 2;
/** Wait when a receiver is at its limit. */
export const STALL_MAX = 5;
/** Waits of one batch of input together. */
const STALL_TOTAL = 10;

/**
 * Stops reading from `producer` for `wait` milliseconds or until relief.
 * @returns false when it has waited enough in this batch
 */
export function throttle(
  producer: ClientSession,
  wait: number,
  relieved: (callback: () => void) => () => void,
): boolean {
  if (producer.stalled >= STALL_TOTAL) return false;
  // It waits already, for another receiver of the same message.
  if (producer.pause !== null) return true;
  const limit = Math.min(wait, STALL_TOTAL - producer.stalled);
  const { clock, timers } = producer.context;
  const begin = clock.monotonic();
  producer.parser.halted = true;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = timers.after(limit, () => {
    // A receiver that never reads again must not collect these.
    callOff();
    producer.logDebug(
      `Timed out of fast producer stall (${formatDuration(limit)})`,
    );
    resolve();
  });
  const callOff = relieved(() => {
    timer.cancel();
    resolve();
  });
  producer.pause = promise.then(() => {
    producer.stalled += clock.monotonic() - begin;
  });
  return true;
}

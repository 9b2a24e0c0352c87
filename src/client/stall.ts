/**
 * Slows a fast producer down while one of its receivers can't keep up, within
 * limits: other receivers of the producer wait no longer than these.
 *
 * @module
 */

import type { ClientSession } from "./session.ts";

/** Wait when a receiver is over three quarters of its limit, milliseconds. */
export const STALL_MIN = 2;
/** Wait when a receiver is at its limit. */
export const STALL_MAX = 5;
/** Waits of one batch of input together. */
const STALL_TOTAL = 10;

/** Stops reading from `producer` for `wait` milliseconds or until relief. */
export function throttle(
  producer: ClientSession,
  wait: number,
  relieved: (callback: () => void) => void,
): void {
  if (producer.pause !== null || producer.stalled >= STALL_TOTAL) return;
  const limit = Math.min(wait, STALL_TOTAL - producer.stalled);
  producer.stalled += limit;
  const { timers } = producer.context;
  producer.parser.halted = true;
  producer.pause = new Promise((resolve) => {
    const timer = timers.after(limit, () => {
      producer.logDebug(`Timed out of fast producer stall (${limit}ms)`);
      resolve();
    });
    relieved(() => {
      timer.cancel();
      resolve();
    });
  });
}

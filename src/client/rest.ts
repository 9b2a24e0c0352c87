/**
 * Lets others have their turn when what one client sends takes long.
 *
 * @module
 */

import type { ClientSession } from "./session.ts";

/** Milliseconds that what was read at once may take. */
const BATCH_MAX = 8;
/** Messages between two looks at the clock, less one: all bits are set. */
export const LOOK_MASK = 0x3f;

/** Nothing more of what was read is handled before the loop's next turn. */
export function rest(session: ClientSession): void {
  if (session.pause !== null) return;
  session.parser.halted = true;
  session.pause = session.context.turns.next();
}

/**
 * Rests if messages take very long, such as acknowledgements of thousands: half
 * a megabyte of them may have come at once.
 */
export function restIfDue(session: ClientSession): void {
  const { clock, batchBegan } = session.context;
  if (clock.monotonic() - batchBegan >= BATCH_MAX) rest(session);
}

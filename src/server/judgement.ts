/**
 * Decisions about many clients at once.
 *
 * @module
 */

import {
  appear,
  type ClientSession,
  type Judge,
  summon,
} from "../client/mod.ts";
import type { Turns } from "../connection/mod.ts";
import type { Clock } from "../runtime/mod.ts";

/** Milliseconds for which clients are judged before others have their turn. */
const SLICE = 2;
/** Clients of one slice at the most: what they need to be judged may go on behind it. */
const CLIENTS = 64;

/**
 * Judges all clients, the first ones at once and a few at a time, so that
 * nobody's messages wait for all of them. Who does or gets something meanwhile
 * is judged before that.
 */
export async function judgeAll(
  sessions: readonly ClientSession[],
  judge: Judge,
  { clock, turns }: { readonly clock: Clock; readonly turns: Turns },
): Promise<void> {
  for (const session of sessions) summon(session, judge);
  let since = clock.monotonic();
  let count = 0;
  for (const session of sessions) {
    appear(session);
    if (++count < CLIENTS && clock.monotonic() - since < SLICE) continue;
    await turns.next();
    since = clock.monotonic();
    count = 0;
  }
}

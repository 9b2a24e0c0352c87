/**
 * Lame duck mode: sends clients elsewhere, a few at a time, then shuts down.
 *
 * @module
 */

import { CloseReason } from "../connection/mod.ts";
import type { Random, Timers } from "../runtime/mod.ts";

/** No need to wait longer than this between two clients, milliseconds. */
const PAUSE_MAX = 1000;
/** Shorter pauses are taken together: timers are not that precise. */
const PAUSE_MIN = 10;

/** Who can be sent away. */
export interface Leaver {
  close(reason: CloseReason): void;
}

/** How the clients are sent away. */
export interface LameDuckPlan {
  /** Milliseconds for the whole, the grace period included. */
  readonly duration: number;
  /** Milliseconds before the first client is closed. */
  readonly gracePeriod: number;
}

/**
 * Closes `sessions` in random order, spread over the plan's duration.
 * @param announce called before the grace period, once it is certain that
 * there are clients
 * @param stopped whether the server has been shut down meanwhile
 */
export async function sendAway(
  sessions: readonly Leaver[],
  plan: LameDuckPlan,
  ports: { readonly timers: Timers; readonly random: Random },
  announce: () => void,
  stopped: () => boolean,
): Promise<void> {
  const leaving = shuffle(sessions, ports.random);
  announce();
  await ports.timers.sleep(plan.gracePeriod);
  if (stopped()) return;
  const rest = plan.duration - plan.gracePeriod;
  const spread = (rest > 0 ? rest : 1000) / leaving.length;
  const pause = Math.min(PAUSE_MAX, spread);
  let owed = 0;
  for (const [i, session] of leaving.entries()) {
    session.close(CloseReason.ServerShutdown);
    if (i === leaving.length - 1) return;
    const share = Math.max(0.5, ports.random.below(1000) / 1000);
    owed += pause * share;
    if (owed < PAUSE_MIN) continue;
    await ports.timers.sleep(owed);
    owed = 0;
    if (stopped()) return;
  }
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

/**
 * Finds connections whose peer takes too long to read.
 *
 * One look at all connections now and then costs less than a timer for every
 * write.
 *
 * @module
 */

import type { ClientSession } from "../client/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import type { Runtime, Timer } from "../runtime/mod.ts";

/** Looks per write deadline, at the most one every {@link INTERVAL_MIN}. */
const LOOKS_PER_DEADLINE = 20;
const INTERVAL_MIN = 5;
const INTERVAL_MAX = 500;

/** Starts the watch; `sessions` includes those that close but still write. */
export function watchWrites(
  sessions: () => Iterable<ClientSession>,
  deadline: () => number,
  { clock, timers }: Pick<Runtime, "clock" | "timers">,
): Timer {
  const interval = Math.min(
    INTERVAL_MAX,
    Math.max(INTERVAL_MIN, deadline() / LOOKS_PER_DEADLINE),
  );
  return timers.every(interval, () => {
    const now = clock.monotonic();
    const limit = deadline();
    for (const session of sessions()) {
      const { writingSince } = session.connection.outbound;
      if (writingSince !== 0 && now - writingSince > limit) {
        expire(session, limit);
      }
    }
  });
}

/** Ends a session for its slow reader, unless it may go on by configuration. */
function expire(session: ClientSession, limit: number): void {
  const { connection, context } = session;
  const { bytes, chunks } = connection.outbound.backlog;
  const silent = connection.closed ||
    (session.awaitingConnect && !session.connectReceived);
  if (!silent) {
    context.counters.slowConsumers++;
    session.account.slowConsumers++;
    session.logNotice(
      `Slow Consumer Detected: WriteDeadline of ${formatSeconds(limit)} ` +
        `exceeded with ${chunks} chunks of ${bytes} total bytes.`,
    );
  }
  session.close(CloseReason.SlowConsumerWriteDeadline);
}

/** A duration as Go prints it, for the values that deadlines have. */
function formatSeconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
}

/**
 * Looks after all connections now and then: finds peers that take too long to
 * read, and those that have been silent.
 *
 * One look at all of them costs less, in time and memory, than a timer for
 * every write and every connection.
 *
 * @module
 */

import type { ClientSession } from "../client/mod.ts";
import { formatDuration, type Options } from "../config/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import type { Runtime, Timer } from "../runtime/mod.ts";

/** How late, as a share of the shortest interval, something may be noticed. */
const TOLERANCE = 1 / 20;
/** Milliseconds between two looks. */
const INTERVAL_MIN = 5;
const INTERVAL_MAX = 250;

/** Starts the watch; `sessions` includes those that close but still write. */
export function watch(
  sessions: () => Iterable<ClientSession>,
  { writeDeadline, pingInterval, websocket }: Options,
  { clock, timers }: Pick<Runtime, "clock" | "timers">,
): Timer {
  const pings = Math.min(pingInterval, websocket.pingInterval || pingInterval);
  const shortest = Math.min(writeDeadline, pings) * TOLERANCE;
  const interval = Math.max(INTERVAL_MIN, Math.min(INTERVAL_MAX, shortest));
  return timers.every(interval, () => {
    const now = clock.monotonic();
    for (const session of sessions()) {
      session.keepalive.check(now);
      const { writingSince } = session.connection.outbound;
      if (writingSince !== 0 && now - writingSince > writeDeadline) {
        expire(session, writeDeadline);
      }
    }
  });
}

/** Ends a session for its slow reader, unless the configuration is patient. */
function expire(session: ClientSession, limit: number): void {
  const { connection, context } = session;
  const { outbound } = connection;
  const { bytes, chunks } = outbound.backlog;
  const silent = connection.closed ||
    (session.awaitingConnect && !session.connectReceived);
  if (!silent) {
    context.counters.slowConsumers++;
    session.account.slowConsumers++;
    session.logNotice(
      `Slow Consumer ${outbound.isSlow ? "State" : "Detected"}: ` +
        `WriteDeadline of ${formatDuration(limit)} exceeded with ` +
        `${chunks} chunks of ${bytes} total bytes.`,
    );
    const patient = context.options.writeTimeout === "retry";
    if (patient && outbound.progressed) {
      outbound.extendDeadline();
      return;
    }
  }
  session.close(CloseReason.SlowConsumerWriteDeadline);
}

/**
 * Judging clients who are there already, when rules have changed.
 *
 * @module
 */

import type { ClientSession } from "./session.ts";

/** Decides whether and how a client goes on. */
export type Judge = (session: ClientSession) => void;

/** Has a client judged before it does or gets anything more. */
export function summon(session: ClientSession, judge: Judge): void {
  const { judge: earlier, filtersDeliveries } = session;
  session.judge = () => {
    if (earlier === null) session.filtersDeliveries = filtersDeliveries;
    else earlier(session);
    if (!session.connection.closed) judge(session);
  };
  // So that deliveries take the way that looks.
  session.filtersDeliveries = true;
}

/** Has a client judged now, if it was summoned. */
export function appear(session: ClientSession): void {
  const { judge } = session;
  session.judge = null;
  if (judge !== null && !session.connection.closed) judge(session);
}

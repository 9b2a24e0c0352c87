/**
 * Orders in which connections may be listed.
 *
 * @module
 */

import { sorting } from "../connection/mod.ts";
import type { ConnectionFacts } from "./connection_facts.ts";
import type { Pacer } from "./pacer.ts";

/** By what to sort; empty: by id. */
export type SortKey = keyof typeof ORDERS | "";

type Value = (facts: ConnectionFacts, now: number) => number | string;

interface Order {
  readonly value: Value;
  readonly descending: boolean;
}

const ORDERS = {
  cid: ascending(({ id }) => id),
  start: ascending(({ id }) => id),
  subs: descending(({ subscriptionCount }) => subscriptionCount),
  pending: descending(({ pending }) => pending),
  msgs_to: descending(({ messagesOut }) => messagesOut),
  msgs_from: descending(({ messagesIn }) => messagesIn),
  bytes_to: descending(({ bytesOut }) => bytesOut),
  bytes_from: descending(({ bytesIn }) => bytesIn),
  last: descending(({ lastActivity }) => lastActivity),
  idle: descending(({ lastActivity }, now) => now - lastActivity),
  uptime: ascending(({ started, stopped }, now) => (stopped ?? now) - started),
  stop: descending(({ stopped }) => stopped ?? 0),
  reason: ascending(({ reason }) => reason ?? ""),
  rtt: descending(({ rtt }) => rtt),
} satisfies Record<string, Order>;

export function isSortKey(text: string): text is SortKey {
  return text === "" || Object.hasOwn(ORDERS, text);
}

/** Sorts in slices; equals keep their order. @param now wall time, milliseconds */
export async function sortConnections(
  connections: readonly ConnectionFacts[],
  key: SortKey,
  now: number,
  pacer: Pacer,
): Promise<ConnectionFacts[]> {
  const { value, descending } = ORDERS[key === "" ? "cid" : key] as Order;
  const keyed: Keyed[] = [];
  for (const facts of connections) {
    keyed.push({ facts, value: value(facts, now) });
    if (pacer.due) await pacer.rest();
  }
  const sign = descending ? -1 : 1;
  const work = sorting(keyed, (a, b) => compare(a, b) * sign);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value.map(({ facts }) => facts);
    if (pacer.due) await pacer.rest();
  }
}

/** A connection with what it is sorted by, read once. */
interface Keyed {
  readonly facts: ConnectionFacts;
  readonly value: number | string;
}

function compare(a: Keyed, b: Keyed): number {
  if (a.value === b.value) return 0;
  return a.value < b.value ? -1 : 1;
}

function ascending(value: Value): Order {
  return { value, descending: false };
}

function descending(value: Value): Order {
  return { value, descending: true };
}

/**
 * Orders in which connections may be listed.
 *
 * @module
 */

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

/** How many are sorted at once. */
const RUN = 512;

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
  const sorted = await mergeSort(keyed, descending ? -1 : 1, pacer);
  return sorted.map(({ facts }) => facts);
}

/** A connection with what it is sorted by, read once. */
interface Keyed {
  readonly facts: ConnectionFacts;
  readonly value: number | string;
}

/** Sorts short runs and merges them pairwise. */
async function mergeSort(
  list: Keyed[],
  sign: 1 | -1,
  pacer: Pacer,
): Promise<Keyed[]> {
  let runs: Keyed[][] = [];
  for (let at = 0; at < list.length; at += RUN) {
    runs.push(list.slice(at, at + RUN).sort((a, b) => compare(a, b) * sign));
    if (pacer.due) await pacer.rest();
  }
  while (runs.length > 1) {
    const merged: Keyed[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], sign, pacer));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge(
  left: readonly Keyed[],
  right: readonly Keyed[],
  sign: 1 | -1,
  pacer: Pacer,
): Promise<Keyed[]> {
  const merged: Keyed[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [a, b] = [left[i], right[j]];
    if (a !== undefined && (b === undefined || compare(a, b) * sign <= 0)) {
      merged.push(a);
      i++;
    } else if (b !== undefined) {
      merged.push(b);
      j++;
    } else return merged;
    if (merged.length % RUN === 0 && pacer.due) await pacer.rest();
  }
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

/**
 * `/accstatz`: what accounts have and did.
 *
 * @module
 */

import type { Account, TrafficCount } from "../account/mod.ts";
import { formatNanos } from "../protocol/mod.ts";
import type { MonitoredServer } from "./monitored_server.ts";

/** Which accounts are wanted. */
export interface AccountStatzOptions {
  /** Empty: all. */
  readonly accounts: readonly string[];
  /** Also those without connections. */
  readonly unused: boolean;
}

/** Figures of the accounts asked for. */
export function accountStatz(
  server: MonitoredServer,
  { accounts, unused }: AccountStatzOptions,
): { readonly account_statz: readonly object[] } {
  const chosen = accounts.length === 0
    ? [...server.accounts]
    : accounts.flatMap((name) => server.accounts.get(name) ?? []);
  const heading = {
    server_id: server.id,
    now: formatNanos(server.clock.nowNanos()),
  };
  return {
    ...heading,
    account_statz: chosen
      .filter(({ clients }) => unused || clients > 0)
      .map(accountFigures),
  };
}

/** Figures of one account. */
export function accountFigures(account: Account): object {
  const { name, title, clients } = account;
  return {
    acc: name,
    name: title === "" ? name : title,
    conns: clients,
    leafnodes: 0,
    total_conns: clients,
    num_subscriptions: account.subscriptions.count,
    sent: traffic(account.sent),
    received: traffic(account.received),
    slow_consumers: account.slowConsumers,
  };
}

function traffic({ messages, bytes }: TrafficCount) {
  const none = { msgs: 0, bytes: 0 };
  return { msgs: messages, bytes, gateways: none, routes: none, leafs: none };
}

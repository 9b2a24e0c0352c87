/**
 * `/subsz`: subscriptions of all accounts.
 *
 * @module
 */

import type { Account, Subscription } from "../account/mod.ts";
import { formatNanos } from "../protocol/mod.ts";
import {
  IndexStats,
  isSubsetMatch,
  isValidLiteralSubject,
  subjectFromText,
} from "../subject/mod.ts";
import { subscriptionDetail } from "./connection_info.ts";
import { orOmit } from "./document.ts";
import { type MonitoredServer, MonitorError } from "./monitored_server.ts";
import type { Pacer } from "./pacer.ts";
import { pageOf, slicePage } from "./paging.ts";
import type { Count, Query } from "./query.ts";

/** What to list; empty texts filter nothing. */
export interface SubszOptions {
  readonly offset: Count;
  readonly limit: Count;
  /** Whether to list at all. */
  readonly subscriptions: boolean;
  readonly account: string;
  /** Only subscriptions that a message to this subject would reach. */
  readonly test: string;
}

/** Reads the parameters of a request. @throws MonitorError */
export function subszOptions(query: Query): SubszOptions {
  return {
    subscriptions: query.flag("subs"),
    offset: query.integer("offset"),
    limit: query.integer("limit"),
    account: query.text("acc"),
    test: query.text("test"),
  };
}

/** Counts, and lists if asked to. @throws MonitorError */
export async function subsz(
  server: MonitoredServer,
  options: SubszOptions,
  pacer: Pacer,
): Promise<object> {
  const page = pageOf(options.offset, options.limit);
  const test = subjectFromText(options.test);
  if (test !== "" && !isValidLiteralSubject(test)) {
    throw new MonitorError(
      `invalid test subject, must be valid publish subject: ${options.test}`,
    );
  }
  const now = formatNanos(server.clock.nowNanos());
  const stats = new IndexStats();
  const found: Found[] = [];
  for (const account of server.accounts) {
    if (options.account !== "" && account.name !== options.account) continue;
    stats.add(account.subscriptions.stats());
    if (options.subscriptions) await gather(account, test, found, pacer);
  }
  const shown = slicePage(found, page);
  return {
    server_id: server.id,
    now,
    ...stats.toJSON(),
    total: found.length,
    offset: page.offset,
    limit: page.limit,
    subscriptions_list: orOmit(shown) && describe(shown),
  };
}

interface Found {
  readonly account: Account;
  readonly subscription: Subscription;
}

async function gather(
  account: Account,
  test: string,
  found: Found[],
  pacer: Pacer,
): Promise<void> {
  for (const subscription of account.subscriptions) {
    if (pacer.due) await pacer.rest();
    if (test !== "" && !isSubsetMatch(test, subscription.subject)) continue;
    found.push({ account, subscription });
  }
}

function* describe(found: readonly Found[]) {
  for (const { account: { name, title }, subscription } of found) {
    const tag = title === "" ? name : title;
    yield subscriptionDetail(subscription, idOf(subscription), { name, tag });
  }
}

/** Id of the connection behind a subscription. */
function idOf({ receiver }: Subscription): number {
  return "id" in receiver && typeof receiver.id === "number" ? receiver.id : 0;
}

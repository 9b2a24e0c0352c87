/**
 * `/connz`: connections, open and closed.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import { formatNanos } from "../protocol/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import { subjectFromText, subjectsCollide } from "../subject/mod.ts";
import { type ConnectionFacts, OpenConnection } from "./connection_facts.ts";
import { type ConnectionDetail, connectionInfo } from "./connection_info.ts";
import { isSortKey, sortConnections } from "./connection_order.ts";
import { type MonitoredServer, MonitorError } from "./monitored_server.ts";
import type { Pacer } from "./pacer.ts";
import { type Page, pageOf, slicePage } from "./paging.ts";
import type { Count, Query } from "./query.ts";

/** Which connections are wanted. */
export type ConnectionState = "open" | "closed" | "all";

/** What to list; empty texts filter nothing. */
export interface ConnzOptions extends ConnectionDetail {
  readonly sort: string;
  readonly offset: Count;
  readonly limit: Count;
  /** 0: any. */
  readonly cid: Count;
  readonly state: ConnectionState;
  readonly user: string;
  readonly account: string;
  readonly mqttClient: string;
  /** A subject of which one subscription must be aware; needs an account. */
  readonly filterSubject: string;
}

const STATES: ReadonlyMap<string, ConnectionState> = new Map([
  ["", "open"],
  ["open", "open"],
  ["closed", "closed"],
  ["any", "all"],
  ["all", "all"],
]);

/** Reads the parameters of a request. @throws MonitorError */
export function connzOptions(query: Query): ConnzOptions {
  const sort = query.text("sort");
  const auth = query.flag("auth");
  const { subscriptions, detail } = query.subscriptions();
  const offset = query.integer("offset");
  const limit = query.integer("limit");
  const cid = query.unsigned("cid");
  const state = STATES.get(query.text("state").toLowerCase());
  if (state === undefined) {
    throw new MonitorError(`Error decoding state for ${query.text("state")}`);
  }
  return {
    sort,
    auth,
    subscriptions,
    subscriptionsDetail: detail,
    offset,
    limit,
    cid,
    state,
    user: query.text("user"),
    account: query.text("acc"),
    mqttClient: query.text("mqtt_client"),
    filterSubject: "",
  };
}

/** Lists connections. @throws MonitorError */
export async function connz(
  server: MonitoredServer,
  options: ConnzOptions,
  pacer: Pacer,
): Promise<object> {
  const { sort, account, cid } = options;
  check(options);
  const now = server.clock.now();
  const page = pageOf(options.offset, cid > 0 ? 1 : options.limit);
  const heading = { now: formatNanos(server.clock.nowNanos()) };
  const scope = account === "" ? undefined : server.accounts.get(account);
  if (scope === null) return unknownAccount(heading.now, page);
  const found = await collect(server, options, scope, pacer);
  const sorted = await sortConnections(
    found.connections,
    isSortKey(sort) ? sort : "",
    now,
    pacer,
  );
  const shown = slicePage(sorted, page);
  return {
    server_id: server.id,
    now: heading.now,
    num_connections: shown.length,
    total: found.total,
    offset: page.offset,
    limit: page.limit,
    connections: describe(shown, now, options, server.clock),
  };
}

function check(options: ConnzOptions): void {
  const { sort, state, account, filterSubject } = options;
  if (!isSortKey(sort)) {
    throw new MonitorError(`invalid sorting option: ${sort}`);
  }
  if ((sort === "stop" || sort === "reason") && state !== "closed") {
    throw new MonitorError(
      `sort by ${sort} only valid on closed connections`,
    );
  }
  if (filters(filterSubject) && account === "") {
    throw new MonitorError(
      "filter by subject only valid with account filtering",
    );
  }
}

function filters(subject: string): boolean {
  return subject !== "" && subject !== ">";
}

/** What the Go server says of an account that there is not. */
function unknownAccount(now: string, page: Page) {
  return {
    server_id: "",
    now,
    num_connections: 0,
    total: 0,
    offset: page.offset,
    limit: page.limit,
    connections: null,
  };
}

/** Elements are made as they are written. */
function* describe(
  connections: readonly ConnectionFacts[],
  now: number,
  detail: ConnectionDetail,
  clock: Clock,
) {
  for (const facts of connections) {
    if (facts instanceof OpenConnection) facts.session.keepalive.learnRtt();
    yield connectionInfo(facts, now, detail, clock);
  }
}

/** The connections asked for, and how many there are in the states asked for. */
async function collect(
  server: MonitoredServer,
  options: ConnzOptions,
  scope: Account | undefined,
  pacer: Pacer,
): Promise<{ connections: ConnectionFacts[]; total: number }> {
  const { state, cid } = options;
  const open: ConnectionFacts[] = [];
  if (state !== "closed") {
    for (const session of [...server.clients.open()]) {
      if (pacer.due) await pacer.rest();
      if (scope !== undefined && session.account !== scope) continue;
      open.push(new OpenConnection(session));
    }
  }
  // The record of a client of the global account names no account.
  const account = scope === undefined ? "" : scope.name;
  const closed = state === "open" ? [] : server.closedClients.list().filter(
    (record) => account === "" || record.account === account,
  );
  const total = open.length + closed.length;
  const wanted = (facts: ConnectionFacts) => isWanted(facts, options);
  const hits = open.filter(wanted);
  if (cid > 0 && hits.length > 0) return { connections: hits, total };
  return { connections: [...hits, ...closed.filter(wanted)], total };
}

function isWanted(facts: ConnectionFacts, options: ConnzOptions): boolean {
  const { cid, user, mqttClient, filterSubject } = options;
  if (cid > 0 && facts.id !== Number(cid)) return false;
  if (user !== "" && facts.user !== user) return false;
  if (mqttClient !== "" && facts.mqttClient !== mqttClient) return false;
  if (!filters(filterSubject) || facts.stopped !== undefined) return true;
  const filter = subjectFromText(filterSubject);
  for (const { subject } of facts.subscriptions()) {
    if (subjectsCollide(filter, subject)) return true;
  }
  return false;
}

/**
 * `/jsz`: JetStream.
 *
 * @module
 */

import { type MonitoredServer, MonitorError } from "./monitored_server.ts";
import type { Query } from "./query.ts";
import { formatNanos } from "./time_text.ts";

/** What to show of JetStream. */
export interface JszOptions {
  /** Answer only where the leader of the meta group is. */
  readonly leaderOnly: boolean;
}

/** Reads the parameters of a request. @throws MonitorError */
export function jszOptions(query: Query): JszOptions {
  const flags = ["accounts", "streams", "consumers", "direct-consumers"];
  for (const name of [...flags, "config"]) query.flag(name);
  for (const name of ["offset", "limit"]) query.integer(name);
  const leaderOnly = query.flag("leader-only");
  for (const name of ["raft", "stream-leader-only"]) query.flag(name);
  return { leaderOnly };
}

/** @throws MonitorError */
export function jsz(
  { id, clock }: MonitoredServer,
  options: JszOptions,
): object {
  if (options.leaderOnly) {
    throw new MonitorError("filtered response: not leader");
  }
  return {
    memory: 0,
    storage: 0,
    reserved_memory: 0,
    reserved_storage: 0,
    accounts: 0,
    ha_assets: 0,
    api: { level: 0, total: 0, errors: 0 },
    server_id: id,
    now: formatNanos(clock.nowNanos()),
    disabled: true,
    config: { max_memory: 0, max_storage: 0 },
    streams: 0,
    consumers: 0,
    messages: 0,
    bytes: 0,
    total: 0,
  };
}

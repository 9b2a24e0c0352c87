/**
 * `/jsz`: JetStream.
 *
 * @module
 */

import {
  CONSUMER_INFO,
  type JetStreamAccount,
  type ManagedStream,
  STREAM_CONFIG,
  STREAM_SOURCE_INFO,
  STREAM_STATE,
} from "../jetstream/mod.ts";
import { formatNanos } from "../protocol/mod.ts";
import {
  jetStreamConfig,
  jetStreamLimits,
  jetStreamStats,
} from "./jetstream_facts.ts";
import { type MonitoredServer, MonitorError } from "./monitored_server.ts";
import type { Count, Query } from "./query.ts";
import { orOmit } from "./document.ts";

/** Accounts in an answer unless a limit is given. */
const DEFAULT_LIMIT = 1024;
/** What an unlimited reservation looks like. */
const UNLIMITED = 2n ** 64n - 1n;

/** How much to tell of accounts. */
export interface JszDetails {
  readonly streams: boolean;
  readonly consumers: boolean;
  /** Consumers that serve mirrors and sources, too. */
  readonly directConsumers: boolean;
  readonly config: boolean;
  readonly raft: boolean;
}

/** What to show of JetStream. */
export interface JszOptions extends JszDetails {
  /** The only account to show; empty: not only one. */
  readonly account: string;
  readonly accounts: boolean;
  /** Answer only where the leader of the meta group is. */
  readonly leaderOnly: boolean;
  readonly offset: Count;
  readonly limit: Count;
}

/** Reads the parameters of a request. @throws MonitorError */
export function jszOptions(query: Query): JszOptions {
  const accounts = query.flag("accounts");
  const streams = query.flag("streams");
  const consumers = query.flag("consumers");
  const directConsumers = query.flag("direct-consumers");
  const config = query.flag("config");
  const offset = query.integer("offset");
  const limit = query.integer("limit");
  const leaderOnly = query.flag("leader-only");
  const raft = query.flag("raft");
  query.flag("stream-leader-only");
  return {
    account: query.text("acc"),
    accounts,
    streams,
    consumers,
    directConsumers,
    config,
    leaderOnly,
    offset,
    limit,
    raft,
  };
}

/** @throws MonitorError */
export function jsz(server: MonitoredServer, options: JszOptions): object {
  const { id, clock } = server;
  const now = formatNanos(clock.nowNanos());
  const { service } = server.jetstream;
  if (service === null || !service.isEnabled) {
    if (options.leaderOnly) {
      throw new MonitorError("filtered response: not leader");
    }
    return nothing(id, now);
  }
  const accounts = [...service.accounts.values()];
  const shown = shownAccounts(accounts, options).map((account) =>
    accountDetail(server, account, options)
  );
  return {
    ...jetStreamStats(service),
    server_id: id,
    now,
    config: jetStreamConfig(server, service, true),
    limits: jetStreamLimits(server),
    ...totals(accounts, options.raft),
    account_details: orOmit(shown),
    total: accounts.length,
  };
}

/** One account of a server. @throws Error when there is no such thing */
export function accountJsz(
  server: MonitoredServer,
  name: string,
  details: JszDetails,
): object {
  const { service } = server.jetstream;
  if (service === null) throw new Error("jetstream not enabled");
  if (server.accounts.get(name) === null) {
    throw new Error(`account "${name}" not found`);
  }
  const account = service.accounts.get(name);
  if (account === undefined) {
    throw new Error(`account "${name}" not jetstream enabled`);
  }
  // Unlike there, consumers are shown only with the streams that they are of.
  const consumers = details.streams && details.consumers;
  return accountDetail(server, account, { ...details, consumers });
}

function nothing(id: string, now: string): object {
  return {
    memory: 0,
    storage: 0,
    reserved_memory: 0,
    reserved_storage: 0,
    accounts: 0,
    ha_assets: 0,
    api: { level: 0, total: 0, errors: 0 },
    server_id: id,
    now,
    disabled: true,
    config: { max_memory: 0, max_storage: 0 },
    streams: 0,
    consumers: 0,
    messages: 0,
    bytes: 0,
    total: 0,
  };
}

/** The accounts that an answer is about. */
function shownAccounts(
  accounts: readonly JetStreamAccount[],
  options: JszOptions,
): readonly JetStreamAccount[] {
  const wanted = accounts.filter(({ name }) => name === options.account);
  if (wanted.length > 0) return wanted;
  const all = options.accounts ||
    (options.account === "" && (options.streams || options.consumers));
  if (!all) return [];
  const limit = Number(options.limit) || DEFAULT_LIMIT;
  if (limit < 0) return accounts;
  const start = Math.max(0, Number(options.offset));
  return accounts.toSorted((a, b) => a.name < b.name ? -1 : 1)
    .slice(start, start + limit);
}

/** Counts over all accounts, shown or not. */
function totals(accounts: readonly JetStreamAccount[], raft: boolean): object {
  let [streams, consumers, messages, bytes, listed] = [0, 0, 0, 0, 0];
  for (const account of accounts) {
    for (const stream of account.streams.values()) {
      const state = stream.state();
      streams++;
      consumers += state.consumer_count;
      messages += state.messages;
      bytes += state.bytes;
      for (const { internal } of stream.consumers.values()) {
        if (!internal) listed++;
      }
    }
  }
  return {
    streams,
    streams_leader: raft ? orOmit(streams) : undefined,
    consumers,
    consumers_leader: raft ? orOmit(listed) : undefined,
    messages,
    bytes,
  };
}

function accountDetail(
  server: MonitoredServer,
  { account, usage, api, streams }: JetStreamAccount,
  details: JszDetails,
): object {
  const { memory, file } = usage.total();
  const limits = usage.limits.get("");
  const all = details.streams || details.consumers
    ? [...streams.values()].sort((a, b) => a.name < b.name ? -1 : 1)
    : [];
  return {
    name: account.title || account.name,
    id: account.name,
    memory: Math.max(0, memory),
    storage: Math.max(0, file),
    reserved_memory: reserved(limits?.max_memory),
    reserved_storage: reserved(limits?.max_storage),
    accounts: 0,
    ha_assets: 0,
    api: { level: 0, total: api.total, errors: api.errors },
    stream_detail: lazily(
      all,
      streams,
      (stream) => streamDetail(server, stream, details),
    ),
  };
}

function reserved(limit: number | undefined): number | bigint {
  if (limit === undefined) return 0;
  return limit < 0 ? UNLIMITED : limit;
}

function streamDetail(
  { name: leader }: MonitoredServer,
  stream: ManagedStream,
  details: JszDetails,
): object {
  const { config, consumers } = details;
  const mirror = stream.mirrorInfo();
  const infos = (internal: boolean) =>
    lazily(consumersOf(stream, internal), stream.consumers, (consumer) => {
      const info = consumer.info();
      return CONSUMER_INFO.tree(config ? info : { ...info, config: null });
    });
  return {
    name: stream.name,
    created: formatNanos(stream.created),
    cluster: { leader },
    config: config ? STREAM_CONFIG.tree(stream.config) : undefined,
    state: STREAM_STATE.tree(stream.state()),
    consumer_detail: consumers ? infos(false) : undefined,
    direct_consumer_detail: consumers && details.directConsumers
      ? infos(true)
      : undefined,
    mirror: mirror === null ? undefined : STREAM_SOURCE_INFO.tree(mirror),
    sources: orOmit(
      stream.sourceInfos().map((each) => STREAM_SOURCE_INFO.tree(each)),
    ),
  };
}

/**
 * Tells of each when it is written, as of very many it takes long. What has gone
 * by then is left out.
 */
function lazily<T extends { readonly name: string }>(
  all: readonly T[],
  present: ReadonlyMap<string, T>,
  tell: (each: T) => unknown,
): Iterable<unknown> | undefined {
  if (all.length === 0) return undefined;
  return all.values().filter((each) => present.get(each.name) === each)
    .map(tell);
}

function consumersOf({ consumers }: ManagedStream, internal: boolean) {
  return [...consumers.values()].filter((each) => each.internal === internal)
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * `/varz`: the server, its options and what it has counted.
 *
 * @module
 */

import type { OcspCache } from "../auth/mod.ts";
import { formatNanos, formatTime } from "../protocol/mod.ts";
import { certificateExpiry } from "./certificate.ts";
import { operatorClaims } from "./decoded_claims.ts";
import { orOmit } from "./document.ts";
import { jetStreamVarz } from "./jetstream_facts.ts";
import type { MonitoredServer } from "./monitored_server.ts";
import { formatUptime, nanoseconds } from "./time_text.ts";
import {
  clusterOptions,
  gatewayOptions,
  leafnodeOptions,
  mqttOptions,
  websocketOptions,
  writeTimeout,
} from "./varz_links.ts";

/** All of it, in the order of the Go server. */
export function varz(server: MonitoredServer): object {
  return {
    ...identity(server),
    ...settings(server),
    ...runtime(server),
    ...traffic(server),
    ...configuration(server),
    ...trouble(server),
  };
}

function identity(server: MonitoredServer) {
  const { tls } = server.options;
  const info = server.info();
  return {
    server_id: server.id,
    server_name: server.name,
    version: info.version,
    proto: info.proto,
    git_commit: orOmit(info.git_commit ?? ""),
    go: info.go,
    host: info.host,
    port: info.port,
    auth_required: orOmit(info.auth_required ?? false),
    tls_required: orOmit(info.tls_required ?? false),
    tls_verify: orOmit(info.tls_verify ?? false),
    tls_ocsp_peer_verify: orOmit(tls?.ocspPeer?.verify ?? false),
    ip: orOmit(info.ip ?? ""),
    connect_urls: orOmit(info.connect_urls ?? []),
  };
}

function settings(server: MonitoredServer) {
  const { options } = server;
  return {
    max_connections: options.maxConnections,
    max_subscriptions: orOmit(options.maxSubscriptions),
    ping_interval: nanoseconds(options.pingInterval),
    ping_max: options.pingMax,
    http_host: options.httpHost,
    http_port: options.httpPort,
    http_base_path: options.httpBasePath,
    https_port: options.httpsPort,
    auth_timeout: options.authTimeout / 1000,
    max_control_line: options.maxControlLine,
    max_payload: options.maxPayload,
    max_pending: options.maxPending,
    cluster: clusterOptions(options),
    gateway: gatewayOptions(options),
    leaf: leafnodeOptions(options),
    mqtt: mqttOptions(options),
    websocket: websocketOptions(options),
    jetstream: jetStreamVarz(server, true) ?? {},
    tls_timeout: options.tlsTimeout / 1000,
    write_deadline: nanoseconds(options.writeDeadline),
    write_timeout: writeTimeout(options.writeTimeout),
  };
}

function runtime({ usage, started, clock }: MonitoredServer) {
  return {
    start: formatTime(started),
    now: formatNanos(clock.nowNanos()),
    uptime: formatUptime(clock.now() - started),
    mem: usage.memory,
    cores: usage.cores,
    // One event loop does the work, whatever the number of cores.
    gomaxprocs: usage.cores,
    cpu: usage.cpu,
  };
}

function traffic(
  { counters, clients, accounts, httpRequests }: MonitoredServer,
) {
  let subscriptions = 0;
  for (const account of accounts) subscriptions += account.subscriptions.count;
  return {
    connections: clients.count,
    total_connections: counters.connections,
    routes: 0,
    remotes: 0,
    leafnodes: 0,
    in_msgs: counters.messagesIn,
    in_bytes: counters.bytesIn,
    in_client_msgs: counters.messagesIn,
    in_client_bytes: counters.bytesIn,
    out_msgs: counters.messagesOut,
    out_bytes: counters.bytesOut,
    out_client_msgs: counters.messagesOut,
    out_client_bytes: counters.bytesOut,
    slow_consumers: counters.slowConsumers,
    stale_connections: counters.staleConnections,
    stalled_clients: counters.stalledClients,
    subscriptions,
    http_req_stats: httpRequests,
  };
}

function configuration(server: MonitoredServer) {
  const { options, configured, featureFlags, accounts } = server;
  return {
    config_load_time: formatTime(configured),
    config_digest: options.configDigest,
    tags: orOmit(options.serverTags),
    metadata: orOmit(options.serverMetadata),
    feature_flags: orOmit(featureFlags),
    trusted_operators_jwt: orOmit(
      options.trustedOperators.map(({ jwt }) => jwt),
    ),
    trusted_operators_claim: orOmit(
      options.trustedOperators.map(({ jwt }) => operatorClaims(jwt)),
    ),
    system_account: accounts.system?.name,
    pinned_account_fails: orOmit(server.claimedAccounts?.pinnedFailures ?? 0),
    ocsp_peer_cache: ocspCacheInfo(server.ocspCache),
  };
}

function ocspCacheInfo(cache: OcspCache | null): object | undefined {
  if (cache === null || cache.type === "none") return undefined;
  return {
    cache_type: cache.type,
    cache_hits: orOmit(cache.stats.hits),
    cache_misses: orOmit(cache.stats.misses),
    cached_responses: orOmit(cache.count()),
    cached_revoked_responses: orOmit(cache.count("revoked")),
    cached_good_responses: orOmit(cache.count("good")),
    cached_unknown_responses: orOmit(cache.count("unknown")),
  };
}

function trouble({ counters, options }: MonitoredServer) {
  const byKind = (clients: number) => ({
    clients,
    routes: 0,
    gateways: 0,
    leafs: 0,
  });
  const trusted = options.proxies.map(({ key }) => ({ key }));
  return {
    slow_consumer_stats: byKind(counters.slowConsumers),
    stale_connection_stats: byKind(counters.staleConnections),
    disk_io_wait_stats: {
      waiters: 0,
      waits: 0,
      wait_time: 0,
      max_wait_time: 0,
    },
    proxies: trusted.length === 0 ? undefined : { trusted },
    tls_cert_not_after: certificateExpiry(options.tls),
  };
}

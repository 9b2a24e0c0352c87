/**
 * Default values of options: they replace what a configuration left unset when
 * a server starts or reloads.
 *
 * @module
 */

import type { Options } from "./options.ts";
import type {
  ClusterOptions,
  ExtraListenerOptions,
  LeafnodeOptions,
  LinkOptions,
  MqttOptions,
} from "./options_network.ts";
import type { JetStreamOptions } from "./options_jetstream.ts";
import { withPort } from "./url.ts";

/** Default values that others refer to. Durations are milliseconds, sizes bytes. */
export const DEFAULTS = {
  host: "0.0.0.0",
  port: 4222,
  leafnodePort: "7422",
  maxControlLine: 4096,
  maxPayload: 1024 * 1024,
  maxPending: 64 * 1024 * 1024,
  maxConnections: 64 * 1024,
  maxClosedClients: 10_000,
  pingInterval: 120_000,
  pingMax: 2,
  writeDeadline: 10_000,
  tlsTimeout: 2000,
  authTimeout: 2000,
  lameDuckDuration: 120_000,
  lameDuckGracePeriod: 10_000,
  connectErrorReports: 3600,
  reconnectErrorReports: 1,
  routePoolSize: 3,
  leafReconnectInterval: 1000,
  leafInfoTimeout: 1000,
  requestQueueLimit: 10_000,
  maxConsumersPerStream: 1000,
  concurrentIo: 4096,
  systemAccount: "$SYS",
} as const;

/** Payloads above this size draw a warning at start. */
export const LARGE_PAYLOAD = 8 * 1024 * 1024;

/** Added to the TLS timeout for the time to authenticate after the handshake. */
const AUTH_AFTER_TLS = 1000;

/**
 * The options with defaults in place of what is not set. Afterwards a client
 * port of 0 means that the system chooses; `raw` is left as it is.
 */
export function applyDefaults(raw: Options): Options {
  const host = raw.host || DEFAULTS.host;
  const tlsTimeout = raw.tlsTimeout || DEFAULTS.tlsTimeout;
  return {
    ...raw,
    host,
    httpHost: raw.httpHost || host,
    port: raw.port === 0 ? DEFAULTS.port : raw.port === -1 ? 0 : raw.port,
    tlsTimeout,
    authTimeout: raw.authTimeout ||
      defaultAuthTimeout(raw.tls !== undefined, tlsTimeout),
    maxConnections: raw.maxConnections || DEFAULTS.maxConnections,
    pingInterval: raw.pingInterval || DEFAULTS.pingInterval,
    pingMax: raw.pingMax || DEFAULTS.pingMax,
    maxControlLine: raw.maxControlLine || DEFAULTS.maxControlLine,
    maxPayload: raw.maxPayload || DEFAULTS.maxPayload,
    maxPending: raw.maxPending || DEFAULTS.maxPending,
    writeDeadline: raw.writeDeadline || DEFAULTS.writeDeadline,
    maxClosedClients: raw.maxClosedClients || DEFAULTS.maxClosedClients,
    lameDuckDuration: raw.lameDuckDuration || DEFAULTS.lameDuckDuration,
    lameDuckGracePeriod: raw.lameDuckGracePeriod ||
      DEFAULTS.lameDuckGracePeriod,
    connectErrorReports: raw.connectErrorReports ||
      DEFAULTS.connectErrorReports,
    reconnectErrorReports: raw.reconnectErrorReports ||
      DEFAULTS.reconnectErrorReports,
    cluster: clusterDefaults(raw),
    gateway: linkDefaults(raw.gateway),
    leafnodes: leafnodeDefaults(raw.leafnodes),
    websocket: listenerDefaults(raw.websocket),
    mqtt: mqttDefaults(raw.mqtt),
    jetstream: jetStreamDefaults(raw.jetstream),
  };
}

function defaultAuthTimeout(usesTls: boolean, tlsTimeout: number): number {
  return usesTls ? tlsTimeout + AUTH_AFTER_TLS : DEFAULTS.authTimeout;
}

/** Defaults that only matter to a link that listens. */
function linkDefaults<T extends LinkOptions>(link: T): T {
  if (link.port === 0) return { ...link };
  const tlsTimeout = link.tlsTimeout || DEFAULTS.tlsTimeout;
  return {
    ...link,
    host: link.host || DEFAULTS.host,
    tlsTimeout,
    authTimeout: link.authTimeout ||
      defaultAuthTimeout(link.tls !== undefined, tlsTimeout),
  };
}

function clusterDefaults(
  { cluster, systemAccount, noSystemAccount }: Options,
): ClusterOptions {
  if (cluster.port === 0 && cluster.listenUrl === "") return { ...cluster };
  const poolSize = cluster.poolSize || DEFAULTS.routePoolSize;
  const system = systemAccount ||
    (noSystemAccount ? "" : DEFAULTS.systemAccount);
  const pinSystem = poolSize > 0 && system !== "" &&
    !cluster.accounts.includes(system);
  const { mode, rttThresholds } = cluster.compression;
  return {
    ...linkDefaults({ ...cluster, port: cluster.port || DEFAULTS.port }),
    port: cluster.port,
    poolSize,
    accounts: pinSystem ? [...cluster.accounts, system] : cluster.accounts,
    compression: { mode: mode || "accept", rttThresholds },
  };
}

function leafnodeDefaults(leafnodes: LeafnodeOptions): LeafnodeOptions {
  const { mode, rttThresholds } = leafnodes.compression;
  const listens = leafnodes.port !== 0;
  return {
    ...linkDefaults(leafnodes),
    reconnectInterval: leafnodes.reconnectInterval ||
      DEFAULTS.leafReconnectInterval,
    compression: { mode: mode || (listens ? "s2_auto" : ""), rttThresholds },
    remotes: leafnodes.remotes.map((remote) => ({
      ...remote,
      urls: remote.urls.map((url) =>
        url.port === "" ? withPort(url, DEFAULTS.leafnodePort) : url
      ),
      compression: {
        ...remote.compression,
        mode: remote.compression.mode || "s2_auto",
      },
      firstInfoTimeout: remote.firstInfoTimeout > 0
        ? remote.firstInfoTimeout
        : DEFAULTS.leafInfoTimeout,
    })),
  };
}

function listenerDefaults<T extends ExtraListenerOptions>(listener: T): T {
  return listener.port === 0
    ? { ...listener }
    : { ...listener, host: listener.host || DEFAULTS.host };
}

function mqttDefaults(mqtt: MqttOptions): MqttOptions {
  const tlsTimeout = mqtt.tlsTimeout ||
    (mqtt.port === 0 ? 0 : DEFAULTS.tlsTimeout);
  return { ...listenerDefaults(mqtt), tlsTimeout };
}

function jetStreamDefaults(jetstream: JetStreamOptions): JetStreamOptions {
  const { requestQueueLimit, infoQueueLimit, maxConcurrentIo, limits } =
    jetstream;
  const requests = requestQueueLimit > 0
    ? requestQueueLimit
    : DEFAULTS.requestQueueLimit;
  return {
    ...jetstream,
    requestQueueLimit: requests,
    infoQueueLimit: infoQueueLimit > 0 ? infoQueueLimit : requests,
    maxConcurrentIo: maxConcurrentIo > 0
      ? maxConcurrentIo
      : DEFAULTS.concurrentIo,
    limits: {
      ...limits,
      defaultMaxConsumers: limits.defaultMaxConsumers ||
        DEFAULTS.maxConsumersPerStream,
    },
  };
}

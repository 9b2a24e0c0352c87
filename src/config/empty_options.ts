/**
 * What a configuration is read into: options in which nothing is set.
 *
 * @module
 */

import { DEFAULT_SYNC_INTERVAL, emptyLimits } from "./jetstream_fields.ts";
import type { Options } from "./options.ts";
import type { JetStreamOptions } from "./options_jetstream.ts";
import type {
  ClusterOptions,
  ExtraListenerOptions,
  GatewayOptions,
  LeafnodeOptions,
  LinkOptions,
  MqttOptions,
  WebsocketOptions,
} from "./options_network.ts";

/** Options in which nothing is set. */
export function emptyOptions(): Options {
  return {
    host: "",
    port: 0,
    serverName: "",
    clientAdvertise: "",
    serverTags: [],
    serverMetadata: new Map(),
    featureFlags: new Map(),
    debug: false,
    trace: false,
    traceVerbose: false,
    traceHeaders: false,
    logTime: true,
    logTimeUtc: false,
    logFile: "",
    logFileSizeLimit: 0,
    logFileMaxCount: 0,
    syslog: false,
    remoteSyslog: "",
    pidFile: "",
    portsFileDir: "",
    profPort: 0,
    dashboard: true,
    profBlockRate: 0,
    maxTracedMessageLength: 0,
    httpHost: "",
    httpPort: 0,
    httpsPort: 0,
    httpBasePath: "",
    maxClosedClients: 0,
    maxControlLine: 0,
    maxPayload: 0,
    maxPending: 0,
    maxConnections: 0,
    maxSubscriptions: 0,
    maxSubscriptionTokens: 0,
    pingInterval: 0,
    pingMax: 0,
    writeDeadline: 0,
    writeTimeout: "default",
    lameDuckDuration: 0,
    lameDuckGracePeriod: 0,
    connectErrorReports: 0,
    reconnectErrorReports: 0,
    noHeaderSupport: false,
    noFastProducerStall: false,
    proxyProtocol: false,
    disableSublistCache: false,
    ...emptySecurity(),
    cluster: emptyCluster(),
    gateway: emptyGateway(),
    leafnodes: emptyLeafnodes(),
    websocket: emptyWebsocket(),
    mqtt: emptyMqtt(),
    jetstream: emptyJetStream(),
    defaultJsDomain: new Map(),
    configFile: "",
    configDigest: "",
    alwaysEnableNonce: false,
    noSignals: false,
    noLog: false,
    dontListen: false,
    disableShortFirstPing: false,
  };
}

function emptySecurity() {
  return {
    tls: undefined,
    allowNonTls: false,
    tlsTimeout: 0,
    tlsMap: false,
    tlsPinnedCerts: new Set<string>(),
    tlsRateLimit: 0,
    tlsHandshakeFirst: false,
    tlsHandshakeFirstFallback: 0,
    ocsp: undefined,
    ocspCache: undefined,
    authTimeout: 0,
    username: "",
    password: "",
    authorization: "",
    proxyRequired: false,
    users: [],
    nkeys: [],
    defaultPermissions: undefined,
    noAuthUser: "",
    defaultSentinel: "",
    authCallout: undefined,
    proxies: [],
    authorizationDefined: false,
    accounts: [],
    mappings: [],
    systemAccount: "",
    noSystemAccount: false,
    trustedKeys: [],
    trustedOperators: [],
    resolver: undefined,
    resolverTls: undefined,
    resolverPreload: new Map<string, string>(),
    resolverPinnedAccounts: new Set<string>(),
  };
}

function emptyLink(): LinkOptions {
  return {
    host: "",
    port: 0,
    username: "",
    password: "",
    authTimeout: 0,
    tls: undefined,
    tlsTimeout: 0,
    tlsMap: false,
    tlsPinnedCerts: new Set(),
    advertise: "",
    writeDeadline: 0,
    writeTimeout: "default",
  };
}

function emptyCluster(): ClusterOptions {
  return {
    ...emptyLink(),
    name: "",
    listenUrl: "",
    routes: [],
    permissions: undefined,
    tlsCheckKnownUrls: false,
    noAdvertise: false,
    connectRetries: 0,
    connectBackoff: false,
    poolSize: 0,
    accounts: [],
    compression: { mode: "", rttThresholds: [] },
    pingInterval: 0,
    pingMax: 0,
  };
}

function emptyGateway(): GatewayOptions {
  return {
    ...emptyLink(),
    name: "",
    tlsCheckKnownUrls: false,
    connectRetries: 0,
    connectBackoff: false,
    gateways: [],
    rejectUnknown: false,
  };
}

function emptyLeafnodes(): LeafnodeOptions {
  return {
    ...emptyLink(),
    proxyRequired: false,
    nkey: "",
    account: "",
    users: [],
    tlsHandshakeFirst: false,
    tlsHandshakeFirstFallback: 0,
    noAdvertise: false,
    reconnectInterval: 0,
    dialTimeout: 0,
    compression: { mode: "", rttThresholds: [] },
    remotes: [],
    minVersion: "",
    isolateLeafnodeInterest: false,
  };
}

function emptyListener(): ExtraListenerOptions {
  return {
    host: "",
    port: 0,
    noAuthUser: "",
    username: "",
    password: "",
    token: "",
    authTimeout: 0,
    tls: undefined,
    tlsMap: false,
    tlsPinnedCerts: new Set(),
  };
}

function emptyWebsocket(): WebsocketOptions {
  return {
    ...emptyListener(),
    advertise: "",
    noTls: false,
    sameOrigin: false,
    allowedOrigins: [],
    compression: false,
    handshakeTimeout: 0,
    pingInterval: 0,
    jwtCookie: "",
    usernameCookie: "",
    passwordCookie: "",
    tokenCookie: "",
    headers: new Map(),
  };
}

function emptyMqtt(): MqttOptions {
  return {
    ...emptyListener(),
    tlsTimeout: 0,
    ackWait: 0,
    jsApiTimeout: 0,
    maxAckPending: 0,
    jsDomain: "",
    streamReplicas: 0,
    consumerMemoryStorage: false,
    consumerInactiveThreshold: 0,
    rejectQos2Publish: false,
    downgradeQos2Subscribe: false,
  };
}

function emptyJetStream(): JetStreamOptions {
  return {
    enabled: false,
    strict: true,
    storeDir: "",
    maxMemory: -1,
    maxStore: -1,
    syncInterval: DEFAULT_SYNC_INTERVAL,
    syncAlways: false,
    domain: "",
    extensionHint: "",
    key: "",
    previousKey: "",
    cipher: undefined,
    uniqueTag: "",
    limits: emptyLimits(),
    tpm: undefined,
    maxOutstandingCatchup: 0,
    maxBufferedSize: 0,
    maxBufferedMessages: 0,
    requestQueueLimit: 0,
    infoQueueLimit: 0,
    metaCompact: 0,
    metaCompactSize: 0,
    metaCompactSync: false,
    maxConcurrentIo: 0,
  };
}

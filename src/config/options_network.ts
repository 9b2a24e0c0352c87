/**
 * Options of the other listeners and of the links between servers.
 *
 * @module
 */

import type { SubjectPermission, UserEntry } from "./options_accounts.ts";
import type { TlsBlock } from "./options_tls.ts";

/** What to do with a connection whose write did not finish within its deadline. */
export type WriteTimeoutPolicy = "default" | "close" | "retry";

/** A URL of a server to connect to. */
export interface ServerUrl {
  /** As written, blanks around it removed. */
  readonly text: string;
  readonly scheme: string;
  readonly username: string;
  /** Undefined: none, which differs from an empty one. */
  readonly password: string | undefined;
  /** Host name or address, without brackets. */
  readonly host: string;
  /** Decimal digits; empty: none given. */
  readonly port: string;
  readonly path: string;
}

/** Compression of a link between servers. */
export interface CompressionOptions {
  /** As written, or chosen for `true`; validated at start. Empty: the default. */
  mode: string;
  /** Milliseconds; round trip times from which the levels of `s2_auto` change. */
  rttThresholds: readonly number[];
}

/** What all links between servers have in common. */
export interface LinkOptions {
  host: string;
  /** 0: no listener; -1: the system chooses. */
  port: number;
  username: string;
  password: string;
  authTimeout: number;
  tls: TlsBlock | undefined;
  tlsTimeout: number;
  tlsMap: boolean;
  tlsPinnedCerts: ReadonlySet<string>;
  advertise: string;
  /** 0: the server's own. */
  writeDeadline: number;
  writeTimeout: WriteTimeoutPolicy;
}

/** The `cluster` block. */
export interface ClusterOptions extends LinkOptions {
  name: string;
  /** Of the command line: the cluster URL. */
  listenUrl: string;
  routes: readonly ServerUrl[];
  permissions: {
    readonly import: SubjectPermission | undefined;
    readonly export: SubjectPermission | undefined;
  } | undefined;
  tlsCheckKnownUrls: boolean;
  noAdvertise: boolean;
  connectRetries: number;
  connectBackoff: boolean;
  /** Connections per route; negative: no pooling. */
  poolSize: number;
  /** Accounts with a connection of their own. */
  accounts: readonly string[];
  compression: CompressionOptions;
  /** 0: the server's own, capped. */
  pingInterval: number;
  pingMax: number;
}

/** A remote gateway. */
export interface RemoteGatewayOptions {
  readonly name: string;
  readonly tls: TlsBlock | undefined;
  readonly tlsTimeout: number;
  readonly urls: readonly ServerUrl[];
}

/** The `gateway` block. */
export interface GatewayOptions extends LinkOptions {
  name: string;
  tlsCheckKnownUrls: boolean;
  connectRetries: number;
  connectBackoff: boolean;
  gateways: readonly RemoteGatewayOptions[];
  rejectUnknown: boolean;
}

/** An HTTP proxy between this server and a remote. */
export interface LeafProxyOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Milliseconds; 0: the default. */
  readonly timeout: number;
  readonly tls: TlsBlock | undefined;
}

/** A remote that this server connects to as a leaf. */
export interface RemoteLeafOptions {
  /** Empty: the global account. */
  account: string;
  urls: readonly ServerUrl[];
  noRandomize: boolean;
  /** Path, expanded. */
  credentials: string;
  /** Seed. */
  nkey: string;
  tls: TlsBlock | undefined;
  tlsTimeout: number;
  tlsHandshakeFirst: boolean;
  hub: boolean;
  denyImports: readonly string[];
  denyExports: readonly string[];
  firstInfoTimeout: number;
  /** 0: the block's own. */
  dialTimeout: number;
  compression: CompressionOptions;
  websocketCompression: boolean;
  websocketNoMasking: boolean;
  proxy: LeafProxyOptions | undefined;
  jetstreamClusterMigrate: boolean;
  jetstreamClusterMigrateDelay: number;
  localIsolation: boolean;
  requestIsolation: boolean;
  disabled: boolean;
  ignoreDiscoveredServers: boolean;
}

/** The `leafnodes` block. */
export interface LeafnodeOptions extends LinkOptions {
  proxyRequired: boolean;
  nkey: string;
  account: string;
  /** Users that may connect as leafs; empty: the server's own. */
  users: readonly UserEntry[];
  tlsHandshakeFirst: boolean;
  tlsHandshakeFirstFallback: number;
  noAdvertise: boolean;
  reconnectInterval: number;
  /** 0: the default. */
  dialTimeout: number;
  compression: CompressionOptions;
  remotes: readonly RemoteLeafOptions[];
  /** Lowest server version accepted; empty: any. */
  minVersion: string;
  isolateLeafnodeInterest: boolean;
}

/** What the client-facing extra listeners have in common. */
export interface ExtraListenerOptions {
  host: string;
  /** 0: no listener; -1: the system chooses. */
  port: number;
  noAuthUser: string;
  username: string;
  password: string;
  token: string;
  /** 0: the server's own. */
  authTimeout: number;
  tls: TlsBlock | undefined;
  tlsMap: boolean;
  tlsPinnedCerts: ReadonlySet<string>;
}

/** The `websocket` block. */
export interface WebsocketOptions extends ExtraListenerOptions {
  advertise: string;
  noTls: boolean;
  sameOrigin: boolean;
  allowedOrigins: readonly string[];
  compression: boolean;
  /** 0: the default. */
  handshakeTimeout: number;
  /** 0: the server's own. */
  pingInterval: number;
  jwtCookie: string;
  usernameCookie: string;
  passwordCookie: string;
  tokenCookie: string;
  /** Added to the answer to an upgrade. */
  headers: ReadonlyMap<string, string>;
}

/** The `mqtt` block. */
export interface MqttOptions extends ExtraListenerOptions {
  tlsTimeout: number;
  /** 0: the default. */
  ackWait: number;
  /** 0: the default. */
  jsApiTimeout: number;
  maxAckPending: number;
  jsDomain: string;
  /** 0 or less: chosen by cluster size. */
  streamReplicas: number;
  consumerMemoryStorage: boolean;
  consumerInactiveThreshold: number;
  rejectQos2Publish: boolean;
  downgradeQos2Subscribe: boolean;
}

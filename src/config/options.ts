/**
 * The server's options, in resolved form.
 *
 * Units: durations are milliseconds, sizes bytes. As in the configuration
 * language itself, an empty string, an empty list and the number 0 mean "not
 * set" unless a field says otherwise; `defaults.ts` replaces those that have a
 * default, so consumers see final values. Fields stand where the server looks
 * for them; `docs/config.md` maps configuration keys to fields.
 *
 * @module
 */

import type {
  AccountOptions,
  AuthCalloutOptions,
  NkeyEntry,
  Permissions,
  ResolverOptions,
  SubjectMapping,
  TrustedOperator,
  TrustedProxy,
  UserEntry,
} from "./options_accounts.ts";
import type { JetStreamOptions } from "./options_jetstream.ts";
import type {
  ClusterOptions,
  GatewayOptions,
  LeafnodeOptions,
  MqttOptions,
  WebsocketOptions,
  WriteTimeoutPolicy,
} from "./options_network.ts";
import type { OcspCacheOptions, OcspOptions, TlsBlock } from "./options_tls.ts";

export type * from "./options_accounts.ts";
export type * from "./options_jetstream.ts";
export type * from "./options_network.ts";
export type * from "./options_tls.ts";

/** Everything that decides how a server runs. */
export interface Options {
  // Identity and listening.
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Empty: the server id is the name. */
  serverName: string;
  /** `host[:port]` told to clients and routes instead of the listen address. */
  clientAdvertise: string;
  serverTags: readonly string[];
  serverMetadata: ReadonlyMap<string, string>;
  featureFlags: ReadonlyMap<string, boolean>;

  // Logging and process files.
  debug: boolean;
  trace: boolean;
  traceVerbose: boolean;
  traceHeaders: boolean;
  logTime: boolean;
  logTimeUtc: boolean;
  logFile: string;
  /** Bytes; 0 never rotates. */
  logFileSizeLimit: number;
  /** Files kept, the current one included; 0 keeps all. */
  logFileMaxCount: number;
  syslog: boolean;
  remoteSyslog: string;
  pidFile: string;
  portsFileDir: string;
  profPort: number;
  /** Whether the monitoring port serves the dashboard. */
  dashboard: boolean;
  profBlockRate: number;
  /** Bytes of payload shown in traces; 0 shows all. */
  maxTracedMessageLength: number;

  // Monitoring.
  httpHost: string;
  /** 0: no HTTP monitoring; -1: the system chooses. */
  httpPort: number;
  /** 0: no HTTPS monitoring; -1: the system chooses. */
  httpsPort: number;
  httpBasePath: string;
  maxClosedClients: number;

  // Limits and timing.
  maxControlLine: number;
  maxPayload: number;
  maxPending: number;
  /** Negative: no client connection is accepted. */
  maxConnections: number;
  /** Per connection; 0 or less is unlimited. */
  maxSubscriptions: number;
  /** Tokens in a subscription's subject; 0 is unlimited. */
  maxSubscriptionTokens: number;
  pingInterval: number;
  pingMax: number;
  writeDeadline: number;
  writeTimeout: WriteTimeoutPolicy;
  lameDuckDuration: number;
  lameDuckGracePeriod: number;
  connectErrorReports: number;
  reconnectErrorReports: number;
  noHeaderSupport: boolean;
  noFastProducerStall: boolean;
  proxyProtocol: boolean;
  disableSublistCache: boolean;

  // TLS for client connections.
  tls: TlsBlock | undefined;
  allowNonTls: boolean;
  tlsTimeout: number;
  tlsMap: boolean;
  /** Lower-case hex SHA-256 of acceptable SubjectPublicKeyInfo; empty: any. */
  tlsPinnedCerts: ReadonlySet<string>;
  /** TLS connects per second; 0 is unlimited. */
  tlsRateLimit: number;
  tlsHandshakeFirst: boolean;
  /** Wait for a ClientHello before falling back to INFO first; 0: never falls back. */
  tlsHandshakeFirstFallback: number;
  /** Undefined: stapling only where certificates must staple. */
  ocsp: OcspOptions | undefined;
  ocspCache: OcspCacheOptions | undefined;

  // Who may connect.
  authTimeout: number;
  username: string;
  password: string;
  /** The token of token authentication. */
  authorization: string;
  proxyRequired: boolean;
  /** Users of the authorization block and of all accounts. */
  users: readonly UserEntry[];
  /** Nkey users of the authorization block and of all accounts. */
  nkeys: readonly NkeyEntry[];
  /** Of the authorization block; already applied to users without their own. */
  defaultPermissions: Permissions | undefined;
  noAuthUser: string;
  defaultSentinel: string;
  authCallout: AuthCalloutOptions | undefined;
  proxies: readonly TrustedProxy[];
  /** Whether there was an authorization block, even an empty one. */
  authorizationDefined: boolean;

  // Accounts and operator mode.
  accounts: readonly AccountOptions[];
  /** Mappings of the global account. */
  mappings: readonly SubjectMapping[];
  systemAccount: string;
  noSystemAccount: boolean;
  trustedKeys: readonly string[];
  trustedOperators: readonly TrustedOperator[];
  resolver: ResolverOptions | undefined;
  resolverTls: TlsBlock | undefined;
  /** Account public key to account JWT. */
  resolverPreload: ReadonlyMap<string, string>;
  resolverPinnedAccounts: ReadonlySet<string>;

  // Subsystems. A port of 0 means that the listener is off.
  cluster: ClusterOptions;
  gateway: GatewayOptions;
  leafnodes: LeafnodeOptions;
  websocket: WebsocketOptions;
  mqtt: MqttOptions;
  jetstream: JetStreamOptions;
  /** Account name to JetStream domain. */
  defaultJsDomain: ReadonlyMap<string, string>;

  // Where the options came from.
  /** Path of the configuration file. */
  configFile: string;
  /** `sha256:<hex>` of the configuration; empty without a file. */
  configDigest: string;

  // For embedders only; no configuration key sets these.
  alwaysEnableNonce: boolean;
  noSignals: boolean;
  noLog: boolean;
  /** Serve in-process connections only. */
  dontListen: boolean;
  /** The first PING waits for a whole interval. */
  disableShortFirstPing: boolean;
}

/**
 * Which options can change while the server runs.
 *
 * @module
 */

import type { Options, TlsBlock } from "../config/mod.ts";
import { quoteText } from "../log/mod.ts";
import { formatDuration } from "../config/mod.ts";
import { describeJetStream } from "./reload_jetstream.ts";

type Field = keyof Options;

/** What is logged when an option has changed; an empty text is not. */
type Describe = (options: Options, previous: Options) => string;

function plain(name: string, field: Field): Describe {
  return (options) => `Reloaded: ${name} = ${String(options[field])}`;
}

function told(keys: readonly string[], what: string): string {
  if (keys.length === 0) return "";
  const list = keys.map(quoteText).join(" ");
  return `Reloaded: proxies trusted keys [${list}] were ${what}`;
}

/**
 * Options that are taken over, with their log lines, in the order in which the
 * Go server applies and logs them.
 */
export const RELOADABLE: Readonly<Partial<Record<Field, Describe>>> = {
  clientAdvertise: ({ clientAdvertise }) =>
    `Reload: client_advertise = ${clientAdvertise}`,
  trace: plain("trace", "trace"),
  debug: plain("debug", "debug"),
  traceVerbose: plain("trace_verbose", "traceVerbose"),
  traceHeaders: plain("trace_headers", "traceHeaders"),
  logTime: plain("logtime", "logTime"),
  logTimeUtc: plain("logtime_utc", "logTimeUtc"),
  maxConnections: plain("max_connections", "maxConnections"),
  nkeys: () => "Reloaded: authorization nkey users",
  users: () => "Reloaded: authorization users",
  accounts: () => "Reloaded: accounts",
  // The Go server shows the JWT, which is a secret.
  defaultSentinel: () => "Reloaded: default_sentinel",
  username: () => "Reloaded: authorization username",
  password: () => "Reloaded: authorization password",
  authorization: () => "Reloaded: authorization token",
  pingInterval: ({ pingInterval }) =>
    `Reloaded: ping_interval = ${formatDuration(pingInterval)}`,
  pingMax: plain("ping_max", "pingMax"),
  authTimeout: ({ authTimeout }) =>
    `Reloaded: authorization timeout = ${authTimeout / 1000}`,
  maxControlLine: plain("max_control_line", "maxControlLine"),
  maxPayload: plain("max_payload", "maxPayload"),
  noFastProducerStall: ({ noFastProducerStall }) =>
    `Reloaded: fast producers will ${
      noFastProducerStall ? "not " : ""
    }be stalled`,
  pidFile: ({ pidFile }) =>
    pidFile === "" ? "" : `Reloaded: pid_file = ${pidFile}`,
  portsFileDir: plain("ports_file_dir", "portsFileDir"),
  logFile: plain("log_file", "logFile"),
  syslog: plain("syslog", "syslog"),
  remoteSyslog: plain("remote_syslog", "remoteSyslog"),
  tlsTimeout: ({ tlsTimeout }) =>
    `Reloaded: tls timeout = ${tlsTimeout / 1000}`,
  tls: ({ tls }) =>
    `Reloaded: tls = ${tls === undefined ? "disabled" : "enabled"}`,
  tlsPinnedCerts: ({ tlsPinnedCerts }) =>
    `Reloaded: ${tlsPinnedCerts.size} pinned_certs`,
  tlsHandshakeFirst: ({ tlsHandshakeFirst }) =>
    `Reloaded: Client TLS handshake first: ${tlsHandshakeFirst}`,
  tlsHandshakeFirstFallback: ({ tlsHandshakeFirstFallback }) =>
    `Reloaded: Client TLS handshake first fallback delay: ${
      formatDuration(tlsHandshakeFirstFallback)
    }`,
  writeDeadline: ({ writeDeadline }) =>
    `Reloaded: write_deadline = ${formatDuration(writeDeadline)}`,
  maxTracedMessageLength: plain(
    "max_traced_msg_len",
    "maxTracedMessageLength",
  ),
  resolverPreload: () => "Reloaded: accounts",
  connectErrorReports: plain("connect_error_reports", "connectErrorReports"),
  reconnectErrorReports: plain(
    "reconnect_error_reports",
    "reconnectErrorReports",
  ),
  dashboard: plain("dashboard", "dashboard"),
  jetstream: describeJetStream,
  serverTags: () => "Reloaded: tags",
  serverMetadata: () => "Reloaded: metadata",
  ocsp: () => "Reloaded: OCSP",
  proxies: ({ proxies }, previous) => {
    const keys = proxies.map(({ key }) => key);
    const known = previous.proxies.map(({ key }) => key);
    return [
      told(known.filter((key) => !keys.includes(key)), "removed"),
      told(keys.filter((key) => !known.includes(key)), "added"),
    ].filter((line) => line !== "").join("\n");
  },
  ocspCache: () => "Reloaded OCSP peer cache",
};

/** Options whose change is no change of behaviour. */
export const SILENT_FIELDS: ReadonlySet<Field> = new Set<Field>([
  "configDigest",
  "mappings",
  "authorizationDefined",
  "defaultPermissions",
]);

/** Options that are durations, and shown as such. */
export const DURATIONS: ReadonlySet<Field> = new Set<Field>([
  "lameDuckDuration",
  "lameDuckGracePeriod",
]);

/** The Go server's names of options that need a restart. */
export const NOT_RELOADABLE: Readonly<Partial<Record<Field, string>>> = {
  host: "Host",
  port: "Port",
  serverName: "ServerName",
  maxSubscriptions: "MaxSubs",
  maxSubscriptionTokens: "MaxSubTokens",
  maxPending: "MaxPending",
  maxClosedClients: "MaxClosedClients",
  writeTimeout: "WriteTimeout",
  lameDuckDuration: "LameDuckDuration",
  lameDuckGracePeriod: "LameDuckGracePeriod",
  logFileSizeLimit: "LogSizeLimit",
  logFileMaxCount: "LogMaxFiles",
  httpHost: "HTTPHost",
  httpPort: "HTTPPort",
  httpsPort: "HTTPSPort",
  httpBasePath: "HTTPBasePath",
  profPort: "ProfPort",
  noAuthUser: "NoAuthUser",
  allowNonTls: "AllowNonTLS",
  tlsMap: "TLSMap",
  tlsRateLimit: "TLSRateLimit",
  proxyProtocol: "ProxyProtocol",
  noHeaderSupport: "NoHeaderSupport",
  featureFlags: "FeatureFlags",
  disableSublistCache: "NoSublistCache",
  systemAccount: "SystemAccount",
  noSystemAccount: "NoSystemAccount",
  proxyRequired: "ProxyRequired",
  defaultJsDomain: "JsAccDefaultDomain",
  trustedKeys: "TrustedKeys",
  trustedOperators: "TrustedOperators",
  authCallout: "AuthCallout",
  websocket: "Websocket",
  resolver: "AccountResolver",
  resolverTls: "AccountResolverTLSConfig",
};

/** Fields in which two sets of options differ, in no order of lists of users. */
export function changedFields(previous: Options, next: Options): Field[] {
  const fields = Object.keys(next) as Field[];
  return fields.filter((field) =>
    field === "tls"
      ? !isSameTls(previous.tls, next.tls)
      : !sameValue(previous[field], next[field])
  );
}

/** Go can't compare authorities, and takes them for new whenever there are some. */
function isSameTls(a: TlsBlock | undefined, b: TlsBlock | undefined): boolean {
  return a?.ca === undefined && b?.ca === undefined &&
    sameValue(ownSettings(a), ownSettings(b));
}

/** A `tls` block without what options of their own tell, too. */
function ownSettings(block: TlsBlock | undefined): Partial<TlsBlock> | null {
  if (block === undefined) return null;
  return {
    ...block,
    timeout: 0,
    rateLimit: 0,
    map: false,
    pinnedCerts: new Set(),
    handshakeFirst: false,
    handshakeFirstFallback: 0,
  };
}

/** A value as Go's `%v` shows it, as far as options that can't be reloaded have such. */
export function shown(field: Field, value: unknown): string {
  if (field === "writeTimeout" && value === "default") return "";
  if (DURATIONS.has(field) && typeof value === "number") {
    return formatDuration(value);
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${key}:${item}`).sort();
    return `map[${entries.join(" ")}]`;
  }
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return `[${value.join(" ")}]`;
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Structural equality of option values. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  return canonical(a) === canonical(b);
}

/** JSON with sets, maps and lists of objects in an order of their own. */
function canonical(value: unknown): string {
  if (value === null || typeof value !== "object") {
    return JSON.stringify(value) ?? "undefined";
  }
  if (value instanceof Set) return `{${[...value].map(canonical).sort()}}`;
  if (value instanceof Map) {
    return `{${
      [...value].map(([key, item]) => `${key}:${canonical(item)}`).sort()
    }}`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).sort()}]`;
  return `{${
    Object.entries(value).map(([key, item]) => `${key}:${canonical(item)}`)
      .sort()
  }}`;
}

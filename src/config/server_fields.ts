/**
 * Reading the top level of a configuration.
 *
 * @module
 */

import { accounts, namesOf } from "./account_fields.ts";
import { authorization } from "./authorization_fields.ts";
import { readCluster } from "./cluster_fields.ts";
import {
  boolean,
  duration,
  durationOf,
  type Field,
  hostAndPort,
  integer,
  isList,
  isMap,
  listen,
  mismatchHere,
  readBlock,
  type Schema,
  schema,
  setter,
  string,
  writeTimeout,
} from "./field.ts";
import { formatDuration } from "./duration.ts";
import { readGateway } from "./gateway_fields.ts";
import { quote } from "./go_text.ts";
import { readJetStream, readStoreDir } from "./jetstream_fields.ts";
import { readLeafnodes } from "./leafnode_fields.ts";
import { readMqtt, readWebsocket } from "./listener_fields.ts";
import { mappings } from "./mapping_fields.ts";
import { isPublicKey } from "./nkeys.ts";
import { ocsp, ocspCache } from "./ocsp_fields.ts";
import {
  readOperators,
  readResolver,
  resolverPinnedAccounts,
  resolverPreload,
  trustedKeys,
} from "./operator_fields.ts";
import type { Options } from "./options.ts";
import type { TrustedProxy } from "./options_accounts.ts";
import { tlsBlock } from "./tls_fields.ts";
import { goTypeName } from "./value.ts";

const INT32_MAX = 2n ** 31n - 1n;
const MAX_TOKENS = 255;
const MIN_LAME_DUCK_DURATION = 30_000;

const set = setter<Options>();

const LISTENING: Schema<Options> = schema<Options>({
  listen,
  client_advertise: set("clientAdvertise", string),
  port: set("port", integer),
  "host net": set("host", string),
  server_name: set("serverName", (field) => {
    const name = field.string();
    return name.includes(" ")
      ? field.fail("server name cannot contain spaces")
      : name;
  }),
  server_tags: set("serverTags", tags),
  server_metadata: set("serverMetadata", metadata),
  feature_flags: set("featureFlags", featureFlags),
  http: (field, options) => {
    const { host, port } = hostAndPort(field);
    options.httpHost = host;
    options.httpPort = port;
  },
  https: (field, options) => {
    const { host, port } = hostAndPort(field);
    options.httpHost = host;
    options.httpsPort = port;
  },
  "http_port monitor_port": set("httpPort", integer),
  https_port: set("httpsPort", integer),
  http_base_path: set("httpBasePath", string),
  dashboard: set("dashboard", boolean),
  max_closed_clients: set("maxClosedClients", integer),
  proxy_protocol: set("proxyProtocol", boolean),
});

const LOGGING: Schema<Options> = schema<Options>({
  debug: set("debug", boolean),
  trace: set("trace", boolean),
  trace_verbose: (field, options) => {
    options.traceVerbose = options.trace = field.boolean();
  },
  trace_headers: (field, options) => {
    options.traceHeaders = options.trace = field.boolean();
  },
  logtime: set("logTime", boolean),
  logtime_utc: set("logTimeUtc", boolean),
  "logfile log_file": set("logFile", string),
  "logfile_size_limit log_size_limit": set("logFileSizeLimit", integer),
  "logfile_max_num log_max_num": set("logFileMaxCount", integer),
  syslog: set("syslog", boolean),
  remote_syslog: set("remoteSyslog", string),
  "pidfile pid_file": set("pidFile", string),
  ports_file_dir: set("portsFileDir", string),
  prof_port: set("profPort", integer),
  prof_block_rate: set("profBlockRate", integer),
  max_traced_msg_len: set("maxTracedMessageLength", integer),
});

const LIMITS: Schema<Options> = schema<Options>({
  max_control_line: set("maxControlLine", int32),
  max_payload: set("maxPayload", int32),
  max_pending: set("maxPending", integer),
  // Zero would mean the default; asked for, it means that nobody may connect.
  "max_connections max_conn": set(
    "maxConnections",
    (field) => field.integer() || -1,
  ),
  "max_subscriptions max_subs": set("maxSubscriptions", integer),
  "max_sub_tokens max_subscription_tokens": set(
    "maxSubscriptionTokens",
    (field) => {
      const count = field.integer();
      if (count > MAX_TOKENS) field.fail(`${field.key} value is too big`);
      if (count <= 0) field.fail(`${field.key} value can not be negative`);
      return count;
    },
  ),
  ping_interval: set("pingInterval", duration("ping_interval")),
  ping_max: set("pingMax", integer),
  write_deadline: set("writeDeadline", duration("write_deadline")),
  write_timeout: set("writeTimeout", writeTimeout),
  lame_duck_duration: set("lameDuckDuration", (field) => {
    const time = lameDuckTime(field);
    if (time >= MIN_LAME_DUCK_DURATION) return time;
    return field.fail(
      `invalid lame_duck_duration of ${
        formatDuration(time)
      }, minimum is 30 seconds`,
    );
  }),
  lame_duck_grace_period: set("lameDuckGracePeriod", (field) => {
    const time = lameDuckTime(field);
    return time >= 0
      ? time
      : field.fail("invalid lame_duck_grace_period, needs to be positive");
  }),
  connect_error_reports: set("connectErrorReports", integer),
  reconnect_error_reports: set("reconnectErrorReports", integer),
  no_header_support: set("noHeaderSupport", boolean),
  no_fast_producer_stall: set("noFastProducerStall", boolean),
  "disable_sublist_cache no_sublist_cache": set("disableSublistCache", boolean),
});

const SECURITY: Schema<Options> = schema<Options>({
  tls: (field, options) => {
    const tls = tlsBlock(field);
    options.tls = tls;
    options.tlsTimeout = tls.timeout;
    options.tlsMap = tls.map;
    options.tlsPinnedCerts = tls.pinnedCerts;
    options.tlsRateLimit = tls.rateLimit;
    options.tlsHandshakeFirst = tls.handshakeFirst;
    options.tlsHandshakeFirstFallback = tls.handshakeFirstFallback;
  },
  allow_non_tls: set("allowNonTls", boolean),
  ocsp: set("ocsp", mismatchHere(ocsp)),
  ocsp_cache: set("ocspCache", ocspCache),
  authorization: readAuthorization,
  accounts: (field, options) => {
    const found = accounts(field, options);
    options.accounts = [...options.accounts, ...found.accounts];
    options.users = [...options.users, ...found.users];
    options.nkeys = [...options.nkeys, ...found.nkeys];
  },
  "mappings maps": set("mappings", mappings),
  no_auth_user: set("noAuthUser", string),
  default_sentinel: set("defaultSentinel", string),
  proxies: set("proxies", proxies),
  // Read before everything else, see `readSystemAccount`.
  "system_account system": () => {},
  "no_system_account no_system no_sys_acc": set("noSystemAccount", boolean),
  "trusted trusted_keys": set("trustedKeys", trustedKeys),
  "operator operators roots root root_operators root_operator": readOperators,
  "resolver account_resolver accounts_resolver": readResolver,
  resolver_tls: set("resolverTls", (field) => tlsBlock(field)),
  resolver_preload: set("resolverPreload", resolverPreload),
  resolver_pinned_accounts: set(
    "resolverPinnedAccounts",
    resolverPinnedAccounts,
  ),
});

const SUBSYSTEMS: Schema<Options> = schema<Options>({
  cluster: (field, options) => readCluster(field, options.cluster),
  gateway: (field, options) => readGateway(field, options.gateway),
  "leaf leafnodes": (field, options) => readLeafnodes(field, options.leafnodes),
  "websocket ws": (field, options) => readWebsocket(field, options.websocket),
  mqtt: (field, options) => readMqtt(field, options.mqtt),
  jetstream: (field, options) => readJetStream(field, options.jetstream),
  "store_dir storedir": (field, options) =>
    readStoreDir(field, options.jetstream),
  default_js_domain: set("defaultJsDomain", mismatchHere(defaultJsDomain)),
});

const SERVER: Schema<Options> = new Map([
  ...LISTENING,
  ...LOGGING,
  ...LIMITS,
  ...SECURITY,
  ...SUBSYSTEMS,
]);

/**
 * Reads the name of the system account, which other options depend on.
 * Both names of the option must be in lower case.
 */
export function readSystemAccount(root: Field, options: Options): void {
  const node = root.map().get("system_account") ?? root.map().get("system");
  if (node === undefined) return;
  if (typeof node.value === "string") options.systemAccount = node.value;
  else root.at(node).error("system account name must be a string");
}

/** Reads all top-level options. Unknown ones can be allowed. */
export function readServer(
  root: Field,
  options: Options,
  allowUnknown: boolean,
): void {
  const known = ([key]: [string, unknown]) => SERVER.has(key.toLowerCase());
  const map = allowUnknown
    ? new Map([...root.map()].filter(known))
    : root.map();
  readBlock(root.at({ ...root.node, value: map }), SERVER, options);
}

/** An integer that Go keeps in 32 bits. */
function int32(field: Field): number {
  const value = field.int64();
  if (value > INT32_MAX) field.fail(`${field.key} value is too big`);
  return Number(BigInt.asIntN(32, value));
}

function lameDuckTime(field: Field): number {
  const describe = (message: string) =>
    `error parsing ${field.key.toLowerCase()}: ${message}`;
  return durationOf(field, field.string(), describe);
}

function readAuthorization(field: Field, options: Options): void {
  const auth = authorization(field);
  options.authorizationDefined = true;
  options.username = auth.user;
  options.password = auth.password;
  options.proxyRequired = auth.proxyRequired;
  options.authorization = auth.token;
  options.authTimeout = auth.timeout;
  options.authCallout = auth.callout;
  options.defaultPermissions = auth.defaultPermissions;
  if ((auth.user !== "" || auth.password !== "") && auth.token !== "") {
    field.fail("Cannot have a user/pass and token");
  }
  // Accounts may have brought users already.
  const taken = namesOf(options.users, options.nkeys);
  if (auth.users !== undefined || taken.size > 0) {
    if (auth.user !== "") {
      field.fail("Can not have a single user/pass and a users array");
    }
    if (auth.token !== "") field.fail("Can not have a token and a users array");
  }
  const claim = (kind: string, name: string) => {
    if (taken.has(name)) {
      field.fail(`Duplicate ${kind} ${quote(name)} detected`);
    }
    taken.add(name);
  };
  for (const user of auth.users ?? []) claim("user", user.username);
  for (const user of auth.nkeys) claim("nkey", user.nkey);
  options.users = [...options.users, ...auth.users ?? []];
  options.nkeys = [...options.nkeys, ...auth.nkeys];
}

/** Reads tags: lower case, no blanks around them, none twice. */
function tags(field: Field): string[] {
  const found = new Set<string>();
  const add = (tag: string) => found.add(tag.trim().toLowerCase());
  if (typeof field.value === "string") add(field.value);
  else if (isList(field.value)) {
    for (const { value } of field.value) {
      if (typeof value !== "string") {
        return field.fail(
          "error parsing tags: unsupported type *conf.token where string is expected",
        );
      }
      add(value);
    }
  } else {return field.fail(
      `error parsing tags: unsupported type ${field.typeName}`,
    );}
  found.delete("");
  return [...found];
}

function metadata(field: Field): ReadonlyMap<string, string> {
  if (!isMap(field.value)) {
    return field.fail(
      `error parsing metadata: unsupported type ${field.typeName}`,
    );
  }
  return new Map(
    [...field.value].map(([key, node]) => [key, field.at(node).string()]),
  );
}

function defaultJsDomain(field: Field): ReadonlyMap<string, string> {
  if (!isMap(field.value)) {
    return field.fail(
      `error default_js_domain config: unsupported type ${field.typeName}`,
    );
  }
  return new Map(
    [...field.value].map(([key, node]) => [key, field.at(node).string()]),
  );
}

function featureFlags(field: Field): ReadonlyMap<string, boolean> {
  if (!isMap(field.value)) {
    return field.fail(
      `error parsing feature flags: unsupported type ${field.typeName}`,
    );
  }
  const flags = new Map<string, boolean>();
  for (const [name, node] of field.value) {
    if (typeof node.value !== "boolean") {
      return field.at(node).fail(
        `error parsing feature flag ${quote(name)}: expected bool, got ${
          goTypeName(node.value)
        }`,
      );
    }
    flags.set(name, node.value);
  }
  return flags;
}

function proxies(field: Field): TrustedProxy[] {
  if (!isMap(field.value)) {
    return field.fail(
      `expected proxies to be a map/struct, got ${field.typeName}`,
    );
  }
  const found: { trusted: TrustedProxy[] } = { trusted: [] };
  const setProxies = setter<typeof found>();
  readBlock(
    field,
    schema<typeof found>({ trusted: setProxies("trusted", trustedProxies) }),
    found,
  );
  return found.trusted;
}

const TRUSTED_PROXY = schema<{ key: string }>({
  "key public_key": (field, proxy) => {
    proxy.key = field.string();
    if (!isPublicKey(proxy.key)) {
      field.fail(`invalid proxy key ${quote(proxy.key)}`);
    }
  },
});

function trustedProxies(field: Field): TrustedProxy[] {
  if (!isList(field.value)) {
    return field.fail(
      `expected proxies' trusted field to be an array, got ${field.typeName}`,
    );
  }
  const found: TrustedProxy[] = [];
  for (const node of field.value) {
    const entry = field.at(node);
    if (!isMap(node.value)) {
      entry.error(
        `expected proxies' trusted entry to be a map/struct, got ${
          goTypeName(node.value)
        }`,
      );
      continue;
    }
    const proxy = { key: "" };
    readBlock(entry, TRUSTED_PROXY, proxy);
    found.push(proxy);
  }
  return found;
}

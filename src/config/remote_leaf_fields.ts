/**
 * Reading the remotes of the `leafnodes` block.
 *
 * @module
 */

import {
  boolean,
  duration,
  type Field,
  isList,
  isMap,
  lastEntry,
  readBlock,
  schema,
  setter,
  string,
  unplaced,
} from "./field.ts";
import { formatValue, quote } from "./go_text.ts";
import { proxyProblem, remoteName, safeRemoteName } from "./leafnode_rules.ts";
import { compression } from "./link_fields.ts";
import { isUserSeed } from "./nkeys.ts";
import type { LeafProxyOptions, RemoteLeafOptions } from "./options_network.ts";
import { subjectList } from "./permission_fields.ts";
import { FieldError } from "./report.ts";
import { tlsBlock } from "./tls_fields.ts";
import { serverUrl, serverUrls } from "./url.ts";

/** Milliseconds for the TLS handshake with a remote, unless configured. */
const DEFAULT_TLS_TIMEOUT = 2000;

const set = setter<RemoteLeafOptions>();

const REMOTE = schema<RemoteLeafOptions>({
  "no_randomize dont_randomize": set("noRandomize", boolean),
  "url urls": (field, remote) => {
    if (typeof field.value === "string") {
      remote.urls = [...remote.urls, serverUrl(field, "leafnode")];
    } else if (isList(field.value)) {
      remote.urls = serverUrls(field, "leafnode") ?? remote.urls;
    } else {
      field.fail(
        `Expected remote leafnode url to be an array or string, got ${
          formatValue(field.value)
        }`,
      );
    }
  },
  "account local": set("account", string),
  "creds credentials": (field, remote) => {
    const path = expandPath(field);
    refuseBoth(field, remote.nkey);
    remote.credentials = path;
  },
  "nkey seed": (field, remote) => {
    const seed = field.string();
    if (!isUserSeed(seed)) {
      field.fail(`Remote leafnode nkey is not a valid seed: ${quote(seed)}`);
    }
    refuseBoth(field, remote.credentials);
    remote.nkey = seed;
  },
  tls: (field, remote) => {
    remote.tls = tlsBlock(field);
    remote.tlsTimeout = remote.tls.timeout > 0
      ? remote.tls.timeout
      : DEFAULT_TLS_TIMEOUT;
    remote.tlsHandshakeFirst = remote.tls.handshakeFirst;
  },
  hub: set("hub", boolean),
  "deny_imports deny_import": set("denyImports", subjectList),
  "deny_exports deny_export": set("denyExports", subjectList),
  "ws_compress ws_compression websocket_compress websocket_compression": set(
    "websocketCompression",
    boolean,
  ),
  "ws_no_masking websocket_no_masking": set("websocketNoMasking", boolean),
  "jetstream_cluster_migrate js_cluster_migrate": unplaced(clusterMigrate),
  "isolate_leafnode_interest isolate": set("localIsolation", boolean),
  request_isolation: set("requestIsolation", boolean),
  compression: compression("s2_auto"),
  first_info_timeout: set("firstInfoTimeout", duration()),
  dial_timeout: set("dialTimeout", duration()),
  disabled: set("disabled", boolean),
  proxy: set("proxy", proxy),
  ignore_discovered_servers: set("ignoreDiscoveredServers", boolean),
});

function refuseBoth(field: Field, other: string): void {
  if (other !== "") {
    field.fail("Remote leafnode can not have both creds and nkey defined");
  }
}

/** Replaces variables of the environment, then a leading `~`. */
function expandPath(field: Field): string {
  const { env } = field.scope;
  const path = field.string().replace(
    /\$(?:\{([^}]*)\}|([A-Za-z0-9_]+))/g,
    (_, braced?: string, bare?: string) => env(braced ?? bare ?? "") ?? "",
  );
  if (!path.startsWith("~")) return path;
  const home = env("HOME") ?? "";
  if (home === "") field.fail("failed to get home dir, require $HOME");
  return `${home}/${path.slice(1)}`.replace(/\/{2,}/g, "/");
}

function clusterMigrate(field: Field, remote: RemoteLeafOptions): void {
  if (typeof field.value === "boolean") {
    remote.jetstreamClusterMigrate = field.value;
    return;
  }
  if (!isMap(field.value)) {
    return field.fail(
      `Expected boolean or map for jetstream_cluster_migrate, got ${field.typeName}`,
    );
  }
  remote.jetstreamClusterMigrate = true;
  const delay = field.value.get("leader_migrate_delay");
  if (delay === undefined) return;
  remote.jetstreamClusterMigrateDelay = duration("leader_migrate_delay")(
    field.at(delay),
  );
}

type ProxyDraft = {
  -readonly [K in keyof LeafProxyOptions]: LeafProxyOptions[K];
};

const setProxy = setter<ProxyDraft>();

/** Keys of a `tls` block that apply to a client of a proxy. */
const PROXY_TLS_KEYS: ReadonlySet<string> = new Set([
  "cert_file",
  "key_file",
  "ca_file",
  "insecure",
  "cipher_suites",
  "allow_insecure_cipher_suites",
  "curve_preferences",
  "min_version",
  "timeout",
  "cert_store",
  "cert_match_by",
  "cert_match",
  "cert_match_skip_invalid",
  "ca_certs_match",
  "certs",
  "certificates",
]);

const PROXY = schema<ProxyDraft>({
  url: setProxy("url", string),
  username: setProxy("username", string),
  password: setProxy("password", string),
  timeout: setProxy("timeout", duration("proxy timeout")),
  tls: (field, proxy) => {
    const entries = isMap(field.value) ? [...field.value] : [];
    const foreign = entries.filter(([key]) =>
      !PROXY_TLS_KEYS.has(key.toLowerCase())
    );
    for (const [key, node] of foreign) {
      field.at(node).error(`${quote(key)} is not supported for proxy TLS`);
    }
    if (foreign.length === 0) proxy.tls = tlsBlock(field);
  },
});

function proxy(field: Field): LeafProxyOptions {
  if (!isMap(field.value)) {
    field.fail(`Expected proxy to be a map, got ${field.typeName}`);
  }
  const draft: ProxyDraft = {
    url: "",
    username: "",
    password: "",
    timeout: 0,
    tls: undefined,
  };
  readBlock(field, PROXY, draft);
  return draft;
}

/** A remote that says nothing. */
export function emptyRemote(): RemoteLeafOptions {
  return {
    account: "",
    urls: [],
    noRandomize: false,
    credentials: "",
    nkey: "",
    tls: undefined,
    tlsTimeout: 0,
    tlsHandshakeFirst: false,
    hub: false,
    denyImports: [],
    denyExports: [],
    firstInfoTimeout: 0,
    dialTimeout: 0,
    compression: { mode: "", rttThresholds: [] },
    websocketCompression: false,
    websocketNoMasking: false,
    proxy: undefined,
    jetstreamClusterMigrate: false,
    jetstreamClusterMigrateDelay: 0,
    localIsolation: false,
    requestIsolation: false,
    disabled: false,
    ignoreDiscoveredServers: false,
  };
}

/** Reads a list of remotes; bad ones are reported and left out. */
export function remoteLeafs(field: Field): RemoteLeafOptions[] {
  if (!isList(field.value)) {
    return field.fail(
      `Expected remotes field to be an array, got ${field.typeName}`,
    );
  }
  const remotes: RemoteLeafOptions[] = [];
  const names = new Set<string>();
  for (const node of field.value) {
    const entry = field.at(node);
    if (!isMap(node.value)) {
      entry.error(
        `Expected remote leafnode entry to be a map/struct, got ${
          formatValue(node.value)
        }`,
      );
      continue;
    }
    const remote = emptyRemote();
    readBlock(entry, REMOTE, remote);
    const problem = remoteProblem(entry, remote, names);
    if (problem === undefined) remotes.push(remote);
    else field.scope.report.error(problem.node, problem.message);
  }
  return remotes;
}

function remoteProblem(
  entry: Field,
  remote: RemoteLeafOptions,
  names: Set<string>,
): FieldError | undefined {
  const atProxy = proxyProblem(remote);
  if (atProxy !== undefined) {
    const node = [...entry.map()].find(([key]) => key.toLowerCase() === "proxy")
      ?.[1];
    return new FieldError(node ?? entry.node, atProxy);
  }
  const name = remoteName(remote);
  if (names.has(name)) {
    return new FieldError(
      lastEntry(entry),
      `duplicate remote ${safeRemoteName(remote)}`,
    );
  }
  names.add(name);
  return undefined;
}

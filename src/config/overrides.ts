/**
 * What a command line sets. It takes precedence over the configuration file.
 *
 * @module
 */

import type { ConfigDisk } from "./field.ts";
import { quote } from "./go_text.ts";
import type { Options } from "./options.ts";
import type { ClusterOptions } from "./options_network.ts";
import { OptionsError } from "./report.ts";
import { emptyTls } from "./tls_draft.ts";
import { loadTlsFiles, TlsFilesError } from "./tls_files.ts";
import { parseUrl } from "./url.ts";

/** Options that have the same name and meaning on the command line. */
const PLAIN = [
  "port",
  "serverName",
  "host",
  "clientAdvertise",
  "debug",
  "trace",
  "traceVerbose",
  "logTime",
  "logTimeUtc",
  "logFile",
  "logFileSizeLimit",
  "syslog",
  "remoteSyslog",
  "maxTracedMessageLength",
  "httpPort",
  "httpsPort",
  "pidFile",
  "portsFileDir",
  "profPort",
  "username",
  "password",
  "authorization",
] as const satisfies readonly (keyof Options)[];

/** Any of these means that the command line, not the file, sets up TLS. */
const TLS_FLAGS = [
  "tls",
  "tlsVerify",
  "tlsCert",
  "tlsKey",
  "tlsCaCert",
] as const satisfies readonly (keyof Overrides)[];

/** All that a command line can set, and of which type it is. */
export const OVERRIDES = {
  port: "number",
  serverName: "string",
  host: "string",
  clientAdvertise: "string",
  debug: "boolean",
  trace: "boolean",
  traceVerbose: "boolean",
  logTime: "boolean",
  logTimeUtc: "boolean",
  logFile: "string",
  logFileSizeLimit: "number",
  syslog: "boolean",
  remoteSyslog: "string",
  maxTracedMessageLength: "number",
  httpPort: "number",
  httpsPort: "number",
  pidFile: "string",
  portsFileDir: "string",
  profPort: "number",
  username: "string",
  password: "string",
  authorization: "string",
  /** URL of the cluster listener; empty switches clustering off. */
  cluster: "string",
  clusterName: "string",
  clusterAdvertise: "string",
  noAdvertise: "boolean",
  connectRetries: "number",
  /** URLs, separated by commas; empty removes those of the file. */
  routes: "string",
  jetstream: "boolean",
  storeDir: "string",
  /** False switches off what the file says about TLS. */
  tls: "boolean",
  tlsVerify: "boolean",
  tlsCert: "string",
  tlsKey: "string",
  tlsCaCert: "string",
} as const;

interface Types {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
}

/** Flags that were given, with their values. What is absent was not given. */
export type Overrides = {
  readonly [Name in keyof typeof OVERRIDES]?: Types[typeof OVERRIDES[Name]];
};

/** Sets what flags set by themselves; done before and after the file is read. */
export function applyFlags(options: Options, flags: Overrides): void {
  for (const name of PLAIN) assign(options, name, flags[name]);
  const { cluster, jetstream } = options;
  assign(cluster, "listenUrl", flags.cluster);
  assign(cluster, "name", flags.clusterName);
  assign(cluster, "advertise", flags.clusterAdvertise);
  assign(cluster, "noAdvertise", flags.noAdvertise);
  assign(cluster, "connectRetries", flags.connectRetries);
  assign(jetstream, "enabled", flags.jetstream);
  assign(jetstream, "storeDir", flags.storeDir);
}

function assign<T, K extends keyof T>(
  target: T,
  name: K,
  value: T[K] | undefined,
): void {
  if (value !== undefined) target[name] = value;
}

/**
 * Sets what flags change beyond single options; done after the file is read.
 * @throws OptionsError
 */
export function applyCombinedFlags(
  options: Options,
  flags: Overrides,
  disk: ConfigDisk,
): void {
  if (flags.cluster !== undefined) {
    overrideCluster(options.cluster, flags.cluster);
  }
  if (flags.routes !== undefined) {
    options.cluster.routes = routeUrls(flags.routes);
  }
  if (flags.tls === false) options.tls = undefined;
  else if (TLS_FLAGS.some((name) => flags[name] !== undefined)) {
    overrideTls(options, flags, disk);
  }
  const { listenUrl, host, port } = options.cluster;
  if (
    (flags.routes ?? "") !== "" && listenUrl === "" && host === "" && port === 0
  ) {
    throw new OptionsError(
      "solicited routes require cluster capabilities, e.g. --cluster",
    );
  }
}

/** URLs separated by commas; those that are none are left out. */
function routeUrls(text: string): ClusterOptions["routes"] {
  if (text === "") return [];
  return text.split(",").flatMap((part) => parseUrl(part) ?? []);
}

/** The URL's credentials replace those of the file, also when it has none. */
function overrideCluster(cluster: ClusterOptions, listenUrl: string): void {
  if (listenUrl === "") {
    cluster.port = 0;
    return;
  }
  // A port of -1, which the system is to choose, is no part of a valid URL.
  const random = listenUrl.endsWith(":-1");
  const url = parseUrl(
    random ? listenUrl.slice(0, -"-1".length) + "0" : listenUrl,
  );
  if (url === undefined) {
    throw new OptionsError(`parse ${quote(listenUrl)}: invalid URL`);
  }
  if (url.port === "") {
    const address = url.host === "" ? "" : `address ${url.host}: `;
    throw new OptionsError(`${address}missing port in address`);
  }
  if (url.username !== "" && url.password === undefined) {
    throw new OptionsError("expected cluster password to be set");
  }
  cluster.host = url.host;
  cluster.port = random ? -1 : Number(url.port);
  cluster.username = url.username;
  cluster.password = url.password ?? "";
}

function overrideTls(
  options: Options,
  flags: Overrides,
  disk: ConfigDisk,
): void {
  const {
    tlsCert: certFile = "",
    tlsKey: keyFile = "",
    tlsCaCert: caFile = "",
  } = flags;
  if (certFile === "") {
    throw new OptionsError("TLS Server certificate must be present and valid");
  }
  if (keyFile === "") {
    throw new OptionsError("TLS Server private key must be present and valid");
  }
  const draft = {
    ...emptyTls(),
    certFile,
    keyFile,
    caFile,
    verify: flags.tlsVerify ?? false,
  };
  try {
    options.tls = loadTlsFiles(draft, disk);
  } catch (error) {
    if (error instanceof TlsFilesError) throw new OptionsError(error.message);
    throw error;
  }
}

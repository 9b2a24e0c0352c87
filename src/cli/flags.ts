/**
 * The flags of the server: every spelling, and the setting behind it.
 *
 * @module
 */

import type { Flag, FlagKind } from "./flag_set.ts";

/** Setting → kind of its value and its spellings. */
const SETTINGS: Readonly<Record<string, readonly [FlagKind, ...string[]]>> = {
  help: ["bool", "h", "help"],
  helpTls: ["bool", "help_tls"],
  version: ["bool", "v", "version"],
  configFile: ["string", "c", "config"],
  check: ["bool", "t"],
  signal: ["string", "sl", "signal"],

  port: ["int", "p", "port"],
  serverName: ["string", "n", "name", "server_name"],
  host: ["string", "a", "addr", "net"],
  clientAdvertise: ["string", "client_advertise"],
  httpPort: ["int", "m", "http_port"],
  httpsPort: ["int", "ms", "https_port"],
  pidFile: ["string", "P", "pid"],
  portsFileDir: ["string", "ports_file_dir"],
  profPort: ["int", "profile"],

  debug: ["bool", "D", "debug"],
  trace: ["bool", "V", "trace"],
  debugAndTrace: ["bool", "DV"],
  verboseTrace: ["bool", "VV"],
  debugAndVerboseTrace: ["bool", "DVV"],
  logTime: ["bool", "T", "logtime"],
  logTimeUtc: ["bool", "logtime_utc"],
  logFile: ["string", "l", "log"],
  logFileSizeLimit: ["int", "log_size_limit"],
  syslog: ["bool", "s", "syslog"],
  remoteSyslog: ["string", "r", "remote_syslog"],
  maxTracedMessageLength: ["int", "max_traced_msg_len"],

  username: ["string", "user"],
  password: ["string", "pass"],
  authorization: ["string", "auth"],
  tls: ["bool", "tls"],
  tlsVerify: ["bool", "tlsverify"],
  tlsCert: ["string", "tlscert"],
  tlsKey: ["string", "tlskey"],
  tlsCaCert: ["string", "tlscacert"],

  cluster: ["string", "cluster", "cluster_listen"],
  clusterName: ["string", "cluster_name"],
  clusterAdvertise: ["string", "cluster_advertise"],
  noAdvertise: ["bool", "no_advertise"],
  connectRetries: ["int", "connect_retries"],
  routes: ["string", "routes"],

  jetstream: ["bool", "js", "jetstream"],
  storeDir: ["string", "sd", "store_dir"],
};

/** Spelling, without dashes → flag. */
export const FLAGS: ReadonlyMap<string, Flag> = new Map(
  Object.entries(SETTINGS).flatMap(([target, [kind, ...names]]) =>
    names.map((name) => [name, { target, kind }] as const)
  ),
);

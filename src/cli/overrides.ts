/**
 * From flags to what they override in the configuration.
 *
 * @module
 */

import type { Overrides } from "../config/mod.ts";
import type { ParsedFlags } from "./flag_set.ts";

type Draft = { -readonly [Name in keyof Overrides]: Overrides[Name] };

const TEXTS = [
  "serverName",
  "host",
  "clientAdvertise",
  "pidFile",
  "portsFileDir",
  "logFile",
  "remoteSyslog",
  "username",
  "password",
  "authorization",
  "tlsCert",
  "tlsKey",
  "tlsCaCert",
  "cluster",
  "clusterName",
  "clusterAdvertise",
  "routes",
  "storeDir",
] as const satisfies readonly (keyof Overrides)[];

const NUMBERS = [
  "port",
  "httpPort",
  "httpsPort",
  "profPort",
  "logFileSizeLimit",
  "maxTracedMessageLength",
  "connectRetries",
] as const satisfies readonly (keyof Overrides)[];

const SWITCHES = [
  "logTime",
  "logTimeUtc",
  "syslog",
  "tls",
  "tlsVerify",
  "noAdvertise",
  "jetstream",
] as const satisfies readonly (keyof Overrides)[];

/** The overrides of a command line; a flag that was not given overrides nothing. */
export function overridesOf(flags: Pick<ParsedFlags, "values">): Overrides {
  const { values } = flags;
  const overrides: Draft = levels(values);
  for (const name of TEXTS) {
    const value = values.get(name);
    if (typeof value === "string") overrides[name] = value;
  }
  for (const name of NUMBERS) {
    const value = values.get(name);
    if (typeof value === "number") overrides[name] = value;
  }
  for (const name of SWITCHES) {
    const value = values.get(name);
    if (typeof value === "boolean") overrides[name] = value;
  }
  return overrides;
}

/**
 * `-D` and `-V` first, then `-DV`, `-DVV` and `-VV` in this order, whatever
 * their order on the command line; each may switch off (`-DV=false`).
 */
function levels(values: ParsedFlags["values"]): Draft {
  const draft: Draft = {};
  const set = (
    target: string,
    ...names: ("debug" | "trace" | "traceVerbose")[]
  ) => {
    const on = values.get(target);
    if (typeof on === "boolean") { for (const name of names) draft[name] = on; }
  };
  set("debug", "debug");
  set("trace", "trace");
  set("debugAndTrace", "debug", "trace");
  set("debugAndVerboseTrace", "debug", "trace", "traceVerbose");
  set("verboseTrace", "trace", "traceVerbose");
  return draft;
}

/**
 * What the log says when a server starts.
 *
 * @module
 */

import {
  LARGE_PAYLOAD,
  type Options,
  type TrustedOperator,
} from "../config/mod.ts";
import { formatTimestamp, type Logger, quoteText } from "../log/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import { gitCommit, VERSION } from "./build.ts";

/** What the banner tells of a server. */
export interface BannerFacts {
  /** Empty when not clustered, or a leaf without a cluster of its own. */
  readonly cluster: string;
  readonly name: string;
  /** Hash of the name; empty without JetStream. */
  readonly node: string;
  readonly id: string;
  /** As configured. */
  readonly featureFlags: ReadonlyMap<string, boolean>;
  /** Default of every flag that this server knows. */
  readonly knownFlags: ReadonlyMap<string, boolean>;
}

/** The options that the banner speaks of. */
export type BannerOptions = Pick<
  Options,
  | "configFile"
  | "configDigest"
  | "trustedOperators"
  | "systemAccount"
  | "maxPayload"
  | "defaultJsDomain"
>;

/** The first lines of a log: which server this is. */
export function logBanner(log: Logger, facts: BannerFacts): void {
  log.notice("Starting nats-server");
  log.notice(`  Version:  ${VERSION}`);
  log.notice(`  Git:      [${gitCommit() || "not set"}]`);
  if (facts.cluster !== "") log.notice(`  Cluster:  ${facts.cluster}`);
  log.notice(`  Name:     ${facts.name}`);
  if (facts.node !== "") log.notice(`  Node:     ${facts.node}`);
  log.notice(`  ID:       ${facts.id}`);
  for (const line of featureFlagLines(facts)) log.notice(line);
}

/** Which configuration is in force, where it came from and what is unwise about it. */
export function logConfiguration(
  log: Logger,
  options: BannerOptions,
  clock: Pick<Clock, "utcOffset">,
): void {
  if (options.configFile !== "") {
    const digest = options.configDigest === ""
      ? ""
      : `(${options.configDigest})`;
    log.notice(`Using configuration file: ${options.configFile} ${digest}`);
  }
  logOperators(log, options.trustedOperators, clock);
  if (options.trustedOperators.length > 0 && options.systemAccount === "") {
    log.warn("Trusted Operators should utilize a System Account");
  }
  if (options.maxPayload > LARGE_PAYLOAD) {
    log.warn(
      "Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance",
    );
  }
  if (options.defaultJsDomain.size > 0) {
    log.warn(
      "The option `default_js_domain` is a temporary backwards compatibility measure " +
        "and will be removed",
    );
  }
}

/** Feature flags that the configuration mentions; nothing when it mentions none. */
function featureFlagLines(facts: BannerFacts): string[] {
  const names = [...facts.featureFlags.keys()].sort();
  if (names.length === 0) return [];
  const configured: string[] = [];
  const unsupported: string[] = [];
  for (const name of names) {
    const byDefault = facts.knownFlags.get(name);
    if (byDefault === undefined) unsupported.push(name);
    else {configured.push(
        `${name} (${
          flagState(byDefault, facts.featureFlags.get(name) ?? false)
        })`,
      );}
  }
  const lines = [
    "  Feature flags:",
    `    Configured:    ${configured.join(", ") || "none"}`,
  ];
  if (unsupported.length > 0) {
    lines.push(`    Unsupported:   ${unsupported.join(", ")}`);
  }
  return lines;
}

function flagState(byDefault: boolean, value: boolean): string {
  if (byDefault) return value ? "enabled" : "opt-out";
  return value ? "opt-in" : "disabled";
}

function logOperators(
  log: Logger,
  operators: readonly TrustedOperator[],
  clock: Pick<Clock, "utcOffset">,
): void {
  if (operators.length > 0) log.notice("Trusted Operators");
  for (const operator of operators) {
    const { audience, issuedAt } = operatorClaims(operator.jwt);
    const expires = operator.expires === 0
      ? "Never"
      : localTime(operator.expires, clock);
    log.notice(`  System  : ${quoteText(audience)}`);
    log.notice(`  Operator: ${quoteText(operator.name)}`);
    log.notice(`  Issued  : ${localTime(issuedAt, clock)}`);
    log.notice(`  Expires : ${expires}`);
  }
}

/** The claims of a (verified) operator JWT that only the banner shows. */
function operatorClaims(jwt: string): { audience: string; issuedAt: number } {
  const payload = (jwt.split(".")[1] ?? "").replaceAll("-", "+").replaceAll(
    "_",
    "/",
  );
  const claims: { aud?: unknown; iat?: unknown } = JSON.parse(atob(payload));
  return {
    audience: typeof claims.aud === "string" ? claims.aud : "",
    issuedAt: typeof claims.iat === "number" ? claims.iat : 0,
  };
}

/** Seconds since the Unix epoch as `2026-01-02 15:04:05 +0100 +01`. */
function localTime(seconds: number, clock: Pick<Clock, "utcOffset">): string {
  const at = seconds * 1000;
  const offset = clock.utcOffset(at);
  const digits = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const hours = (offset < 0 ? "-" : "+") + digits(Math.abs(offset) / 60);
  const minutes = digits(Math.abs(offset) % 60);
  const zone = offset === 0
    ? "UTC"
    : minutes === "00"
    ? hours
    : hours + minutes;
  const date = formatTimestamp(at, offset).replaceAll("/", "-");
  return `${date} ${hours}${minutes} ${zone}`;
}

/** What clients have to know of the listener that was opened for them. */
export function logClientTerms(
  logger: Logger,
  { proxyProtocol, tls, allowNonTls, ...options }: Options,
): void {
  if (proxyProtocol) {
    logger.notice("PROXY protocol enabled for client connections");
  }
  if (tls === undefined) return;
  const firstOnly = options.tlsHandshakeFirst &&
    options.tlsHandshakeFirstFallback === 0;
  logger.notice(
    `TLS ${
      allowNonTls && !firstOnly ? "available" : "required"
    } for client connections`,
  );
  if (firstOnly) {
    logger.warn(
      'Clients that are not using "TLS Handshake First" option will fail to connect',
    );
  }
}

/**
 * The frames that Go's syslog client sends, and where they go.
 *
 * @module
 */

import { LogOpenError } from "./open_error.ts";
import { quoteText } from "./quote.ts";
import { civilTime, pad } from "./timestamp.ts";

/** Severities of syslog (RFC 5424, 6.2.1). */
export const Severity = {
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  debug: 7,
} as const;
export type Severity = typeof Severity[keyof typeof Severity];

/** Facilities: Go's server says `daemon` locally but leaves `kern` for remote hosts. */
export const Facility = { kern: 0, daemon: 3 } as const;
export type Facility = typeof Facility[keyof typeof Facility];

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** What stays the same for all frames of a connection. */
export interface FrameOptions {
  readonly facility: Facility;
  /** Program name. */
  readonly tag: string;
  readonly pid: number;
  /** Absent for a daemon on this machine, which knows its own name. */
  readonly hostname?: string;
}

/**
 * `<PRI>TIME HOST TAG[PID]: TEXT\n`. Frames for this machine have no host and
 * the time as `Jan _2 15:04:05`; others have it as RFC 3339.
 *
 * @param at ms since the Unix epoch
 * @param offset minutes that local time is ahead of UTC
 */
export function syslogFrame(
  options: FrameOptions,
  severity: Severity,
  text: string,
  at: number,
  offset: number,
): string {
  const priority = options.facility * 8 + severity;
  const source = `${options.tag}[${options.pid}]`;
  const end = text.endsWith("\n") ? "" : "\n";
  const header = options.hostname === undefined
    ? stamp(at, offset)
    : `${rfc3339(at, offset)} ${options.hostname}`;
  return `<${priority}>${header} ${source}: ${text}${end}`;
}

/** A syslog daemon on another host, or behind a unix socket. */
export type SyslogTarget =
  | {
    readonly network: "udp" | "tcp";
    readonly host: string;
    readonly port: number;
  }
  | { readonly network: "unix"; readonly path: string };

/** Reads `udp://host:port`, `tcp://host:port` or `unix:///path`. @throws LogOpenError */
export function parseSyslogTarget(url: string): SyslogTarget {
  const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)/
    .exec(url);
  const [, scheme = "", authority = "", path = ""] = parts ?? [];
  const network = scheme.toLowerCase();
  if (network === "unix") return { network, path };
  if (network !== "udp" && network !== "tcp") {
    throw new LogOpenError(`error invalid network type: ${quoteText(network)}`);
  }
  const address = /^(?:.*@)?(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(authority);
  if (address === null) {
    const reason =
      `dial ${network}: address ${authority}: missing port in address`;
    throw new LogOpenError(`error connecting to syslog: ${quoteText(reason)}`);
  }
  const [, ipv6, name = "", port] = address;
  return { network, host: ipv6 ?? name, port: Number(port) };
}

function stamp(at: number, offset: number): string {
  const t = civilTime(at, offset);
  const month = MONTHS.slice(Number(t.month) * 3 - 3, Number(t.month) * 3);
  return `${month} ${
    String(Number(t.day)).padStart(2)
  } ${t.hour}:${t.minute}:${t.second}`;
}

function rfc3339(at: number, offset: number): string {
  const t = civilTime(at, offset);
  const ahead = Math.abs(offset);
  const zone = offset === 0
    ? "Z"
    : `${offset < 0 ? "-" : "+"}${pad(Math.floor(ahead / 60), 2)}:${
      pad(ahead % 60, 2)
    }`;
  return `${t.year}-${t.month}-${t.day}T${t.hour}:${t.minute}:${t.second}${zone}`;
}

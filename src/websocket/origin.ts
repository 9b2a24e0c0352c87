/**
 * From which pages browsers may connect.
 *
 * @module
 */

import { quoteText } from "../log/mod.ts";
import { header, type RequestHead } from "./request.ts";

/** Scheme, host in lower case, and port. */
export interface Origin {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

/** Which origins are welcome. */
export interface OriginRules {
  readonly sameOrigin: boolean;
  /** Empty: any. */
  readonly allowedOrigins: readonly Origin[];
}

/** Reads an origin; a text if it is none, which says why. */
export function parseOrigin(text: string): Origin | string {
  const match = /^(?:([A-Za-z][-+.A-Za-z0-9]*):)?(\/\/([^/?#]*))?/.exec(text);
  const scheme = match?.[1]?.toLowerCase() ?? "";
  const isAbsolute = scheme !== "" || text.startsWith("/");
  if (!isAbsolute || /[\s\\]/.test(text)) {
    return `parse ${quoteText(text)}: ${
      text === "" ? "empty url" : "invalid URI for request"
    }`;
  }
  const authority = match?.[3] ?? "";
  const place = splitHostPort(
    authority.slice(authority.lastIndexOf("@") + 1),
    scheme === "https",
  );
  return typeof place === "string" ? place : { scheme, ...place };
}

/** Why a request's origin is not welcome; undefined if it is, or is not told. */
export function originProblem(
  request: Pick<RequestHead, "headers" | "host">,
  secure: boolean,
  { sameOrigin, allowedOrigins }: OriginRules,
): string | undefined {
  if (!sameOrigin && allowedOrigins.length === 0) return undefined;
  const text = header(request, "origin") ||
    header(request, "sec-websocket-origin");
  // Who is no browser could say anything, so that asking proves nothing.
  if (text === "") return undefined;
  const origin = parseOrigin(text);
  if (typeof origin === "string") return origin;
  if (sameOrigin) {
    const own = splitHostPort(request.host, secure);
    if (typeof own === "string") return own;
    const same = isSame(origin, { scheme: secure ? "https" : "http", ...own });
    if (!same) return "not same origin";
  }
  const allowed = allowedOrigins.length === 0 ||
    allowedOrigins.some((other) => isSame(origin, other));
  return allowed ? undefined : "not in the allowed list";
}

function isSame(a: Origin, b: Origin): boolean {
  return a.scheme === b.scheme && a.host === b.host && a.port === b.port;
}

/** Host and port, which the scheme tells if it is left out. */
function splitHostPort(
  text: string,
  secure: boolean,
): { readonly host: string; readonly port: string } | string {
  const bracketed = /^\[([^\]]*)\]:(.*)$/.exec(text);
  const [, host, port] = bracketed ?? /^([^:]*):([^:]*)$/.exec(text) ?? [];
  if (host !== undefined && port !== undefined) {
    return { host: host.toLowerCase(), port };
  }
  if (/:.*:/.test(text) && !/^\[[^\]]*\]$/.test(text)) {
    return `address ${text}: too many colons in address`;
  }
  return { host: text.toLowerCase(), port: secure ? "443" : "80" };
}

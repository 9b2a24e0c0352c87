/**
 * Whether a request may become a WebSocket, and on what terms.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { WebsocketOptions } from "../config/mod.ts";
import { parseIpAddress } from "../connection/mod.ts";
import {
  type CookieNames,
  readCookies,
  type WebCredentials,
} from "./cookies.ts";
import { originProblem, type OriginRules, parseOrigin } from "./origin.ts";
import { hasToken, header, type RequestHead, trim } from "./request.ts";

/** Makes answers distinguishable from those of servers that understand nothing. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const EXTENSION = "permessage-deflate";

/** What the server offers. */
export interface UpgradeTerms extends OriginRules {
  readonly compression: boolean;
  /** Lines that are added to the answer. */
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: CookieNames;
  /** Whether connections are encrypted. */
  readonly secure: boolean;
  /** Whether MQTT is served. */
  readonly mqtt: boolean;
}

/** Which protocol the path asks for. */
export type PathKind = "client" | "leafnode" | "mqtt";

/** What was agreed on with one peer. */
export interface Agreement {
  readonly kind: PathKind;
  readonly compression: boolean;
  /** Whether the peer masks its frames. */
  readonly masked: boolean;
  readonly browser: boolean;
  /** Whether compressed messages must come in one frame. */
  readonly wholeCompressed: boolean;
  /** IP address of the client that a proxy told; empty: none. */
  readonly forwardedFor: string;
  readonly credentials: WebCredentials;
  /** Head of the answer. */
  readonly answer: string;
}

/** A request that is answered with an error. */
export interface Refused {
  readonly status: 400 | 403 | 404 | 405;
  /** For the log. */
  readonly reason: string;
}

/** The terms that options ask for. */
export function serverTerms(
  options: WebsocketOptions,
  mqtt: boolean,
): UpgradeTerms {
  return {
    compression: options.compression,
    headers: options.headers,
    cookies: options,
    secure: options.tls !== undefined,
    mqtt,
    sameOrigin: options.sameOrigin,
    allowedOrigins: options.allowedOrigins.map(parseOrigin)
      .filter((origin) => typeof origin !== "string"),
  };
}

/** Applies the terms to a request. */
export function negotiate(
  request: RequestHead,
  terms: UpgradeTerms,
): Agreement | Refused {
  const kind = pathKind(request.path);
  const refused = refusal(request, kind, terms);
  if (refused !== undefined) return refused;
  const agent = header(request, "user-agent");
  const browser = kind !== "leafnode" && agent.startsWith("Mozilla/");
  const compression = terms.compression && offersCompression(request);
  const masked = header(request, "nats-no-masking") !== "true";
  const forwarded = header(request, "x-forwarded-for");
  return {
    kind,
    compression,
    masked,
    browser,
    // Safari, and not Chrome, which says that it was Safari too.
    wholeCompressed: compression && browser && agent.includes("Version/") &&
      agent.includes("Safari/"),
    forwardedFor: parseIpAddress(forwarded) === null ? "" : forwarded,
    credentials: readCookies(request, terms.cookies),
    answer: answer(request, { kind, compression, masked }, terms),
  };
}

function pathKind(path: string): PathKind {
  if (path.endsWith("/leafnode")) return "leafnode";
  return path.endsWith("/mqtt") ? "mqtt" : "client";
}

/** The checks of RFC 6455, section 4.2.1, and the order in which Go makes them. */
function refusal(
  request: RequestHead,
  kind: PathKind,
  terms: UpgradeTerms,
): Refused | undefined {
  if (kind === "mqtt" && !terms.mqtt) {
    return { status: 404, reason: "mqtt websocket endpoint not enabled" };
  }
  if (request.method !== "GET") {
    return { status: 405, reason: "request method must be GET" };
  }
  const reason = headerProblem(request);
  if (reason !== undefined) return { status: 400, reason };
  const origin = originProblem(request, terms.secure, terms);
  return origin === undefined
    ? undefined
    : { status: 403, reason: `origin not allowed: ${origin}` };
}

function headerProblem(request: RequestHead): string | undefined {
  if (request.host === "") return "'Host' missing in request";
  if (!hasToken(request, "upgrade", "websocket")) {
    return "invalid value for header 'Upgrade'";
  }
  if (!hasToken(request, "connection", "upgrade")) {
    return "invalid value for header 'Connection'";
  }
  const key = header(request, "sec-websocket-key");
  if (key === "") return "key missing";
  // Base64 of 16 bytes.
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) return "invalid websocket key";
  return hasToken(request, "sec-websocket-version", "13")
    ? undefined
    : "invalid version";
}

/** Whether an offer names the extension; its parameters are ours to choose. */
function offersCompression({ headers }: RequestHead): boolean {
  return (headers.get("sec-websocket-extensions") ?? []).some((offers) =>
    offers.split(/[,;]/).some((part) => trim(part).toLowerCase() === EXTENSION)
  );
}

function answer(
  request: RequestHead,
  { kind, compression, masked }: Pick<
    Agreement,
    "kind" | "compression" | "masked"
  >,
  { headers }: UpgradeTerms,
): string {
  const accept = createHash("sha1")
    .update(header(request, "sec-websocket-key") + GUID).digest("base64");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    ...(compression
      ? [
        `Sec-WebSocket-Extensions: ${EXTENSION}; ` +
        "server_no_context_takeover; client_no_context_takeover",
      ]
      : []),
    ...(masked ? [] : ["Nats-No-Masking: true"]),
    ...(kind === "mqtt" ? ["Sec-Websocket-Protocol: mqtt"] : []),
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

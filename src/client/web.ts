/**
 * What clients bring along that come over WebSocket.
 *
 * @module
 */

import type { TlsState } from "../runtime/mod.ts";
import type { ClientSession } from "./session.ts";

/** Settled by HTTP before the session begins. */
export interface WebOrigin {
  /** IP address of the client as a proxy told it, for logs only; empty: none. */
  readonly forwardedFor: string;
  /** What cookies told; empty: nothing. */
  readonly credentials: {
    readonly jwt: string;
    readonly user: string;
    readonly pass: string;
    readonly token: string;
  };
  /** Null without TLS. */
  readonly tls: TlsState | null;
}

/** Where clients reach the server by WebSocket. */
export interface WebAddress {
  readonly host: string;
  readonly port: number;
  /** Whether it takes TLS. */
  readonly secure: boolean;
  /** `host:port` of all addresses, as other servers would tell them. */
  readonly urls: readonly string[];
}

/** Lets cookies tell what CONNECT left out. */
export function applyCookies({ connect, web }: ClientSession): void {
  if (web === null) return;
  const { jwt, user, pass, token } = web.credentials;
  connect.jwt ||= jwt;
  connect.user ||= user;
  connect.pass ||= pass;
  connect.auth_token ||= token;
}

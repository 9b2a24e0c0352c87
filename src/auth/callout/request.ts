/**
 * What an external authentication service is asked.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { TlsState } from "../../runtime/mod.ts";
import type { AuthRequest, JwtOrigin } from "../identity.ts";

/** Where the service listens, in its account. */
export const CALLOUT_SUBJECT = "$SYS.REQ.USER.AUTH";
/** Audience of the request. */
export const CALLOUT_AUDIENCE = "nats-authorization-request";
/** Header with the key for an encrypted answer. */
export const XKEY_HEADER = "Nats-Server-Xkey";

/** Who asks. */
export interface ServerIdentity {
  readonly name: string;
  readonly host: string;
  readonly id: string;
  readonly version: string;
  readonly cluster: string;
  readonly tags: readonly string[];
}

/** Whom a service is asked about. */
export interface CalloutRequest extends AuthRequest {
  /** The JWT that led to the service, where JWTs do. */
  readonly jwt: JwtOrigin | null;
}

/**
 * The particular part of the request's claims.
 * @param userKey key that the answer must be about
 * @param xkey key of the server for encrypted answers, or empty
 * @param chains DER of the chains that the client's certificate was verified by
 */
export function requestClaims(
  request: CalloutRequest,
  { server, userKey, xkey, chains }: {
    server: ServerIdentity;
    userKey: string;
    xkey: string;
    chains: readonly (readonly Uint8Array[])[];
  },
): Record<string, unknown> {
  const { connect, tls } = request;
  return {
    server_id: present({ ...server, xkey }),
    user_nkey: userKey,
    client_info: clientInfo(request),
    connect_opts: {
      ...present({
        jwt: connect.jwt,
        nkey: connect.nkey,
        sig: connect.sig,
        auth_token: connect.auth_token,
        user: connect.user,
        pass: connect.pass,
        name: connect.name,
        lang: connect.lang,
        version: connect.version,
      }),
      protocol: connect.protocol,
    },
    ...(tls === null ? {} : { client_tls: clientTls(tls, chains) }),
    type: "authorization_request",
    version: 2,
  };
}

function clientInfo(
  { connect, connectionType, host, id, nonce, jwt }: CalloutRequest,
): Record<string, unknown> {
  const { nkey, user, auth_token, name, sig } = connect;
  const token = auth_token === "" ? "" : "[REDACTED]";
  const types = { WEBSOCKET: "websocket", MQTT: "mqtt", MQTT_WS: "mqtt" };
  const type = Object.entries(types).find(([key]) => key === connectionType);
  return present({
    host,
    id,
    user: nkey || user || (connect.jwt === "" ? token : jwt?.user ?? ""),
    name,
    tags: jwt?.tags ?? [],
    name_tag: jwt?.name ?? "",
    kind: "Client",
    type: type?.[1] ?? "nats",
    nonce: sig === "" ? "" : nonce,
  });
}

function clientTls(
  { version, cipherSuite, peerCertificates }: TlsState,
  chains: readonly (readonly Uint8Array[])[],
): Record<string, unknown> {
  return present({
    version,
    cipher: cipherSuite,
    certs: chains.length > 0 ? [] : peerCertificates.map(({ raw }) => pem(raw)),
    verified_chains: chains.map((chain) => chain.map(pem)),
  });
}

function pem(der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g) ?? [];
  return [
    "-----BEGIN CERTIFICATE-----",
    ...lines,
    "-----END CERTIFICATE-----",
    "",
  ].join("\n");
}

/** The fields that say something. */
function present(
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) =>
      value !== "" && !(Array.isArray(value) && value.length === 0)
    ),
  );
}

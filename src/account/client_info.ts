/**
 * What services are told of those who use them.
 *
 * @module
 */

import { encodeGoJson } from "../protocol/mod.ts";

/** Header in which requests carry a {@link ClientInfo} to services of other accounts. */
export const CLIENT_INFO_HEADER = "Nats-Request-Info";

/** A client; field names and order are those of the JSON. */
export interface ClientInfo {
  /** Wall time of the connect, RFC 3339. */
  start?: string;
  host?: string;
  id?: number;
  /** Account. */
  acc?: string;
  /** Account by way of which a request came, when it passed several. */
  svc?: string;
  user?: string;
  name?: string;
  lang?: string;
  ver?: string;
  /** Round-trip time, nanoseconds. */
  rtt?: number;
  server?: string;
  cluster?: string;
  jwt?: string;
  issuer_key?: string;
  name_tag?: string;
  tags?: readonly string[];
  kind?: string;
  client_type?: string;
  /** What the service would not find in the reply subject that it sees. */
  reply?: string;
}

const ORDER: readonly (keyof ClientInfo)[] = [
  "start",
  "host",
  "id",
  "acc",
  "svc",
  "user",
  "name",
  "lang",
  "ver",
  "rtt",
  "server",
  "cluster",
  "jwt",
  "issuer_key",
  "name_tag",
  "tags",
  "kind",
  "client_type",
  "reply",
];

/** Fields in order, without empty ones: what goes into JSON. */
export function presentFields(info: ClientInfo): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of ORDER) {
    const value = info[name];
    const empty = value === undefined || value === "" || value === 0 ||
      (Array.isArray(value) && value.length === 0);
    if (!empty) fields[name] = value;
  }
  return fields;
}

/** The JSON of the header. */
export function encodeClientInfo(info: ClientInfo): string {
  return encodeGoJson(presentFields(info));
}

/** Milliseconds as the whole nanoseconds of JSON. */
export function toNanos(milliseconds: number): number {
  return Math.round(milliseconds * 1e6);
}

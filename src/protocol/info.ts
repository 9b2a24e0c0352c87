/**
 * The INFO op: what a server tells of itself.
 *
 * @module
 */

import { encodeGoJson } from "./json.ts";

/**
 * Fields of an INFO to clients, in wire order. Those that are optional are
 * left out when they are false, zero or empty.
 */
export interface Info {
  server_id: string;
  server_name: string;
  version: string;
  proto: number;
  git_commit?: string;
  go: string;
  host: string;
  port: number;
  headers: boolean;
  auth_required?: boolean;
  tls_required?: boolean;
  tls_verify?: boolean;
  tls_available?: boolean;
  max_payload: number;
  jetstream?: boolean;
  ip?: string;
  client_id?: number;
  client_ip?: string;
  nonce?: string;
  cluster?: string;
  cluster_dynamic?: boolean;
  domain?: string;
  connect_urls?: readonly string[];
  ldm?: boolean;
  connect_info?: boolean;
  remote_account?: string;
  acc_is_sys?: boolean;
  api_lvl?: number;
  xkey?: string;
}

/** Keys in the order in which the Go server writes them. */
const ORDER: readonly (keyof Info)[] = [
  "server_id",
  "server_name",
  "version",
  "proto",
  "git_commit",
  "go",
  "host",
  "port",
  "headers",
  "auth_required",
  "tls_required",
  "tls_verify",
  "tls_available",
  "max_payload",
  "jetstream",
  "ip",
  "client_id",
  "client_ip",
  "nonce",
  "cluster",
  "cluster_dynamic",
  "domain",
  "connect_urls",
  "ldm",
  "connect_info",
  "remote_account",
  "acc_is_sys",
  "api_lvl",
  "xkey",
];

/** Always present, even when zero. */
const MANDATORY: ReadonlySet<keyof Info> = new Set([
  "server_id",
  "server_name",
  "version",
  "proto",
  "go",
  "host",
  "port",
  "headers",
  "max_payload",
]);

/** The INFO line, with the blank that the Go server leaves before CR LF. */
export function encodeInfo(info: Info): string {
  return `INFO ${encodeGoJson(wireFields(info))} \r\n`;
}

function wireFields(info: Info): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of ORDER) {
    const value = info[key];
    if (MANDATORY.has(key) || !isEmpty(value)) fields[key] = value;
  }
  return fields;
}

function isEmpty(value: Info[keyof Info]): boolean {
  return value === undefined || value === false || value === 0 ||
    value === "" || (Array.isArray(value) && value.length === 0);
}

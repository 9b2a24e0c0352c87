/**
 * Certificates that ask to be used with a stapled OCSP response only
 * (RFC 7633).
 *
 * @module
 */

import type { TlsIdentity } from "../runtime/tls_port.ts";
import { decodeBase64 } from "./base64.ts";

/** DER of the object identifier of the TLS features, 1.3.6.1.5.5.7.1.24. */
const TLS_FEATURES = [6, 8, 0x2b, 6, 1, 5, 5, 7, 1, 0x18];
/** DER of the number of the feature `status_request`. */
const STATUS_REQUEST = [2, 1, 5];

/** Whether the certificate itself (not its chain) demands a staple. */
export function demandsStaple({ cert }: TlsIdentity): boolean {
  const [, body = ""] =
    /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(cert) ??
      [];
  const der = decodeBase64(body.replace(/\s/g, "")) ?? new Uint8Array(0);
  const at = indexOf(der, TLS_FEATURES);
  if (at < 0) return false;
  // Behind it: possibly a flag of three bytes, then the list in its wrapping.
  const start = at + TLS_FEATURES.length;
  const value = der.subarray(start + (der[start] === 1 ? 3 : 0));
  const length = value[1] ?? 0;
  return indexOf(value.subarray(2, 2 + length), STATUS_REQUEST) >= 0;
}

function indexOf(bytes: Uint8Array, wanted: readonly number[]): number {
  for (let at = 0; at <= bytes.length - wanted.length; at++) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

/**
 * Writing JWTs that the server itself signs.
 *
 * @module
 */

import { sha512_256 } from "@noble/hashes/sha2.js";
import { encodeBase64Url } from "../../config/mod.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The common part of claims; times are seconds since the epoch. */
export interface CommonClaims {
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
  readonly iss: string;
  readonly sub: string;
}

/** A JWT of `nats` claims. @param sign signs with the key of the issuer */
export function encodeJwt(
  { aud, exp, iat, iss, sub }: CommonClaims,
  nats: Readonly<Record<string, unknown>>,
  sign: (message: Uint8Array) => Uint8Array,
): string {
  const encoder = new TextEncoder();
  const chunk = (value: unknown) =>
    encodeBase64Url(encoder.encode(JSON.stringify(value)));
  const hashed = encoder.encode(JSON.stringify({ aud, exp, iat, iss, sub }));
  const jti = base32(sha512_256(hashed));
  const header = chunk({ typ: "JWT", alg: "ed25519-nkey" });
  const payload = chunk({ aud, exp, jti, iat, iss, sub, nats });
  const signed = `${header}.${payload}`;
  return `${signed}.${encodeBase64Url(sign(encoder.encode(signed)))}`;
}

/** Base32 without padding. */
function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = (pending << 8 | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) {
      text += LETTERS.charAt(pending >> bits - 5 & 31);
    }
  }
  return bits === 0 ? text : text + LETTERS.charAt(pending << 5 - bits & 31);
}

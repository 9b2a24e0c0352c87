/**
 * Signatures of certificates and of what authorities say of them, over the
 * platform's crypto. Pure functions, and therefore no port.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createPublicKey, verify } from "node:crypto";

/** Digests by the object identifier of a signature algorithm; null: the algorithm has its own. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.5": "sha1",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.1": "sha1",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null,
};

/**
 * Whether the owner of a key signed `message`; what is malformed was not.
 * @param publicKeyInfo DER of a SubjectPublicKeyInfo
 * @param algorithm object identifier in dotted form
 */
export function verifySignature(
  publicKeyInfo: Uint8Array,
  algorithm: string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const digest = DIGESTS[algorithm];
  if (digest === undefined) return false;
  try {
    const key = createPublicKey({
      key: Buffer.from(publicKeyInfo),
      format: "der",
      type: "spki",
    });
    return verify(digest, message, key, signature);
  } catch {
    return false;
  }
}

/** SHA-1, by which requests to responders name an authority. */
export function sha1(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha1").update(bytes).digest());
}

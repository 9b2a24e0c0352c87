/**
 * Ed25519 over the platform's crypto. Pure functions, and therefore no port:
 * a simulated server uses the same ones.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

/** DER in front of the 32 bytes of a public key (SubjectPublicKeyInfo). */
const PUBLIC_KEY_PREFIX = Uint8Array.of(
  ...[48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0],
);
/** DER in front of the 32 bytes of a seed (PKCS #8). */
const SEED_PREFIX = Uint8Array.of(
  ...[48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32],
);

/** Bytes of a key, public or seed. */
const KEY_SIZE = 32;

/** Whether the owner of `publicKey` (32 bytes) signed `message`; malformed input was not signed. */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== KEY_SIZE) return false;
  const key = createPublicKey({
    key: der(PUBLIC_KEY_PREFIX, publicKey),
    format: "der",
    type: "spki",
  });
  return verify(null, message, key, signature);
}

/** Signs with the private key that grows from `seed` (32 bytes); returns 64 bytes. */
export function signEd25519(
  seed: Uint8Array,
  message: Uint8Array,
): Uint8Array {
  if (seed.length !== KEY_SIZE) {
    throw new RangeError(
      `seed has ${seed.length} bytes instead of ${KEY_SIZE}`,
    );
  }
  const key = createPrivateKey({
    key: der(SEED_PREFIX, seed),
    format: "der",
    type: "pkcs8",
  });
  return new Uint8Array(sign(null, message, key));
}

function der(prefix: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.concat([prefix, key]);
}

/**
 * Ed25519, and public keys of X25519, over the platform's crypto. Pure functions, and therefore no port:
 * a simulated server uses the same ones.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** DER in front of the 32 bytes of a public key (SubjectPublicKeyInfo). */
const PUBLIC_KEY_PREFIX = Uint8Array.of(
  ...[48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0],
);
/** DER in front of the 32 bytes of a seed (PKCS #8), by the last part of the curve's object identifier. */
const seedPrefix = (curve: number) =>
  Uint8Array.of(
    ...[48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, curve, 4, 34, 4, 32],
  );
const ED25519_SEED_PREFIX = seedPrefix(112);
const X25519_SEED_PREFIX = seedPrefix(110);

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
  const key = privateKey(ED25519_SEED_PREFIX, seed);
  return new Uint8Array(sign(null, message, key));
}

/** The public key (32 bytes) to the private one that grows from `seed` (32 bytes). */
export function publicEd25519(seed: Uint8Array): Uint8Array {
  return publicKey(privateKey(ED25519_SEED_PREFIX, seed));
}

/** The public key (32 bytes) to a private one (32 bytes) of Diffie-Hellman's exchange. */
export function publicX25519(key: Uint8Array): Uint8Array {
  return publicKey(privateKey(X25519_SEED_PREFIX, key));
}

function privateKey(prefix: Uint8Array, seed: Uint8Array): KeyObject {
  if (seed.length !== KEY_SIZE) {
    throw new RangeError(
      `seed has ${seed.length} bytes instead of ${KEY_SIZE}`,
    );
  }
  return createPrivateKey({
    key: der(prefix, seed),
    format: "der",
    type: "pkcs8",
  });
}

function publicKey(key: KeyObject): Uint8Array {
  const exported = createPublicKey(key).export({ format: "der", type: "spki" });
  return new Uint8Array(exported.subarray(-KEY_SIZE));
}

function der(prefix: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.concat([prefix, key]);
}

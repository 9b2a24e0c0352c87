/**
 * Signatures over the nonce of a connection, by users and by proxies.
 *
 * @module
 */

import {
  decodeBase64,
  decodeBase64Url,
  publicKeyBytes,
} from "../config/mod.ts";
import { verifyEd25519 } from "../runtime/mod.ts";

/** Whether the holder of the key (text form) signed `nonce`. */
export function signedNonce(
  publicKey: string,
  signature: Uint8Array,
  nonce: string,
): boolean {
  const key = publicKeyBytes(publicKey);
  // Without a nonce of the server's there is nothing that a signature proves.
  return key !== undefined && nonce !== "" &&
    verifyEd25519(key, new TextEncoder().encode(nonce), signature);
}

/** Why the signature of a CONNECT does not prove the key, or undefined when it does. */
export function signatureProblem(
  publicKey: string,
  signature: string,
  nonce: string,
): string | undefined {
  if (signature === "") return "Signature missing";
  const bytes = decodeBase64Url(signature) ?? decodeBase64(signature);
  if (bytes === undefined) return "Signature not valid base64";
  if (publicKeyBytes(publicKey) === undefined) {
    return "User nkey not valid: nkeys: invalid public key";
  }
  return signedNonce(publicKey, bytes, nonce)
    ? undefined
    : "Signature not verified";
}

/**
 * Base64 that refuses what it can't read, unlike the platform's decoder.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Reads base64url without padding; undefined when the text is malformed. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const chars = text.replace(/[\r\n]/g, "");
  if (!/^[\w-]*$/.test(chars) || chars.length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(chars, "base64url"));
}

/** Where base64url without padding that can't be read goes wrong: an offset. */
export function base64UrlFault(text: string): number {
  const stranger = text.search(/[^\w\r\n-]/);
  return stranger < 0 ? text.length - 1 : stranger;
}

/** Reads base64 with padding; undefined when the text is malformed. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const chars = text.replace(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(chars) || chars.length % 4 !== 0) {
    return undefined;
  }
  return new Uint8Array(Buffer.from(chars, "base64"));
}

/** Base64url without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** Base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

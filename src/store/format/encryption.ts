/**
 * Encryption at rest.
 *
 * Every asset (a stream, a block, a consumer) has a random key of its own, the
 * seed. Its key file holds the seed, sealed under a key that is derived from
 * the server's secret and the asset's context:
 *
 * ```
 * key file    nonce, sealed seed (32 bytes), tag (16 bytes)
 * meta.inf, o.dat, index.db    nonce, sealed content, tag; under the seed
 * N.blk       content XOR a stream of the seed and the nonce of the key file
 * ```
 *
 * Sealing is XChaCha20-Poly1305 or AES-256-GCM, and blocks are XChaCha20 or
 * AES-256-CTR: nonces of 24 or 16 bytes. XChaCha20 is done as ChaCha20, which
 * the platform has, under a derived key.
 *
 * @module
 */

import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { finish, type Work } from "../../connection/mod.ts";
import { DecodeError } from "./decode_error.ts";
import { hchacha20 } from "./hchacha20.ts";

/** Names of the ciphers as a configuration has them. */
export type StoreCipher = "chacha" | "aes";

/** Bytes of a key. */
export const SEED_SIZE = 32;
const TAG_SIZE = 16;
/** The smallest key file there can be, bytes. */
const KEY_FILE_SIZE_MIN = 64;
/** The part of a long nonce that goes into the key. */
const DERIVING_SIZE = 16;
/** Bytes that are sealed or opened between two rests. */
const PORTION = 256 * 1024;
const CHACHA_BLOCK_SIZE = 64;
const AES_BLOCK_SIZE = 16;

/** Bytes of a nonce. */
export const NONCE_SIZES: Readonly<Record<StoreCipher, number>> = {
  chacha: 24,
  aes: 16,
};

const BAD_KEY_SIZE = "encryption bad key size";
const NOT_AUTHENTIC: Readonly<Record<StoreCipher, string>> = {
  chacha: "chacha20poly1305: message authentication failed",
  aes: "cipher: message authentication failed",
};

/** What a key file gives. */
export interface AssetKey {
  readonly seed: Uint8Array;
  /** Of the key file; blocks are encrypted with it, too. */
  readonly nonce: Uint8Array;
}

/** What keys are derived for. */
export const keyContext = {
  stream: (stream: string): string => stream,
  block: (stream: string, block: number): string => `${stream}:${block}`,
  consumer: (stream: string, consumer: string): string =>
    `${stream}.${consumer}`,
};

/** The key under which the key file of an asset is sealed. */
export function deriveKey(
  secret: string,
  account: string,
  context: string,
): Uint8Array {
  return createHmac("sha256", secret).update(account).update(context).digest();
}

/** The key file of an asset: its key, sealed under `kek`. */
export function sealKey(
  cipher: StoreCipher,
  kek: Uint8Array,
  key: AssetKey,
): Uint8Array {
  return seal(cipher, kek, key.nonce, key.seed);
}

/**
 * Reads a key file.
 * @throws DecodeError
 */
export function openKey(
  cipher: StoreCipher,
  kek: Uint8Array,
  file: Uint8Array,
): AssetKey {
  if (file.length < KEY_FILE_SIZE_MIN) throw new DecodeError(BAD_KEY_SIZE);
  const seed = open(cipher, kek, file);
  if (seed.length !== SEED_SIZE) throw new DecodeError(BAD_KEY_SIZE);
  return { seed, nonce: file.slice(0, NONCE_SIZES[cipher]) };
}

/**
 * Encrypts a whole file.
 * @param nonce random, never used before with this key
 * @returns nonce, encrypted content, tag
 */
export function seal(
  cipher: StoreCipher,
  key: Uint8Array,
  nonce: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  return finish(sealing(cipher, key, nonce, content));
}

/** The same, step by step. */
export function* sealing(
  cipher: StoreCipher,
  key: Uint8Array,
  nonce: Uint8Array,
  content: Uint8Array,
): Work<Uint8Array> {
  const sealed = new Uint8Array(nonce.length + content.length + TAG_SIZE);
  const work = cipher === "aes"
    ? createCipheriv("aes-256-gcm", key, nonce)
    : createCipheriv("chacha20-poly1305", derived(key, nonce), short(nonce), {
      authTagLength: TAG_SIZE,
    });
  sealed.set(nonce);
  const target = sealed.subarray(nonce.length);
  yield* inPortions(content, (each) => work.update(each), target);
  // Neither cipher holds anything back; this makes the tag.
  work.final();
  sealed.set(work.getAuthTag(), nonce.length + content.length);
  return sealed;
}

/**
 * The content of a sealed file.
 * @throws DecodeError when it was not sealed so, or changed since
 */
export function open(
  cipher: StoreCipher,
  key: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  return finish(opening(cipher, key, sealed));
}

/** The same, step by step. @throws DecodeError */
export function* opening(
  cipher: StoreCipher,
  key: Uint8Array,
  sealed: Uint8Array,
): Work<Uint8Array> {
  const start = NONCE_SIZES[cipher];
  const end = sealed.length - TAG_SIZE;
  if (end < start) throw new DecodeError(NOT_AUTHENTIC[cipher]);
  const nonce = sealed.subarray(0, start);
  const work = cipher === "aes"
    ? createDecipheriv("aes-256-gcm", key, nonce)
    : createDecipheriv("chacha20-poly1305", derived(key, nonce), short(nonce), {
      authTagLength: TAG_SIZE,
    });
  try {
    work.setAuthTag(sealed.subarray(end));
    const content = new Uint8Array(end - start);
    const other = sealed.subarray(start, end);
    yield* inPortions(other, (each) => work.update(each), content);
    work.final();
    return content;
  } catch (error) {
    throw new DecodeError(NOT_AUTHENTIC[cipher], { cause: error });
  }
}

/** Puts the other form of some bytes where it belongs. */
function* inPortions(
  bytes: Uint8Array,
  update: (portion: Uint8Array) => Uint8Array,
  target: Uint8Array,
): Work<void> {
  for (let at = 0; at < bytes.length; at += PORTION) {
    if (at > 0) yield;
    target.set(update(bytes.subarray(at, at + PORTION)), at);
  }
}

/** Encrypts and decrypts a block, which is the same, from any position on. */
export class BlockCipher {
  readonly #cipher: StoreCipher;
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;

  constructor(cipher: StoreCipher, { seed, nonce }: AssetKey) {
    this.#cipher = cipher;
    this.#key = cipher === "aes" ? seed : derived(seed, nonce);
    this.#nonce = nonce;
  }

  /** The other form of `bytes`, which are those of the block from `offset` on. */
  apply(bytes: Uint8Array, offset: number): Uint8Array {
    const aes = this.#cipher === "aes";
    const blockSize = aes ? AES_BLOCK_SIZE : CHACHA_BLOCK_SIZE;
    const block = Math.floor(offset / blockSize);
    const work = aes
      ? createCipheriv("aes-256-ctr", this.#key, aesCounter(this.#nonce, block))
      : createCipheriv("chacha20", this.#key, chachaStart(this.#nonce, block));
    work.update(new Uint8Array(offset % blockSize));
    const other = work.update(bytes);
    // Adds nothing, but frees what the platform holds.
    work.final();
    return new Uint8Array(other.buffer, other.byteOffset, other.length);
  }
}

/** The key of ChaCha20 that makes it XChaCha20. */
function derived(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  return hchacha20(key, nonce.subarray(0, DERIVING_SIZE));
}

/** The nonce of ChaCha20 that makes it XChaCha20: 12 bytes. */
function short(nonce: Uint8Array): Uint8Array {
  const rest = new Uint8Array(12);
  rest.set(nonce.subarray(DERIVING_SIZE), 4);
  return rest;
}

/** What ChaCha20 starts with: its counter, little-endian, and the nonce. */
function chachaStart(nonce: Uint8Array, block: number): Uint8Array {
  const start = new Uint8Array(16);
  start.set(short(nonce), 4);
  new DataView(start.buffer).setUint32(0, block, true);
  return start;
}

/** The nonce plus `block`, as one number of 128 bits, big-endian. */
function aesCounter(nonce: Uint8Array, block: number): Uint8Array {
  const counter = nonce.slice();
  let carry = block;
  for (let i = counter.length - 1; i >= 0 && carry > 0; i--) {
    carry += counter[i] as number;
    counter[i] = carry % 256;
    carry = Math.floor(carry / 256);
  }
  return counter;
}

/**
 * Encryption of what is on disk: what the store asks of it.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";

/** Encrypts or decrypts part of a block; both are the same. */
export interface BlockSecret {
  /** The other form of `bytes`, which start at `at` in the block. */
  apply(bytes: Uint8Array, at: number): Uint8Array;
}

/** What keeps configurations, the index and states secret. */
export interface SmallFileSecrecy {
  /** Whether nothing is encrypted. */
  readonly isPlain: boolean;
  /** Encrypts a whole file. */
  seal(plain: Uint8Array): Uint8Array;
  /** The same, step by step. */
  sealing(plain: Uint8Array): Work<Uint8Array>;
  /** @throws DecodeError */
  open(sealed: Uint8Array): Uint8Array;
  /** The same, step by step. @throws DecodeError */
  opening(sealed: Uint8Array): Work<Uint8Array>;
  /**
   * Whether the key was made for another cipher than the configured one, or
   * another key is about to follow it. @throws DecodeError, DiskError
   */
  readonly isOutdated: boolean;
  /** Whether the key was found sealed under the secret before. */
  readonly wasSealedAnew: boolean;
  /** From now on files are encrypted under a new key; the old one opens, too. */
  beginRenewal(): void;
  /** No file needs the old key any more. */
  endRenewal(): void;
}

/** What keeps the files of a stream secret. */
export interface Secrecy extends SmallFileSecrecy {
  /** The secret of a new block, whose key it writes to `directory`. */
  createBlock(directory: string, number: number): BlockSecret | null;
  /**
   * The secret of a block that is there; null when it is not encrypted.
   * @throws DecodeError, DiskError
   */
  openBlock(directory: string, number: number): BlockSecret | null;
  /** Whether the key of a block was made for another cipher. */
  isBlockOutdated(directory: string, number: number): boolean;
  /**
   * The secret under which a block that is not encrypted, or by another cipher,
   * is to be rewritten; its key gets its name with {@linkcode endConversion}.
   */
  beginConversion(directory: string, number: number): BlockSecret;
  endConversion(directory: string, number: number): void;
  /** The conversion that was not finished had changed nothing. */
  dropConversion(directory: string, number: number): void;
  /** What a conversion that was not finished used; null: it changed nothing. */
  openConversion(directory: string, number: number): BlockSecret | null;
  /** The block was put aside; its key is, too. */
  putAside(directory: string, number: number): void;
  /** The block is gone, and its key with it. */
  forget(directory: string, number: number): void;
}

function* done<T>(result: T): Work<T> {
  yield* [];
  return result;
}

/** Files as they are. */
export const PLAIN: Secrecy = {
  isPlain: true,
  seal: (plain) => plain,
  sealing: (plain) => done(plain),
  open: (sealed) => sealed,
  opening: (sealed) => done(sealed),
  isOutdated: false,
  wasSealedAnew: false,
  beginRenewal: () => {},
  endRenewal: () => {},
  createBlock: () => null,
  openBlock: () => null,
  isBlockOutdated: () => false,
  beginConversion() {
    throw new Error("nothing is encrypted");
  },
  endConversion: () => {},
  dropConversion: () => {},
  openConversion: () => null,
  putAside: () => {},
  forget: () => {},
};

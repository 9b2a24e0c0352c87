/**
 * Encryption of what is on disk.
 *
 * @module
 */

/** Encrypts or decrypts part of a block; both are the same. */
export interface BlockCipher {
  /** @param at where in the block `bytes` start */
  apply(bytes: Uint8Array, at: number): void;
}

/** What keeps configurations, the index and states secret. */
export interface SmallFileSecrecy {
  /** Whether nothing is encrypted. */
  readonly isPlain: boolean;
  /** Encrypts a whole file. */
  seal(plain: Uint8Array): Uint8Array;
  /** @throws DecodeError */
  open(sealed: Uint8Array): Uint8Array;
}

/** What keeps the files of a stream secret. */
export interface Secrecy extends SmallFileSecrecy {
  /** The cipher of a new block, whose key it writes to `directory`. */
  createBlockCipher(directory: string, number: number): BlockCipher | null;
  /** The cipher of a block that is there. @throws DecodeError, DiskError */
  openBlockCipher(directory: string, number: number): BlockCipher | null;
  /** The block was put aside; its key is, too. */
  putAside(number: number): void;
  /** The block is gone, and its key with it. */
  forget(number: number): void;
}

/** Files as they are. */
export const PLAIN: Secrecy = {
  isPlain: true,
  seal: (plain) => plain,
  open: (sealed) => sealed,
  createBlockCipher: () => null,
  openBlockCipher: () => null,
  putAside: () => {},
  forget: () => {},
};

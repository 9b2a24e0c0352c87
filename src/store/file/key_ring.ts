/**
 * The keys of an account's streams and consumers.
 *
 * @module
 */

import type { Random } from "../../runtime/mod.ts";
import {
  type AssetKey,
  DecodeError,
  deriveKey,
  NONCE_SIZES,
  openKey,
  sealKey,
  SEED_SIZE,
  type StoreCipher,
} from "../format/mod.ts";

/** What the configuration says. */
export interface EncryptionSettings {
  readonly account: string;
  /** `key` of the configuration. */
  readonly secret: string;
  /** `prev_key`; empty: none. */
  readonly previousSecret: string;
  readonly cipher: StoreCipher;
}

/** A key with what it was made for. */
export interface OpenedKey {
  readonly key: AssetKey;
  readonly cipher: StoreCipher;
  /** Whether its file is sealed under the secret that is in force. */
  readonly isCurrent: boolean;
}

/** Makes, seals and opens keys. */
export class KeyRing {
  readonly #settings: EncryptionSettings;
  readonly #random: Pick<Random, "fill">;

  constructor(settings: EncryptionSettings, random: Pick<Random, "fill">) {
    this.#settings = settings;
    this.#random = random;
  }

  /** Of new keys. */
  get cipher(): StoreCipher {
    return this.#settings.cipher;
  }

  /** A new key. */
  create(): OpenedKey {
    const { cipher } = this.#settings;
    const seed = this.nonce(SEED_SIZE);
    const nonce = this.nonce(NONCE_SIZES[cipher]);
    return { key: { seed, nonce }, cipher, isCurrent: true };
  }

  /** Random bytes. */
  nonce(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.#random.fill(bytes);
    return bytes;
  }

  /** The file of a key, under the secret that is in force. */
  seal(context: string, { key, cipher }: OpenedKey): Uint8Array {
    const { secret, account } = this.#settings;
    return sealKey(cipher, deriveKey(secret, account, context), key);
  }

  /**
   * Opens the file of a key, whichever secret and cipher it was made with.
   * @throws DecodeError
   */
  open(context: string, file: Uint8Array): OpenedKey {
    const { account, secret, previousSecret, cipher } = this.#settings;
    const other: StoreCipher = cipher === "aes" ? "chacha" : "aes";
    let cause: DecodeError | undefined;
    for (const each of [secret, previousSecret]) {
      if (each === "") continue;
      const kek = deriveKey(each, account, context);
      for (const kind of [cipher, other]) {
        try {
          const key = openKey(kind, kek, file);
          return { key, cipher: kind, isCurrent: each === secret };
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          cause ??= error;
        }
      }
    }
    throw new DecodeError("unable to recover keys", { cause });
  }
}

/**
 * Files of a stream or a consumer, encrypted.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import type { Disk } from "../../runtime/mod.ts";
import {
  BlockCipher,
  DecodeError,
  keyContext,
  NONCE_SIZES,
  opening,
  sealing,
} from "../format/mod.ts";
import type { KeyRing, OpenedKey } from "./key_ring.ts";
import { CONVERTING, FILE_MODE, keyName, META_KEY } from "./names.ts";
import { replaceFile } from "./replace_file.ts";
import type { BlockSecret, Secrecy, SmallFileSecrecy } from "./secrecy.ts";

/** First bytes of files that are not encrypted: JSON, index and state. */
const PLAIN_STARTS: readonly (number | undefined)[] = [0x7b, 11, 22];

/** Configuration and state of a stream or consumer, under `meta.key`. */
export class SealedFiles implements SmallFileSecrecy {
  readonly isPlain = false;
  protected readonly disk: Disk;
  protected readonly ring: KeyRing;
  readonly #directory: string;
  readonly #context: string;
  #key: OpenedKey | null = null;
  /** What follows the key when no file needs it any more. */
  #next: OpenedKey | null = null;
  #wasSealedAnew = false;

  /** @param context what keys are derived for */
  constructor(disk: Disk, ring: KeyRing, directory: string, context: string) {
    this.disk = disk;
    this.ring = ring;
    this.#directory = directory;
    this.#context = context;
  }

  get #path(): string {
    return `${this.#directory}/${META_KEY}`;
  }

  get wasSealedAnew(): boolean {
    this.#load();
    return this.#wasSealedAnew;
  }

  get isOutdated(): boolean {
    const key = this.#load();
    if (key === null) return false;
    return this.#next !== null || key.cipher !== this.ring.cipher;
  }

  beginRenewal(): void {
    if (this.#next !== null) return;
    const next = this.ring.create();
    this.#write(`${this.#path}${CONVERTING}`, next);
    this.#next = next;
  }

  endRenewal(): void {
    this.disk.rename(`${this.#path}${CONVERTING}`, this.#path);
    this.disk.syncDirectory(this.#directory);
    this.#key = this.#next;
    this.#next = null;
  }

  seal(plain: Uint8Array): Uint8Array {
    return finish(this.sealing(plain));
  }

  sealing(plain: Uint8Array): Work<Uint8Array> {
    const { key, cipher } = this.#load(true) ?? this.#create();
    const nonce = this.ring.nonce(NONCE_SIZES[cipher]);
    return sealing(cipher, key.seed, nonce, plain);
  }

  open(sealed: Uint8Array): Uint8Array {
    return finish(this.opening(sealed));
  }

  *opening(sealed: Uint8Array): Work<Uint8Array> {
    const key = this.#load();
    // Written before encryption was turned on.
    if (key === null) return sealed;
    let failure: DecodeError | null = null;
    for (const each of [key, this.#next]) {
      if (each === null) continue;
      try {
        return yield* opening(each.cipher, each.key.seed, sealed);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        failure ??= error;
      }
    }
    if (failure === null || PLAIN_STARTS.includes(sealed[0])) return sealed;
    throw failure;
  }

  /** @param newest the key that new files are sealed under */
  #load(newest = false): OpenedKey | null {
    if (this.#key === null && this.disk.exists(this.#path)) {
      this.#key = this.#open(this.#path);
      const path = `${this.#path}${CONVERTING}`;
      if (this.disk.exists(path)) this.#next = this.#open(path);
    }
    return newest ? this.#next ?? this.#key : this.#key;
  }

  #open(path: string): OpenedKey {
    const opened = this.ring.open(this.#context, this.disk.readFile(path));
    if (opened.isCurrent) return opened;
    // What it encrypts stays as it is: only the key is sealed anew.
    this.#write(path, opened);
    this.#wasSealedAnew = true;
    return opened;
  }

  #create(): OpenedKey {
    this.#key = this.ring.create();
    this.#write(this.#path, this.#key);
    return this.#key;
  }

  #write(path: string, key: OpenedKey): void {
    replaceFile(this.disk, path, this.ring.seal(this.#context, key));
  }
}

/** All files of a stream. */
export class SealedStream extends SealedFiles implements Secrecy {
  readonly #stream: string;

  constructor(disk: Disk, ring: KeyRing, directory: string, stream: string) {
    super(disk, ring, directory, keyContext.stream(stream));
    this.#stream = stream;
  }

  createBlock(directory: string, number: number): BlockSecret {
    return this.#create(`${directory}/${keyName(number)}`, number);
  }

  openBlock(directory: string, number: number): BlockSecret | null {
    const path = `${directory}/${keyName(number)}`;
    if (!this.disk.exists(path)) return null;
    const context = keyContext.block(this.#stream, number);
    const opened = this.ring.open(context, this.disk.readFile(path));
    if (!opened.isCurrent) {
      replaceFile(this.disk, path, this.ring.seal(context, opened));
    }
    return new BlockCipher(opened.cipher, opened.key);
  }

  isBlockOutdated(directory: string, number: number): boolean {
    const path = `${directory}/${keyName(number)}`;
    if (!this.disk.exists(path)) return false;
    const context = keyContext.block(this.#stream, number);
    const { cipher } = this.ring.open(context, this.disk.readFile(path));
    return cipher !== this.ring.cipher;
  }

  beginConversion(directory: string, number: number): BlockSecret {
    const secret = this.#create(unfinished(directory, number), number);
    this.disk.syncDirectory(directory);
    return secret;
  }

  endConversion(directory: string, number: number): void {
    const path = `${directory}/${keyName(number)}`;
    this.disk.rename(unfinished(directory, number), path);
    this.disk.syncDirectory(directory);
  }

  dropConversion(directory: string, number: number): void {
    this.disk.remove(unfinished(directory, number));
  }

  openConversion(directory: string, number: number): BlockSecret | null {
    const path = unfinished(directory, number);
    if (!this.disk.exists(path)) return null;
    const context = keyContext.block(this.#stream, number);
    try {
      const { cipher, key } = this.ring.open(context, this.disk.readFile(path));
      return new BlockCipher(cipher, key);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      // It was not written whole: nothing was encrypted with it.
      return null;
    }
  }

  putAside(directory: string, number: number): void {
    const path = `${directory}/${keyName(number)}`;
    if (this.disk.exists(path)) this.disk.rename(path, `${path}.damaged`);
  }

  forget(directory: string, number: number): void {
    const path = `${directory}/${keyName(number)}`;
    if (this.disk.exists(path)) this.disk.remove(path);
  }

  #create(path: string, number: number): BlockSecret {
    const created = this.ring.create();
    const context = keyContext.block(this.#stream, number);
    const file = this.disk.open(path, {
      write: true,
      create: true,
      truncate: true,
      mode: FILE_MODE,
    });
    try {
      file.writeAt(this.ring.seal(context, created), 0);
      // Without its key, the block would be lost.
      file.syncNow();
    } finally {
      file.close();
    }
    return new BlockCipher(created.cipher, created.key);
  }
}

/** Has its own ending, so that it is not taken for a leftover. */
function unfinished(directory: string, number: number): string {
  return `${directory}/${keyName(number)}${CONVERTING}`;
}

/**
 * The file of one block: opened when it is needed, and how it ends.
 *
 * @module
 */

import type { File } from "../../runtime/mod.ts";
import { CHECKSUM_SIZE } from "../format/mod.ts";
import type { BlockEnding, BlockFiles } from "./block_files.ts";
import { blockName, digestName, FILE_MODE } from "./names.ts";
import { replaceFile } from "./replace_file.ts";

/** Knows nothing of what is in it. */
export class BlockFile {
  /** Whether it has been written to since it was made durable. */
  dirty = false;
  /** How it ends, if it was looked at since it was written to. */
  #ending: BlockEnding | null = null;
  #files: BlockFiles;
  readonly #number: number;
  #file: File | null = null;
  /** The file of which a sync is under way; it must not be closed. */
  #syncing: File | null = null;

  constructor(files: BlockFiles, number: number) {
    this.#files = files;
    this.#number = number;
  }

  get path(): string {
    return `${this.#files.directory}/${blockName(this.#number)}`;
  }

  /** Whether all of it is known to be durable. */
  get settled(): boolean {
    return !this.dirty && this.#syncing === null;
  }

  get isOpen(): boolean {
    return this.#file !== null;
  }

  get size(): number {
    return this.#open({}).size();
  }

  /** The directory was renamed. */
  movedTo(files: BlockFiles): void {
    this.#files = files;
  }

  /** Begins an empty one. @throws DiskError */
  create(): void {
    this.#open({ create: true, truncate: true });
  }

  readAt(target: Uint8Array, position: number): void {
    this.#open({}).readAt(target, position);
  }

  /** Writes behind what is there, which may be nothing. @throws DiskError */
  append(bytes: Uint8Array, position: number): void {
    this.#write(this.#open({ create: true }), bytes, position);
  }

  /** Writes in the place of what is there. @throws DiskError */
  overwrite(bytes: Uint8Array, position: number): void {
    this.#write(this.#open({}), bytes, position);
  }

  #write(file: File, bytes: Uint8Array, position: number): void {
    this.#ending = null;
    file.writeAt(bytes, position);
    this.dirty = true;
  }

  /** Puts another one in its place, durably. @throws DiskError */
  replace(bytes: Uint8Array): void {
    this.close();
    replaceFile(this.#files.disk, this.path, bytes);
  }

  /** Another one is in its place. */
  replaced(): void {
    this.close();
    this.#ending = null;
  }

  /** Cuts off what stands behind `size`, durably. */
  cut(size: number): void {
    this.#ending = null;
    const file = this.#open({});
    file.truncate(size);
    file.syncNow();
  }

  /** Resolves when what was written is durable. @throws DiskError */
  async sync(): Promise<void> {
    this.dirty = false;
    // Syncing very many must not leave them all open.
    const wasOpen = this.#file !== null;
    const file = this.#open({});
    this.#syncing = file;
    try {
      await file.sync();
    } finally {
      this.#syncing = null;
      if (this.#file !== file) file.close();
      else if (!wasOpen) this.close();
    }
  }

  syncNow(): void {
    this.dirty = false;
    this.#open({}).syncNow();
  }

  /** How it ends. @throws DiskError */
  ending(): BlockEnding {
    return this.#ending ??= this.endingAt(Infinity);
  }

  /** The same, as if it ended at `end`. @throws DiskError */
  endingAt(end: number): BlockEnding {
    const wasOpen = this.isOpen;
    const file = this.#open({});
    const size = Math.min(end, file.size());
    const tail = new Uint8Array(CHECKSUM_SIZE);
    const start = Math.max(0, size - CHECKSUM_SIZE);
    file.readAt(tail.subarray(0, size - start), start);
    if (!wasOpen) this.close();
    return { size, tail };
  }

  /** Closes it until it is needed again. */
  close(): void {
    const file = this.#file;
    this.#file = null;
    if (file !== this.#syncing) file?.close();
  }

  /** With what is kept beside it. @throws DiskError */
  remove(): void {
    this.close();
    const { disk, directory } = this.#files;
    for (const name of [blockName, digestName]) {
      const path = `${directory}/${name(this.#number)}`;
      if (disk.exists(path)) disk.remove(path);
    }
  }

  #open(options: { create?: boolean; truncate?: boolean }): File {
    return this.#file ??= this.#files.disk.open(this.path, {
      write: true,
      mode: FILE_MODE,
      ...options,
    });
  }
}

/**
 * A disk that stops working at a certain operation, as if the power failed
 * just then: that one has not happened, and no later one will.
 *
 * @module
 */

import {
  type Disk,
  DiskError,
  type File,
  type FileInfo,
  type OpenOptions,
} from "../../../src/runtime/ports.ts";

/** Counts operations that change something. */
export class CountdownDisk implements Disk {
  /** Bytes that were read or written in open files. */
  moved = 0;
  /** Syncs of files that held up the loop, and others. */
  syncsNow = 0;
  syncs = 0;
  readonly #disk: Disk;
  #left = Infinity;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Whether it has stopped working. */
  get isDead(): boolean {
    return this.#left <= 0;
  }

  /** Stops after `operations` more. */
  stopAfter(operations: number): void {
    this.#left = operations;
  }

  open(path: string, options: OpenOptions = {}): File {
    if (options.create || options.truncate) this.#count(path);
    else this.#check(path);
    const file = this.#disk.open(path, options);
    return {
      readAt: (target, position) => {
        this.moved += target.length;
        return file.readAt(target, position);
      },
      writeAt: (source, position) => {
        this.#count(path);
        this.moved += source.length;
        file.writeAt(source, position);
      },
      append: (source) => {
        this.#count(path);
        file.append(source);
      },
      truncate: (size) => {
        this.#count(path);
        file.truncate(size);
      },
      size: () => file.size(),
      syncNow: () => {
        this.#count(path);
        this.syncsNow++;
        file.syncNow();
      },
      sync: () => {
        this.#count(path);
        this.syncs++;
        return file.sync();
      },
      tryLock: () => file.tryLock(),
      close: () => file.close(),
    };
  }

  readFile(path: string): Uint8Array {
    this.#check(path);
    const bytes = this.#disk.readFile(path);
    this.moved += bytes.length;
    return bytes;
  }

  writeFile(path: string, data: Uint8Array, mode?: number): void {
    this.#count(path);
    this.moved += data.length;
    this.#disk.writeFile(path, data, mode);
  }

  stat(path: string): FileInfo {
    return this.#disk.stat(path);
  }

  exists(path: string): boolean {
    return this.#disk.exists(path);
  }

  list(path: string): string[] {
    return this.#disk.list(path);
  }

  listLater(path: string): Promise<string[]> {
    return this.#disk.listLater(path);
  }

  makeDirectory(path: string, mode?: number): void {
    this.#count(path);
    this.#disk.makeDirectory(path, mode);
  }

  remove(path: string, options?: { recursive?: boolean }): void {
    this.#count(path);
    this.#disk.remove(path, options);
  }

  removeLater(path: string): Promise<void> {
    this.#count(path);
    return this.#disk.removeLater(path);
  }

  rename(from: string, to: string): void {
    this.#count(from);
    this.#disk.rename(from, to);
  }

  syncDirectory(path: string): void {
    this.#count(path);
    this.#disk.syncDirectory(path);
  }

  freeSpace(path: string): number {
    return this.#disk.freeSpace(path);
  }

  #count(path: string): void {
    this.#check(path);
    this.#left--;
    this.#check(path);
  }

  #check(path: string): void {
    if (this.isDead) throw new DiskError("no power", "EIO", path);
  }
}

/**
 * An open file of a simulated process.
 *
 * @module
 */

import {
  DiskError,
  type File,
  type OpenOptions,
} from "../../../src/runtime/ports.ts";
import type { DiskOptions } from "../options.ts";
import type { FileNode, SyncPoint } from "./inode.ts";
import type { Execution, Scheduler } from "./scheduler.ts";
import { EPOCH } from "./time.ts";

/** What an open file asks of the disk that it is on. */
export interface FileSystem {
  readonly scheduler: Scheduler;
  readonly options: DiskOptions;
  /** The process that uses the disk now. */
  readonly execution: Execution;
  /** How long the next sync takes, milliseconds. */
  syncTime(): number;
  /** Holds the process up for the time of a sync. */
  stall(): void;
  /** Throws EIO with a probability. */
  mayFail(probability: number, path: string): void;
  /** Throws ENOSPC when `growth` more bytes don't fit. */
  reserve(growth: number, path: string): void;
}

/** A file handle; use after `close` or against its mode is an error. */
export class OpenFile implements File {
  readonly #disk: FileSystem;
  readonly #inode: FileNode;
  readonly #path: string;
  readonly #options: OpenOptions;
  #closed = false;

  constructor(
    disk: FileSystem,
    inode: FileNode,
    path: string,
    options: OpenOptions,
  ) {
    this.#disk = disk;
    this.#inode = inode;
    this.#path = path;
    this.#options = options;
  }

  readAt(target: Uint8Array, position: number): number {
    this.#check(false);
    this.#disk.mayFail(this.#disk.options.readError, this.#path);
    return this.#inode.read(target, position);
  }

  writeAt(source: Uint8Array, position: number): void {
    this.#check(true);
    this.#disk.mayFail(this.#disk.options.writeError, this.#path);
    const growth = position + source.length - this.#inode.size;
    this.#disk.reserve(growth, this.#path);
    this.#inode.write(source, position);
    this.#touch();
  }

  append(source: Uint8Array): void {
    if (!this.#options.append) {
      throw new DiskError("not opened to append", "EOTHER", this.#path);
    }
    this.writeAt(source, this.#inode.size);
  }

  truncate(size: number): void {
    this.#check(true);
    this.#disk.mayFail(this.#disk.options.writeError, this.#path);
    this.#disk.reserve(size - this.#inode.size, this.#path);
    this.#inode.truncate(size);
    this.#touch();
  }

  size(): number {
    this.#check(false);
    return this.#inode.size;
  }

  syncNow(): void {
    this.#check(false);
    this.#disk.stall();
    this.#finishSync(this.#inode.beginSync());
  }

  sync(): Promise<void> {
    this.#check(false);
    const { scheduler, execution } = this.#disk;
    const point = this.#inode.beginSync();
    return new Promise((resolve, reject) => {
      scheduler.after(this.#disk.syncTime(), execution, () => {
        try {
          this.#finishSync(point);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #finishSync(point: SyncPoint): void {
    try {
      this.#disk.mayFail(this.#disk.options.syncError, this.#path);
    } catch (error) {
      this.#inode.failSync(point);
      throw error;
    }
    this.#inode.completeSync(point);
  }

  tryLock(): boolean {
    this.#check(false);
    this.#inode.lockedBy ??= this;
    return this.#inode.lockedBy === this;
  }

  close(): void {
    this.#closed = true;
    if (this.#inode.lockedBy === this) this.#inode.lockedBy = null;
  }

  #check(toWrite: boolean): void {
    if (this.#closed) {
      throw new DiskError("file already closed", "EOTHER", this.#path);
    }
    const { write, append } = this.#options;
    if (toWrite && !write && !append) {
      throw new DiskError("file not opened to write", "EACCES", this.#path);
    }
  }

  #touch(): void {
    this.#inode.modified = EPOCH + Math.floor(this.#disk.scheduler.now);
  }
}

const WORDS: Partial<Record<DiskError["code"], string>> = {
  ENOENT: "no such file or directory",
  EEXIST: "file exists",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ENOTEMPTY: "directory not empty",
  ENOSPC: "no space left on device",
  EIO: "input/output error",
};

/** A disk error in the system's words. */
export function failure(code: DiskError["code"], path: string): DiskError {
  return new DiskError(`${path}: ${WORDS[code] ?? code}`, code, path);
}

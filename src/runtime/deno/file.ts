import * as fs from "node:fs";
import { DiskError, type File, type OpenOptions } from "../ports.ts";
import { diskCall, diskError } from "./disk_errors.ts";

/** Permission bits of new files, as the Go server sets them. */
export const FILE_MODE = 0o640;

/**
 * Bytes that are written at once. Linux caches in pages as large as what it is
 * given; where memory is in pieces, or comes from a host, finding large ones
 * can take longer than everything else.
 */
const WRITE_MAX = 1 << 17;

/** Opens a file. @throws DiskError */
export function openFile(path: string, options: OpenOptions): File {
  const fd = diskCall(
    "open",
    path,
    () => fs.openSync(path, flagsOf(options), options.mode ?? FILE_MODE),
  );
  return new DescriptorFile(path, fd);
}

function flagsOf(options: OpenOptions): number {
  const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND } = fs.constants;
  const writes = options.write || options.create || options.createNew ||
    options.truncate || options.append;
  return (writes ? O_RDWR : O_RDONLY) |
    (options.create || options.createNew ? O_CREAT : 0) |
    (options.createNew ? O_EXCL : 0) |
    (options.truncate ? O_TRUNC : 0) |
    (options.append ? O_APPEND : 0);
}

/** A file behind a descriptor; positional calls keep no file offset. */
class DescriptorFile implements File {
  readonly #path: string;
  readonly #fd: number;
  #lock: Deno.FsFile | undefined;
  #closed = false;

  constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  readAt(target: Uint8Array, position: number): number {
    return this.#call("read", () => {
      let done = 0;
      while (done < target.length) {
        const count = fs.readSync(
          this.#fd,
          target,
          done,
          target.length - done,
          position + done,
        );
        if (count === 0) break;
        done += count;
      }
      return done;
    });
  }

  writeAt(source: Uint8Array, position: number): void {
    this.#call("write", () => {
      let done = 0;
      while (done < source.length) {
        done += fs.writeSync(
          this.#fd,
          source,
          done,
          Math.min(source.length - done, WRITE_MAX),
          position + done,
        );
      }
    });
  }

  append(source: Uint8Array): void {
    this.#call("write", () => {
      let done = 0;
      while (done < source.length) {
        done += fs.writeSync(this.#fd, source, done, source.length - done);
      }
    });
  }

  truncate(size: number): void {
    this.#call("truncate", () => fs.ftruncateSync(this.#fd, size));
  }

  size(): number {
    return this.#call("stat", () => fs.fstatSync(this.#fd).size);
  }

  syncNow(): void {
    this.#call("sync", () => fs.fdatasyncSync(this.#fd));
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown) =>
        error ? reject(diskError(error, "sync", this.#path)) : resolve();
      this.#call("sync", () => fs.fdatasync(this.#fd, done));
    });
  }

  tryLock(): boolean {
    return this.#call("lock", () => {
      if (this.#lock !== undefined) return true;
      // Locks belong to an open file, and `node:fs` has none, so the lock is
      // held through a second opening of the same file.
      const file = Deno.openSync(this.#path, { read: true });
      if (file.tryLockSync(true)) {
        this.#lock = file;
        return true;
      }
      file.close();
      return false;
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lock?.close();
    diskCall("close", this.#path, () => fs.closeSync(this.#fd));
  }

  /** Runs `call` unless the file is closed: its descriptor may be another's by now. */
  #call<T>(operation: string, call: () => T): T {
    if (this.#closed) {
      throw new DiskError(
        `${operation} ${this.#path}: file already closed`,
        "EOTHER",
        this.#path,
      );
    }
    return diskCall(operation, this.#path, call);
  }
}

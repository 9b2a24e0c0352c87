import * as fs from "node:fs";
import {
  type Disk,
  DiskError,
  type File,
  type FileInfo,
  type OpenOptions,
} from "../ports.ts";
import { diskCall, diskError } from "./disk_errors.ts";
import { FILE_MODE, openFile } from "./file.ts";

/** Permission bits of new directories, as the Go server sets them. */
const DIRECTORY_MODE = 0o750;

/** The machine's file systems. */
export class DenoDisk implements Disk {
  open(path: string, options: OpenOptions = {}): File {
    return openFile(path, options);
  }

  readFile(path: string): Uint8Array {
    return diskCall("open", path, () => Deno.readFileSync(path));
  }

  writeFile(path: string, data: Uint8Array, mode = FILE_MODE): void {
    diskCall("open", path, () => fs.writeFileSync(path, data, { mode }));
  }

  stat(path: string): FileInfo {
    const info = diskCall("stat", path, () => fs.statSync(path));
    return {
      isFile: info.isFile(),
      isDirectory: info.isDirectory(),
      size: info.size,
      modified: info.mtimeMs,
    };
  }

  exists(path: string): boolean {
    try {
      this.stat(path);
      return true;
    } catch (error) {
      const gone = error instanceof DiskError &&
        (error.code === "ENOENT" || error.code === "ENOTDIR");
      if (gone) return false;
      throw error;
    }
  }

  list(path: string): string[] {
    return diskCall("open", path, () => {
      // In half of the time that `node:fs` takes.
      return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
    });
  }

  async listLater(path: string): Promise<string[]> {
    try {
      const names: string[] = [];
      for await (const { name } of Deno.readDir(path)) names.push(name);
      return names.sort();
    } catch (error) {
      throw diskError(error, "open", path);
    }
  }

  makeDirectory(path: string, mode = DIRECTORY_MODE): void {
    diskCall(
      "mkdir",
      path,
      () => fs.mkdirSync(path, { recursive: true, mode }),
    );
  }

  remove(path: string, options: { recursive?: boolean } = {}): void {
    diskCall("remove", path, () => Deno.removeSync(path, options));
  }

  async removeLater(path: string): Promise<void> {
    try {
      await Deno.remove(path, { recursive: true });
    } catch (error) {
      throw diskError(error, "remove", path);
    }
  }

  rename(from: string, to: string): void {
    diskCall("rename", from, () => fs.renameSync(from, to));
  }

  syncDirectory(path: string): void {
    // Windows can't open a directory and makes its entries durable by itself.
    if (Deno.build.os === "windows") return;
    diskCall("sync", path, () => {
      const fd = fs.openSync(path, "r");
      try {
        fs.fsyncSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  freeSpace(path: string): number {
    return diskCall("statfs", path, () => {
      const { bavail, bsize } = fs.statfsSync(path);
      return bavail * bsize;
    });
  }
}

/**
 * The simulated disk of one host. See docs/simulation.md for what it may lose.
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
import type { DiskOptions } from "../options.ts";
import {
  type CrashOptions,
  DirectoryNode,
  FileNode,
  type Inode,
} from "./inode.ts";
import { failure, type FileSystem, OpenFile } from "./open_file.ts";
import type { SeededRandom } from "./random.ts";
import type { Execution, Scheduler } from "./scheduler.ts";
import { EPOCH } from "./time.ts";

/** A change of a directory that a loss of power may undo. */
interface Operation {
  readonly directories: readonly DirectoryNode[];
  readonly apply: () => void;
}

/** A file system in memory that outlives the processes of its host. */
export class SimDisk implements Disk, FileSystem {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  options: DiskOptions;
  /** The process that uses the disk now. */
  execution: Execution;
  readonly #root = new DirectoryNode();
  /** Directory operations since power-on that are not known to be durable. */
  #journal: Operation[] = [];

  constructor(
    scheduler: Scheduler,
    random: SeededRandom,
    execution: Execution,
    options: DiskOptions,
  ) {
    this.scheduler = scheduler;
    this.random = random;
    this.execution = execution;
    this.options = options;
  }

  open(path: string, options: OpenOptions = {}): File {
    const { directory, name } = this.#parent(path);
    let inode = directory.entries.get(name);
    if (inode instanceof DirectoryNode) throw failure("EISDIR", path);
    if (inode !== undefined && options.createNew) throw failure("EEXIST", path);
    if (inode === undefined) {
      if (!options.create && !options.createNew) throw failure("ENOENT", path);
      inode = new FileNode();
      inode.modified = this.#time();
      this.#link(directory, name, inode);
    }
    const file = new OpenFile(this, inode, path, options);
    if (options.truncate) file.truncate(0);
    return file;
  }

  readFile(path: string): Uint8Array {
    const file = this.open(path);
    const bytes = new Uint8Array(file.size());
    file.readAt(bytes, 0);
    file.close();
    return bytes;
  }

  writeFile(path: string, data: Uint8Array, _mode?: number): void {
    const file = this.open(path, { write: true, create: true, truncate: true });
    file.writeAt(data, 0);
    file.close();
  }

  stat(path: string): FileInfo {
    const inode = this.#find(path);
    const isFile = inode instanceof FileNode;
    return {
      isFile,
      isDirectory: !isFile,
      size: isFile ? inode.size : 4096,
      modified: inode.modified,
    };
  }

  exists(path: string): boolean {
    try {
      this.#find(path);
      return true;
    } catch (error) {
      if (error instanceof DiskError) return false;
      throw error;
    }
  }

  list(path: string): string[] {
    return [...this.#directory(path).entries.keys()].sort();
  }

  listLater(path: string): Promise<string[]> {
    return this.#later(() => this.list(path));
  }

  makeDirectory(path: string, _mode?: number): void {
    let directory = this.#root;
    for (const name of split(path)) {
      let next = directory.entries.get(name);
      if (next === undefined) {
        next = new DirectoryNode();
        next.modified = this.#time();
        this.#link(directory, name, next);
      }
      if (next instanceof FileNode) throw failure("ENOTDIR", path);
      directory = next;
    }
  }

  remove(path: string, options?: { recursive?: boolean }): void {
    const { directory, name } = this.#parent(path);
    const inode = directory.entries.get(name);
    if (inode === undefined) throw failure("ENOENT", path);
    if (inode instanceof DirectoryNode && inode.entries.size > 0) {
      if (!options?.recursive) throw failure("ENOTEMPTY", path);
      for (const entry of this.list(path)) {
        this.remove(`${path}/${entry}`, options);
      }
    }
    directory.entries.delete(name);
    this.#note([directory], () => directory.durable.delete(name));
  }

  removeLater(path: string): Promise<void> {
    return this.#later(() => this.remove(path, { recursive: true }));
  }

  rename(from: string, to: string): void {
    const source = this.#parent(from);
    const target = this.#parent(to);
    const inode = source.directory.entries.get(source.name);
    if (inode === undefined) throw failure("ENOENT", from);
    const replaced = target.directory.entries.get(target.name);
    if (replaced instanceof DirectoryNode && replaced.entries.size > 0) {
      throw failure("ENOTEMPTY", to);
    }
    source.directory.entries.delete(source.name);
    target.directory.entries.set(target.name, inode);
    this.#note([source.directory, target.directory], () => {
      source.directory.durable.delete(source.name);
      target.directory.durable.set(target.name, inode);
    });
  }

  syncDirectory(path: string): void {
    const directory = this.#directory(path);
    this.stall();
    // What a chosen operation builds on has to be on the disk before it.
    const needed = new Set([directory]);
    const chosen = new Set<Operation>();
    for (const operation of this.#journal.toReversed()) {
      if (!operation.directories.some((each) => needed.has(each))) continue;
      operation.directories.forEach((each) => needed.add(each));
      chosen.add(operation);
    }
    this.#apply((operation) => chosen.has(operation));
  }

  #later<T>(action: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.scheduler.after(0, this.execution, () => {
        try {
          resolve(action());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  freeSpace(_path: string): number {
    return this.options.capacity - this.#used(this.#root);
  }

  /** Loses power: what was not synced is gone, or is there in part. */
  losePower(options: CrashOptions): void {
    const lost = new Set<DirectoryNode>();
    // Within a directory operations reach the disk in order.
    this.#apply((operation) => {
      const isKept = !operation.directories.some((each) => lost.has(each)) &&
        this.random.chance(options.keepOperation);
      if (!isKept) operation.directories.forEach((each) => lost.add(each));
      return isKept;
    });
    this.#journal = [];
    this.#forget(this.#root, options);
  }

  /** The process died: its locks are free, its bytes stay. */
  releaseLocks(): void {
    for (const file of this.#files(this.#root)) file.lockedBy = null;
  }

  /** The file at a path, for checkers and for damage on purpose. */
  file(path: string): FileNode {
    const inode = this.#find(path);
    if (inode instanceof FileNode) return inode;
    throw failure("EISDIR", path);
  }

  syncTime(): number {
    const { slowSync, syncSlow, syncMean } = this.options;
    if (this.random.chance(slowSync)) return syncSlow;
    return this.random.exponential(syncMean);
  }

  stall(): void {
    const until = this.scheduler.now + this.syncTime();
    this.execution.busyUntil = Math.max(this.execution.busyUntil, until);
  }

  mayFail(probability: number, path: string): void {
    if (this.random.chance(probability)) throw failure("EIO", path);
  }

  reserve(growth: number, path: string): void {
    if (growth > 0 && this.freeSpace(path) < growth) {
      throw failure("ENOSPC", path);
    }
  }

  #link(directory: DirectoryNode, name: string, inode: Inode): void {
    directory.entries.set(name, inode);
    directory.modified = this.#time();
    this.#note([directory], () => directory.durable.set(name, inode));
  }

  #note(directories: readonly DirectoryNode[], apply: () => void): void {
    this.#journal.push({ directories, apply });
  }

  /** Carries out the operations chosen and drops them from the journal. */
  #apply(isChosen: (operation: Operation) => boolean): void {
    const rest: Operation[] = [];
    for (const operation of this.#journal) {
      if (isChosen(operation)) operation.apply();
      else rest.push(operation);
    }
    this.#journal = rest;
  }

  #forget(directory: DirectoryNode, options: CrashOptions): void {
    directory.entries.clear();
    for (const [name, inode] of directory.durable) {
      directory.entries.set(name, inode);
      if (inode instanceof FileNode) inode.loseUnsynced(this.random, options);
      else this.#forget(inode, options);
    }
  }

  #used(directory: DirectoryNode): number {
    return this.#files(directory).reduce((sum, file) => sum + file.size, 0);
  }

  #files(directory: DirectoryNode): FileNode[] {
    return [...directory.entries.values()].flatMap((inode) =>
      inode instanceof FileNode ? [inode] : this.#files(inode)
    );
  }

  #find(path: string): Inode {
    let inode: Inode = this.#root;
    for (const name of split(path)) {
      if (inode instanceof FileNode) throw failure("ENOTDIR", path);
      const next = inode.entries.get(name);
      if (next === undefined) throw failure("ENOENT", path);
      inode = next;
    }
    return inode;
  }

  #directory(path: string): DirectoryNode {
    const inode = this.#find(path);
    if (inode instanceof DirectoryNode) return inode;
    throw failure("ENOTDIR", path);
  }

  #parent(path: string): { directory: DirectoryNode; name: string } {
    const names = split(path);
    const name = names.pop();
    if (name === undefined) throw failure("EISDIR", path);
    return { directory: this.#directory(`/${names.join("/")}`), name };
  }

  #time(): number {
    return EPOCH + Math.floor(this.scheduler.now);
  }
}

/** Names on the way from the root; relative paths start there too. */
function split(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return names;
}

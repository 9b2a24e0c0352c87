/**
 * Files and directories of the simulated disk: what a process sees, and what
 * would be left if the power failed now.
 *
 * @module
 */

import type { SeededRandom } from "./random.ts";

/** The unit that a disk writes whole or not at all, bytes. */
export const SECTOR_SIZE = 512;

/** A directory. Its durable entries live in the disk's journal. */
export class DirectoryNode {
  readonly entries = new Map<string, Inode>();
  /** Entries that survive a loss of power. */
  durable = new Map<string, Inode>();
  modified = 0;
}

/** How much of what was not synced a loss of power leaves. */
export interface CrashOptions {
  /** Chance that an unsynced sector reached the disk. */
  readonly keepSector: number;
  /** Chance that an unsynced directory operation reached the disk. */
  readonly keepOperation: number;
}

/** What one sync covers: the state at the time it was asked for. */
export interface SyncPoint {
  readonly sectors: ReadonlyMap<number, Uint8Array>;
  readonly size: number;
}

/** A regular file. */
export class FileNode {
  modified = 0;
  /** Who holds the exclusive lock. */
  lockedBy: object | null = null;
  #bytes = new Uint8Array(0);
  #size = 0;
  #durable = new Uint8Array(0);
  /** Sectors that differ, or may differ, from the durable ones. */
  readonly #dirty = new Set<number>();
  /** Syncs that have begun and not ended, oldest first. */
  #syncing: SyncPoint[] = [];
  /** The smallest size since the last sync began. */
  #cutTo = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes that a loss of power can't take away. */
  get durableSize(): number {
    return this.#durable.length;
  }

  read(target: Uint8Array, position: number): number {
    const end = Math.min(this.#size, position + target.length);
    if (end <= position) return 0;
    target.set(this.#bytes.subarray(position, end));
    return end - position;
  }

  write(source: Uint8Array, position: number): void {
    const end = position + source.length;
    if (end > this.#size) this.#resize(end);
    this.#bytes.set(source, position);
    this.#markDirty(position, end);
  }

  truncate(size: number): void {
    const before = this.#size;
    this.#resize(size);
    this.#markDirty(Math.min(before, size), Math.max(before, size));
    this.#cutTo = Math.min(this.#cutTo, size);
  }

  /** What a sync that starts now will make durable. */
  beginSync(): SyncPoint {
    const sectors = new Map<number, Uint8Array>();
    for (const sector of this.#dirty) {
      sectors.set(sector, this.#sector(sector));
    }
    const point = { sectors, size: this.#size };
    this.#dirty.clear();
    this.#cutTo = this.#size;
    this.#syncing.push(point);
    return point;
  }

  /** Makes a sync point durable, and the earlier ones that it had to wait for. */
  completeSync(point: SyncPoint): void {
    while (this.#syncing.includes(point)) {
      const next = this.#syncing.shift();
      if (next === undefined) break;
      const durable = new Uint8Array(next.size);
      durable.set(this.#durable.subarray(0, next.size));
      for (const [sector, bytes] of next.sectors) place(durable, sector, bytes);
      this.#durable = durable;
    }
  }

  /**
   * Gives a sync point up. Linux takes its pages for clean from now on, so
   * that only a new write brings them to the disk.
   */
  failSync(point: SyncPoint): void {
    this.#syncing = this.#syncing.filter((other) => other !== point);
  }

  /** Loses power: afterwards the file is what the disk had of it. */
  loseUnsynced(random: SeededRandom, { keepSector }: CrashOptions): void {
    const before = this.#durable;
    const cutIsKept = this.#cutTo < before.length && random.chance(keepSector);
    const base = cutIsKept ? before.subarray(0, this.#cutTo) : before;
    const size = this.#sizeAfterCrash(random, base.length, keepSector);
    const after = new Uint8Array(size);
    after.set(base);
    const underWay = this.#syncing.flatMap((
      { sectors },
    ) => [...sectors.keys()]);
    const unsynced = new Set([...this.#dirty, ...underWay]);
    for (const sector of [...unsynced].sort((a, b) => a - b)) {
      if (random.chance(keepSector)) place(after, sector, this.#sector(sector));
    }
    this.#durable = after;
    this.#bytes = after.slice();
    this.#size = after.length;
    this.#cutTo = after.length;
    this.#dirty.clear();
    this.#syncing = [];
    this.lockedBy = null;
  }

  /** Damages one bit, on the disk and in what processes see. */
  flipBit(position: number, bit: number): void {
    for (const bytes of [this.#bytes, this.#durable]) {
      const byte = bytes[position];
      if (byte !== undefined) bytes[position] = byte ^ (1 << bit);
    }
  }

  /** Cuts the file short, on the disk and in what processes see. */
  cutShort(size: number): void {
    this.#resize(Math.min(size, this.#size));
    this.#durable = this.#durable.slice(0, size);
  }

  #sizeAfterCrash(
    random: SeededRandom,
    base: number,
    keepSector: number,
  ): number {
    if (this.#size <= base || !random.chance(keepSector)) return base;
    return random.chance(0.5)
      ? this.#size
      : base + random.below(this.#size - base + 1);
  }

  #resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = grown;
    } else if (size < this.#size) {
      this.#bytes.fill(0, size, this.#size);
    }
    this.#size = size;
  }

  #markDirty(start: number, end: number): void {
    const last = Math.floor((Math.max(end, start + 1) - 1) / SECTOR_SIZE);
    for (
      let sector = Math.floor(start / SECTOR_SIZE);
      sector <= last;
      sector++
    ) {
      this.#dirty.add(sector);
    }
  }

  #sector(sector: number): Uint8Array {
    const start = sector * SECTOR_SIZE;
    return this.#bytes.slice(start, Math.min(start + SECTOR_SIZE, this.#size));
  }
}

/** A file or a directory. */
export type Inode = FileNode | DirectoryNode;

/** Puts a sector where it belongs, as far as the file reaches. */
function place(target: Uint8Array, sector: number, bytes: Uint8Array): void {
  const start = sector * SECTOR_SIZE;
  if (start >= target.length) return;
  target.set(bytes.subarray(0, target.length - start), start);
}

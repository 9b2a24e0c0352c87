/**
 * Deletes directories file by file, so that nobody has to wait.
 *
 * @module
 */

import type { Turns } from "../../connection/mod.ts";
import type { Disk } from "../../runtime/mod.ts";

/** Files that are deleted at once. */
const AT_ONCE = 2;

/** One per account. */
export class Sweeper {
  readonly #disk: Disk;
  readonly #turns: Turns;
  readonly #waiting: string[] = [];
  #running: Promise<void> | null = null;

  constructor(disk: Disk, turns: Turns) {
    this.#disk = disk;
    this.#turns = turns;
  }

  /** Deletes a directory and what it holds, some time soon. */
  sweep(directory: string): void {
    this.#waiting.push(directory);
    this.#running ??= this.#work();
  }

  /**
   * Gives a directory a name that nobody looks for, durably, and deletes it
   * some time soon. @throws DiskError
   */
  sweepAside(directory: string): void {
    const slash = directory.lastIndexOf("/");
    const parent = directory.slice(0, slash);
    const hidden = `${parent}/.${directory.slice(slash + 1)}`;
    this.#disk.syncDirectory(directory);
    this.vacate(hidden);
    this.#disk.rename(directory, hidden);
    this.#disk.syncDirectory(parent);
    this.sweep(hidden);
  }

  /**
   * Frees the name of a directory that is, or may be, about to go: that may
   * take long. It goes some time soon as `<name>.<number>`. @throws DiskError
   */
  vacate(directory: string): void {
    const disk = this.#disk;
    if (!disk.exists(directory)) return;
    let number = 1;
    while (disk.exists(`${directory}.${number}`)) number++;
    const aside = `${directory}.${number}`;
    disk.rename(directory, aside);
    const i = this.#waiting.indexOf(directory);
    if (i >= 0) this.#waiting[i] = aside;
    else this.sweep(aside);
  }

  /** Deletes it now. @throws DiskError */
  sweepNow(directory: string): void {
    const i = this.#waiting.indexOf(directory);
    if (i >= 0) this.#waiting.splice(i, 1);
    if (this.#disk.exists(directory)) {
      this.#disk.remove(directory, { recursive: true });
    }
  }

  /** Resolves when nothing is left. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #work(): Promise<void> {
    for (;;) {
      await this.#turns.next();
      const [directory] = this.#waiting;
      if (directory === undefined) break;
      try {
        if (this.#deleteSome(directory)) continue;
      } catch {
        // What can't be deleted now is deleted at the next start.
      }
      const i = this.#waiting.indexOf(directory);
      if (i >= 0) this.#waiting.splice(i, 1);
    }
    this.#running = null;
  }

  /** @returns whether something is left */
  #deleteSome(directory: string): boolean {
    const disk = this.#disk;
    if (!disk.exists(directory)) return false;
    let left = AT_ONCE;
    for (const name of disk.list(directory)) {
      if (left-- === 0) return true;
      const path = `${directory}/${name}`;
      if (disk.stat(path).isDirectory) {
        if (this.#deleteSome(path)) return true;
      } else disk.remove(path);
    }
    disk.remove(directory);
    return false;
  }
}

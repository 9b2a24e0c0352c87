/**
 * Deletes directories file by file, so that nobody has to wait.
 *
 * @module
 */

import type { Turns } from "../../connection/mod.ts";
import type { Disk } from "../../runtime/mod.ts";

/** Files and directories that are deleted at once. */
const AT_ONCE = 2;

/** A directory that is to go. */
interface Doomed {
  /** Where it is by now. */
  path: string;
  /** Whether it has another path than when it was last looked through. */
  moved: boolean;
  /** Whether somebody else has deleted it. */
  gone: boolean;
}

/** One per account. */
export class Sweeper {
  readonly #disk: Disk;
  readonly #turns: Turns;
  readonly #waiting: Doomed[] = [];
  /** How many more may go before others have their turn. */
  #left = 0;
  #running: Promise<void> | null = null;

  constructor(disk: Disk, turns: Turns) {
    this.#disk = disk;
    this.#turns = turns;
  }

  /** Deletes a directory and what it holds, some time soon. */
  sweep(directory: string): void {
    this.#waiting.push({ path: directory, moved: false, gone: false });
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
    const doomed = this.#waiting.find(({ path }) => path === directory);
    if (doomed === undefined) return this.sweep(aside);
    doomed.path = aside;
    doomed.moved = true;
  }

  /** Deletes it now. @throws DiskError */
  sweepNow(directory: string): void {
    const i = this.#waiting.findIndex(({ path }) => path === directory);
    for (const doomed of i < 0 ? [] : this.#waiting.splice(i, 1)) {
      doomed.gone = true;
    }
    if (this.#disk.exists(directory)) {
      this.#disk.remove(directory, { recursive: true });
    }
  }

  /** Resolves when nothing is left. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #work(): Promise<void> {
    for (
      let doomed = this.#waiting[0];
      doomed !== undefined;
      doomed = this.#waiting[0]
    ) {
      await this.#turns.next();
      try {
        doomed.moved = false;
        await this.#delete(doomed, "");
      } catch {
        // What can't be deleted now is deleted at the next start.
      }
      // Its names may have been those of the one that took its place.
      if (doomed.moved && !doomed.gone) continue;
      const i = this.#waiting.indexOf(doomed);
      if (i >= 0) this.#waiting.splice(i, 1);
    }
    this.#running = null;
  }

  /** Deletes one directory in it, by the path from it on. */
  async #delete(doomed: Doomed, within: string): Promise<void> {
    const disk = this.#disk;
    if (!disk.exists(doomed.path + within)) return;
    for (const name of await disk.listLater(doomed.path + within)) {
      await this.#rest();
      if (doomed.gone) return;
      const below = `${within}/${name}`;
      const path = doomed.path + below;
      if (!disk.exists(path)) continue;
      if (!disk.stat(path).isDirectory) disk.remove(path);
      else await this.#delete(doomed, below);
    }
    await this.#rest();
    if (!doomed.gone) disk.remove(doomed.path + within);
  }

  async #rest(): Promise<void> {
    if (this.#left === 0) {
      await this.#turns.next();
      this.#left = AT_ONCE;
    }
    this.#left--;
  }
}

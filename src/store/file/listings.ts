/**
 * What directories hold, looked at ahead.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";

/** One per account. */
export class Listings {
  readonly #disk: Disk;
  readonly #known = new Map<string, string[]>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Lists a directory off the loop: of very many names it takes long. */
  async lookAhead(directory: string): Promise<void> {
    try {
      this.#known.set(directory, await this.#disk.listLater(directory));
    } catch {
      // Whoever takes it will see.
    }
  }

  /** What nobody has taken becomes old. */
  forget(): void {
    this.#known.clear();
  }

  /** The names in a directory; what was seen ahead is told once. @throws DiskError */
  take(directory: string): string[] {
    const known = this.#known.get(directory);
    this.#known.delete(directory);
    return known ?? this.#disk.list(directory);
  }
}

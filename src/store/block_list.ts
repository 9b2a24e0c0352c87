/**
 * The blocks of a stream by the sequences that they hold.
 *
 * @module
 */

/** A run of records. */
export interface SequenceBlock {
  /** Lowest sequence that it may hold. */
  readonly base: number;
}

/** Blocks in ascending order. The last is the one that is written to. */
export class BlockList<B extends SequenceBlock> {
  readonly all: B[] = [];
  #recent: B | null = null;
  /** Base of the block behind the recent one. */
  #recentEnd = 0;

  get last(): B | undefined {
    return this.all.at(-1);
  }

  push(block: B): void {
    this.all.push(block);
    this.#recent = null;
  }

  delete(block: B): void {
    // Blocks without messages may have the base of the one behind.
    let i = this.#indexOf(block.base);
    while (i >= 0 && this.all[i] !== block) i--;
    if (i >= 0) this.all.splice(i, 1);
    this.#recent = null;
  }

  clear(): void {
    this.all.length = 0;
    this.#recent = null;
  }

  /** The block that holds `sequence`, if any does. */
  find(sequence: number): B | undefined {
    const last = this.last;
    if (last !== undefined && sequence >= last.base) return last;
    const recent = this.#recent;
    if (
      recent !== null && sequence >= recent.base && sequence < this.#recentEnd
    ) return recent;
    const i = this.#indexOf(sequence);
    const block = this.all[i];
    if (block === undefined) return undefined;
    this.#recent = block;
    this.#recentEnd = this.all[i + 1]?.base ?? Infinity;
    return block;
  }

  /** Index of the last block whose base is at or below `sequence`. */
  #indexOf(sequence: number): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.all[middle]?.base ?? 0) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * Which tombstones are still needed.
 *
 * @module
 */

import type { BlockList } from "../block_list.ts";
import type { BlockWalker, Tombstone } from "./block_walk.ts";
import type { FileBlock } from "./file_block.ts";

/** Looks at the tombstones of one stream. */
export class Tombstones {
  readonly #walker: BlockWalker;
  readonly #blocks: BlockList<FileBlock>;
  readonly #doomed: readonly FileBlock[];

  /** @param doomed blocks that are no part of the stream, but may be on disk */
  constructor(
    walker: BlockWalker,
    blocks: BlockList<FileBlock>,
    doomed: readonly FileBlock[],
  ) {
    this.#walker = walker;
    this.#blocks = blocks;
    this.#doomed = doomed;
  }

  /** Those of messages whose records are still in other blocks. @throws DiskError */
  neededIn(block: FileBlock): Tombstone[] {
    return this.#walker.tombstones(block)
      .filter(([sequence]) => this.isNeeded(block, sequence));
  }

  /** Whether one in `block` tells of a message that may be elsewhere. */
  isNeeded(block: FileBlock, sequence: number): boolean {
    const home = this.#blocks.find(sequence);
    const isElsewhere = home !== block && sequence <= (home?.last ?? 0);
    return isElsewhere ||
      this.#doomed.some(({ base, last }) =>
        base <= sequence && sequence <= last
      );
  }
}

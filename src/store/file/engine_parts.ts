/**
 * What the engine of a stream in files is made of.
 *
 * @module
 */

import type { Random } from "../../runtime/mod.ts";
import type { Positions } from "../engine.ts";
import type { BlockFiles } from "./block_files.ts";
import type { FileBlock } from "./file_block.ts";
import type { Secrecy } from "./secrecy.ts";

/** What the engine needs. */
export interface EngineParts extends BlockFiles {
  readonly random: Pick<Random, "fill">;
  readonly secrecy: Secrecy;
  /** Blocks end before they exceed this, bytes. */
  readonly blockSize: number;
  readonly positions: Positions;
  /** Whether what is told must not be lost with the power. */
  readonly syncAlways: boolean;
  readonly warn: (text: string) => void;
  /** Told when a block will not be written to any more. */
  readonly completed: (block: FileBlock) => void;
  /** Told when a block has lost much. */
  readonly sparse: (block: FileBlock) => void;
  /** Told when a block has no messages left, but maybe tombstones for long. */
  readonly emptied: (block: FileBlock) => void;
  /** Called before sequences are used again. */
  readonly forgetIndex: () => void;
  /** Told that something is wrong with a block. */
  readonly damaged: (block: FileBlock) => void;
  /** Called before a record of a block changes in place. */
  readonly forgetPages: (block: FileBlock) => void;
  /** Rewrites a block without records of sequences above `sequence`. */
  readonly cutBehind: (block: FileBlock, sequence: number) => void;
  /** Purges the directory, leaving the one block that `create` makes. */
  readonly swap: (create: (directory: string) => FileBlock) => FileBlock;
}

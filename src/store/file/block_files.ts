/**
 * The files of blocks, and what is told of them.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import type { HighwayHash } from "../format/mod.ts";

/** What blocks of one stream have in common. */
export interface BlockFiles {
  readonly disk: Disk;
  /** Where the blocks are. */
  readonly directory: string;
  /** Name of the stream. */
  readonly stream: string;
  readonly hash: HighwayHash;
}

/** What tells whether a file is still the one that it was. */
export interface BlockEnding {
  /** Bytes of the file. */
  readonly size: number;
  /** The last eight of them; zeros where it is shorter. */
  readonly tail: Uint8Array;
}

/** Whether a digest is beside a block, and says that the block is durable. */
export type DigestState = "none" | "unsettled" | "settled";

/**
 * What is around the store of a stream.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import type { HighwayHash } from "../format/mod.ts";
import type { StoreSurroundings } from "../messages/mod.ts";
import type { Listings } from "./listings.ts";
import type { Secrecy, SmallFileSecrecy } from "./secrecy.ts";
import type { Sweeper } from "./sweeper.ts";

/** What the stores of an account have in common. */
export interface FileSurroundings extends StoreSurroundings {
  readonly disk: Disk;
  readonly hash: HighwayHash;
  readonly sweeper: Sweeper;
  readonly listings: Listings;
  /** Milliseconds between two syncs. */
  readonly syncInterval: number;
  /** Whether what is flushed counts as stored only when it is durable. */
  readonly syncAlways: boolean;
  /** Bytes that a block must not exceed; by default it depends on the stream. */
  readonly blockSize?: number;
  /** Bytes of the smallest blocks that get digests, if not the usual ones. */
  readonly digestFrom?: number;
  readonly warn: (text: string) => void;
}

/** Where one stream is and how it is kept. */
export interface StreamPlace {
  readonly directory: string;
  readonly encrypted: boolean;
  readonly secrecy: Secrecy;
  readonly consumerSecrecy: (name: string) => SmallFileSecrecy;
}

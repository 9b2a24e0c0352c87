/**
 * What the files of a stream are called.
 *
 * ```
 * <stream>/meta.inf meta.sum [meta.key] [sources.db] [restoring]
 *   msgs/  1.blk 2.blk … [1.key …] [1.idx …] index.db messages.idx
 *          thw.db sched.db
 *   obs/<consumer>/ meta.inf meta.sum o.dat [meta.key]
 *   __msgs__/ __new_msgs__/      while everything is being purged
 * ```
 *
 * @module
 */

/** Permissions, as the Go server sets them. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

export const STREAMS = "streams";
export const MESSAGES = "msgs";
export const CONSUMERS = "obs";
/** Batches that a Go server has not committed. */
export const BATCHES = "batches";
/** Snapshots that were being made when the process of a Go server ended. */
export const SNAPSHOTS = "__snapshots__";
/** Where the messages go when all are purged, until they are deleted. */
export const PURGED = "__msgs__";
/** Where the block that follows the purge waits. */
export const NEW_MESSAGES = "__new_msgs__";

export const META = "meta.inf";
export const META_SUM = "meta.sum";
export const META_KEY = "meta.key";
export const INDEX = "index.db";
/** Where each message is; other servers delete it. */
export const PAGES = "messages.idx";
export const CONSUMER_STATE = "o.dat";
/** When messages with a time to live expire. */
export const EXPIRIES = "thw.db";
/** When messages schedule others, as the Go server keeps it. */
export const SCHEDULES = "sched.db";
/** Marks a stream that is being restored, until it has a configuration. */
export const RESTORING = "restoring";
/** How far the stream has followed its sources. */
export const SOURCES = "sources.db";

/** Ends the name of a key of which the files do not all exist yet. */
export const CONVERTING = ".converting";

/** What was found out about a block; other servers delete it. */
const DIGEST = /^(\d+)\.idx$/;
const BLOCK = /^(\d+)\.blk$/;
const KEY = /^(\d+)\.key$/;
/** Blocks that were being rewritten when the process ended. */
const TEMPORARY = /^\d+\.(new|blk\.tmp)$/;

/** The name of a block's file. */
export function blockName(number: number): string {
  return `${number}.blk`;
}

/** The name of the file of a block's key. */
export function keyName(number: number): string {
  return `${number}.key`;
}

/** The name of the file of a block's digest. */
export function digestName(number: number): string {
  return `${number}.idx`;
}

/** The numbers of the blocks among `names`, ascending. */
export function blockNumbers(names: readonly string[]): number[] {
  return numbersOf(names, BLOCK);
}

/** The numbers of the keys among `names`. */
export function keyNumbers(names: readonly string[]): number[] {
  return numbersOf(names, KEY);
}

/** The numbers of the digests among `names`. */
export function digestNumbers(names: readonly string[]): number[] {
  return numbersOf(names, DIGEST);
}

function numbersOf(names: readonly string[], pattern: RegExp): number[] {
  return names.map((name) => Number(pattern.exec(name)?.[1] ?? Number.NaN))
    .filter(Number.isSafeInteger)
    .sort((a, b) => a - b);
}

/** Whether a file is left over from work that was not finished. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name) || name.endsWith(".tmp");
}

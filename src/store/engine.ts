/**
 * Where messages are kept: what the memory and the file store do differently.
 *
 * An engine knows records and the blocks that they are in. Which messages
 * there are, and what limits do to them, is the business of `MessageLog`.
 *
 * @module
 */

import type { Chunk } from "../protocol/mod.ts";
import type { LostMessages, MessageBody } from "./contract.ts";

/** Positions of records in their blocks, by sequence; -1: no such message. */
export interface Positions {
  position(sequence: number): number;
  /** A record has moved inside its block, if its message is still there. */
  move(sequence: number, from: number, to: number): void;
}

/** Why a message is removed. */
export const Removal = {
  /** It must not come back after a restart. */
  request: 0,
  /** A limit of the whole stream took it, and would take it again. */
  limit: 1,
} as const;
/** A value of `Removal`. */
export type Removal = typeof Removal[keyof typeof Removal];

/** Keeps the records of a stream. */
export interface Engine {
  /** Bytes that a message counts. */
  messageSize(subjectSize: number, headerSize: number, size: number): number;
  /** Largest that a message may count. */
  readonly messageSizeMax: number;
  /** The buffer in which {@linkcode locate} found a record, and where. */
  readonly chunk: Chunk;
  readonly at: number;
  readonly lost: LostMessages | null;

  /** @throws DiskError, StoreError when nothing can be stored any more */
  checkWritable(): void;
  /**
   * Stores a message behind the last.
   * @param high the upper half of the time, signed
   * @param low the lower half, unsigned
   * @returns its position
   */
  append(
    sequence: number,
    high: number,
    low: number,
    subject: string,
    body: MessageBody,
  ): number;
  /** Uses up sequences behind the last. */
  skip(first: number, last: number, high: number, low: number): void;
  /**
   * Finds a record.
   * @param subjectSize bytes that its subject has
   * @returns false when it can't be read any more
   */
  locate(sequence: number, position: number, subjectSize: number): boolean;
  /** Time of a message, nanoseconds; cheaper than to locate it. */
  time(sequence: number, position: number): bigint;
  /** Bytes that a stored message counts. */
  size(sequence: number, position: number): number;
  /** Called when the message is out of the index. @param size as it counted */
  remove(sequence: number, position: number, size: number, why: Removal): void;
  /** The same, and overwrites its bytes. */
  erase(sequence: number, position: number, size: number): void;
  /** Removes everything. `last` and its time are kept for the next start. */
  clear(last: number, high: number, low: number): void;
  /**
   * Removes everything but the last message, all of it or nothing. The message
   * is given as for {@linkcode append}. @returns its position
   */
  keepOnly(
    sequence: number,
    high: number,
    low: number,
    subject: string,
    body: MessageBody,
  ): number;
  /**
   * When everything below `sequence` goes, all below this goes with its blocks,
   * so that the reason may be a limit; what is above is somebody's request.
   */
  blockBase(sequence: number): number;
  /**
   * The first sequence behind the first block, when that may go as a whole and
   * this is not above `base`; else 0. Undefined where messages have to be
   * removed one by one.
   */
  frontEnd?(base: number): number;
  /**
   * Removes the blocks whose messages are all below `base`, as found by
   * {@linkcode frontEnd}; these are out of the index. @returns bytes that they
   * counted
   */
  dropFront?(base: number): number;
  /** Messages in the first block, and bytes that they count. */
  readonly front?:
    | { readonly live: number; readonly liveBytes: number }
    | undefined;
  /** Everything above `sequence` is out of the index; its successor comes next. */
  dropAbove(sequence: number, high: number, low: number): void;
  /** Bytes on disk or in memory. */
  readonly totalBytes: number;
}

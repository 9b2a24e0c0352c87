/**
 * How large blocks get, as the Go server decides it.
 *
 * @module
 */

import type { StoreLimits, StreamStoreOptions } from "../contract.ts";

/** Bytes that the largest message is taken to have when nobody says more. */
const LARGEST_MESSAGE = 1024 * 1024;
const SMALLEST = 32_000;
const MEDIUM = 4 * 1024 * 1024;
const LARGEST = 8 * 1024 * 1024;
const LARGEST_ENCRYPTED = 2 * 1024 * 1024;

/** What decides. */
export interface BlockSizeFacts {
  readonly limits: Pick<
    StoreLimits,
    "maxBytes" | "maxMessages" | "maxMessagesPerSubject"
  >;
  /** Bytes of the largest record that is expected. */
  readonly largestRecord: number;
  readonly encrypted: boolean;
  /** Whether messages go when they have been consumed. */
  readonly consumed: boolean;
}

/** Bytes that a block of a stream must not exceed. */
export function blockSizeOf(
  { limits, largestMessage, consumed }: StreamStoreOptions,
  encrypted: boolean,
): number {
  return blockSize({
    limits,
    largestRecord: largestMessage ?? LARGEST_MESSAGE,
    encrypted,
    consumed: consumed ?? false,
  });
}

/** Bytes that a block must not exceed. */
export function blockSize(facts: BlockSizeFacts): number {
  return Math.min(
    facts.encrypted ? LARGEST_ENCRYPTED : LARGEST,
    byLimits(facts),
  );
}

function byLimits({ limits, largestRecord, consumed }: BlockSizeFacts): number {
  const { maxBytes, maxMessages, maxMessagesPerSubject } = limits;
  if (maxBytes > 0) return quarterOf(maxBytes);
  if (maxMessages > 0) return quarterOf(maxMessages * largestRecord);
  return consumed || maxMessagesPerSubject > 0 ? MEDIUM : LARGEST;
}

function quarterOf(size: number): number {
  const quarter = Math.ceil((Math.floor(size / 4) + 1) / 100) * 100;
  if (quarter <= SMALLEST) return SMALLEST;
  return quarter >= LARGEST ? LARGEST : MEDIUM;
}

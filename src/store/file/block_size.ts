/**
 * How large blocks get, as the Go server decides it.
 *
 * @module
 */

const SMALLEST = 32_000;
const MEDIUM = 4 * 1024 * 1024;
const LARGEST = 8 * 1024 * 1024;
const LARGEST_ENCRYPTED = 2 * 1024 * 1024;

/** What decides. */
export interface BlockSizeFacts {
  /** Limit of the stream; 0 and -1: none. */
  readonly maxBytes: number;
  readonly encrypted: boolean;
  /** Whether messages go when they have been consumed. */
  readonly consumed: boolean;
}

/** Bytes that a block must not exceed. */
export function blockSize(
  { maxBytes, encrypted, consumed }: BlockSizeFacts,
): number {
  const most = encrypted ? LARGEST_ENCRYPTED : LARGEST;
  if (maxBytes <= 0) return Math.min(most, consumed ? MEDIUM : LARGEST);
  const quarter = Math.ceil((Math.floor(maxBytes / 4) + 1) / 100) * 100;
  if (quarter <= SMALLEST) return SMALLEST;
  return Math.min(most, quarter >= LARGEST ? LARGEST : MEDIUM);
}

/**
 * Bytes that messages take in their stores.
 *
 * @module
 */

import type { Publication } from "./publication.ts";

/** Besides subject, headers and payload, in memory. */
const MEMORY_OVERHEAD = 16;
/** The same in a file. */
export const FILE_OVERHEAD = 30;
/** More with headers. */
const FILE_HEADERS_OVERHEAD = 4;

/** What counts of a message. */
export type Measures = Pick<Publication, "subject" | "size" | "headerSize">;

/** Bytes that a message will take. */
export function recordSize(
  { subject, size, headerSize }: Measures,
  storage: "memory" | "file",
): number {
  const content = subject.length + size;
  if (storage === "memory") return content + MEMORY_OVERHEAD;
  const headers = headerSize > 0 ? FILE_HEADERS_OVERHEAD : 0;
  return content + FILE_OVERHEAD + headers;
}

/**
 * Failed file operations in the words of Go.
 *
 * @module
 */

import { DiskError } from "../runtime/mod.ts";

const WORDS: Readonly<Partial<Record<DiskError["code"], string>>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
};

/**
 * The text for a file that can't be read.
 * @throws `error` itself when it is not about files
 */
export function readFailure(error: unknown, path: string): string {
  if (!(error instanceof DiskError)) throw error;
  const operation = error.code === "EISDIR" ? "read" : "open";
  return `${operation} ${path}: ${WORDS[error.code] ?? error.message}`;
}

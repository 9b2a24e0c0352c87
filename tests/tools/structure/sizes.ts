/**
 * How long files and functions may be.
 *
 * @module
 */

import type { SourceFile } from "./source_file.ts";

/** Lines. */
export const FILE_LINES_MAX = 500;
export const FUNCTION_LINES_MAX = 70;

/** Exceptions and their present lengths: they may shrink, never grow. */
export type Ratchet = Readonly<Record<string, number>>;

/**
 * Everything over its limit, by name: a file's path, or `path#function`.
 * Functions of one name in one file count as the longest of them.
 */
export function measure(files: readonly SourceFile[]): Map<string, number> {
  const over = new Map<string, number>();
  for (const { path, text, functions } of files) {
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    if (lines > FILE_LINES_MAX) over.set(path, lines);
    for (const { name, lines, line } of functions) {
      if (lines <= FUNCTION_LINES_MAX) continue;
      const key = `${path}#${name || `line ${line}`}`;
      over.set(key, Math.max(lines, over.get(key) ?? 0));
    }
  }
  return over;
}

/** Compares lengths with the exceptions that are granted. */
export function checkSizes(
  files: readonly SourceFile[],
  ratchet: Ratchet,
): string[] {
  const over = measure(files);
  const faults: string[] = [];
  for (const [name, lines] of over) {
    const limit = ratchet[name] ??
      (name.includes("#") ? FUNCTION_LINES_MAX : FILE_LINES_MAX);
    if (lines > limit) faults.push(`${name} has ${lines} lines of ${limit}`);
  }
  for (const [name, granted] of Object.entries(ratchet)) {
    const lines = over.get(name) ?? 0;
    if (lines >= granted) continue;
    const better = lines === 0
      ? "remove the exception"
      : `lower it to ${lines}`;
    faults.push(`${name} no longer needs ${granted} lines: ${better}`);
  }
  return faults;
}

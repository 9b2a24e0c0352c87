/**
 * Paths of requests.
 *
 * @module
 */

/** The shortest equal path: without `.`, `..` and doubled slashes. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return "/" + parts.join("/");
}

/** A path below a base path. */
export function joinPath(base: string, path: string): string {
  return cleanPath(`${base}/${path}`);
}

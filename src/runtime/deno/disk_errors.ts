import { DiskError } from "../ports.ts";

type Code = DiskError["code"];

const CODES: Readonly<Record<string, Code>> = {
  ENOENT: "ENOENT",
  EEXIST: "EEXIST",
  EACCES: "EACCES",
  EPERM: "EACCES",
  EROFS: "EACCES",
  ENOTDIR: "ENOTDIR",
  EISDIR: "EISDIR",
  ENOTEMPTY: "ENOTEMPTY",
  ENOSPC: "ENOSPC",
  EDQUOT: "ENOSPC",
  EIO: "EIO",
};

/** How Go words the failures; other texts are the platform's. */
const WORDS: Readonly<Partial<Record<Code, string>>> = {
  ENOENT: "no such file or directory",
  EEXIST: "file exists",
  EACCES: "permission denied",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ENOTEMPTY: "directory not empty",
  ENOSPC: "no space left on device",
  EIO: "input/output error",
};

/**
 * Runs a file operation and turns what it throws into a {@link DiskError}
 * worded `operation path: reason`.
 */
export function diskCall<T>(operation: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw diskError(error, operation, path);
  }
}

/** Turns what the platform threw into a {@link DiskError}. */
export function diskError(
  error: unknown,
  operation: string,
  path: string,
): DiskError {
  if (error instanceof DiskError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const missing = error instanceof Deno.errors.NotCapable;
  const code = missing ? "EACCES" : CODES[errnoOf(error)] ?? "EOTHER";
  // The platform's text names the permission flag that is missing.
  const reason = missing ? text : WORDS[code] ?? text;
  return new DiskError(`${operation} ${path}: ${reason}`, code, path, {
    cause: error,
  });
}

function errnoOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" ? code : "";
}

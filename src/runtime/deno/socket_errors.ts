import { TransportError, type TransportErrorCode } from "../ports.ts";

type ErrorClass = abstract new (...args: never[]) => Error;

const CODES: readonly (readonly [ErrorClass, TransportErrorCode])[] = [
  [Deno.errors.BadResource, "CLOSED"],
  [Deno.errors.Interrupted, "CLOSED"],
  [Deno.errors.ConnectionReset, "RESET"],
  [Deno.errors.ConnectionAborted, "RESET"],
  [Deno.errors.BrokenPipe, "RESET"],
  [Deno.errors.NotConnected, "RESET"],
  [Deno.errors.ConnectionRefused, "REFUSED"],
  [Deno.errors.TimedOut, "TIMEOUT"],
  [Deno.errors.AddrInUse, "IN_USE"],
  [Deno.errors.AddrNotAvailable, "NOT_AVAILABLE"],
  [Deno.errors.NotFound, "NOT_FOUND"],
  [Deno.errors.NotCapable, "DENIED"],
  [Deno.errors.PermissionDenied, "DENIED"],
];

/**
 * Turns what the platform threw into a {@link TransportError}.
 * @param operation what was tried, put before the system's words
 * @param call the system call, put between them when it was what failed
 */
export function transportError(
  error: unknown,
  operation: string,
  call?: string,
): TransportError {
  if (error instanceof TransportError) return error;
  const code = codeOf(error);
  const words = systemWords(error, code);
  const prefix = call && words.fromSystem ? `${operation}: ${call}` : operation;
  return new TransportError(`${prefix}: ${words.text}`, code, { cause: error });
}

function codeOf(error: unknown): TransportErrorCode {
  for (const [type, code] of CODES) if (error instanceof type) return code;
  if (!(error instanceof Error)) return "OTHER";
  if (error.name === "AbortError") return "CLOSED";
  return /failed to lookup|ENOTFOUND|EAI_/.test(error.message)
    ? "NOT_FOUND"
    : "OTHER";
}

/** The error's text as the operating system words it, without its number. */
function systemWords(
  error: unknown,
  code: TransportErrorCode,
): { text: string; fromSystem: boolean } {
  const text = error instanceof Error ? error.message : String(error);
  if (code === "CLOSED") {
    return { text: "use of closed network connection", fromSystem: false };
  }
  if (/failed to lookup|ENOTFOUND/.test(text)) {
    return { text: "no such host", fromSystem: false };
  }
  const words = text.replace(/ \(os error \d+\)$/, "");
  return words === text ? { text, fromSystem: false } : {
    text: words.charAt(0).toLowerCase() + words.slice(1),
    fromSystem: true,
  };
}

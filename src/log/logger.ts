/**
 * What the rest of the server knows of logging.
 *
 * @module
 */

/** Takes finished lines. Check `debugging`/`tracing` before building costly text. */
export interface Logger {
  /** Whether debug lines go anywhere. */
  readonly debugging: boolean;
  /** Whether protocol trace lines go anywhere. */
  readonly tracing: boolean;
  notice(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  /** Logs and, except to syslog, ends the process with exit code 1. */
  fatal(text: string): void;
  debug(text: string): void;
  trace(text: string): void;
}

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

/** A logger that holds a file or a connection, or holds lines back to write many at once. */
export interface ClosableLogger extends Logger {
  /** Writes out what is held back. Resolves when nothing is under way any more. */
  flush(): void | Promise<void>;
  /** Flushes and lets go of the sink. @throws Error when the sink can't be closed */
  close(): void | Promise<void>;
}

/**
 * The server's log: one `Logger` for the whole life of a server, whose sink
 * can be changed, reopened and closed underneath it.
 *
 * @module
 */

import type { ClosableLogger, Logger } from "./logger.ts";
import { LogOpenError } from "./open_error.ts";
import {
  type LogOptions,
  type LogPorts,
  openLogFile,
  openLogger,
} from "./open.ts";

/** What `ServerLog.configure` reads. */
export interface ServerLogOptions extends LogOptions {
  /** Trace the system account's connections too. */
  readonly traceVerbose: boolean;
  /** Discard everything (for embedders). */
  readonly noLog: boolean;
}

/** Passes lines on to the current logger; without one they are discarded. */
export class ServerLog implements ClosableLogger {
  readonly #ports: LogPorts;
  #logger: Logger | undefined;
  #options: ServerLogOptions | undefined;
  #tracingSystem = false;
  #shuttingDown = false;

  constructor(ports: LogPorts) {
    this.#ports = ports;
  }

  get debugging(): boolean {
    return this.#logger?.debugging ?? false;
  }

  get tracing(): boolean {
    return this.#logger?.tracing ?? false;
  }

  /** Whether connections of the system account are traced too. */
  get tracingSystem(): boolean {
    return this.#tracingSystem;
  }

  /** Opens the log that `options` ask for in place of the present one. @throws LogOpenError */
  async configure(options: ServerLogOptions): Promise<void> {
    this.#options = options;
    if (options.noLog) return;
    this.replace(await openLogger(options, this.#ports), options.traceVerbose);
  }

  /** Makes `logger` take all further lines and closes the one before it. */
  replace(logger: Logger | undefined, tracingSystem = false): void {
    const previous = this.#logger;
    this.#logger = logger;
    this.#tracingSystem = tracingSystem;
    this.#shut(previous);
  }

  /**
   * Closes and opens the log file, so that a file moved away is let go. A file
   * that can't be opened leaves the log as it is.
   */
  reopen(): void {
    const options = this.#options;
    if (this.#logger === undefined || options === undefined) {
      return this.notice("File log re-open ignored, no logger");
    }
    if (options.logFile === "") {
      return this.notice("File log re-open ignored, not a file logger");
    }
    try {
      this.replace(openLogFile(options, this.#ports, { files: false }));
      this.notice("File log re-opened");
    } catch (error) {
      if (!(error instanceof LogOpenError)) throw error;
      this.error(`File log re-open failed: ${error.message}`);
    }
  }

  /** From now on fatal lines are error lines: the process is ending already. */
  beginShutdown(): void {
    this.#shuttingDown = true;
  }

  notice(text: string): void {
    this.#logger?.notice(text);
  }

  warn(text: string): void {
    this.#logger?.warn(text);
  }

  error(text: string): void {
    this.#logger?.error(text);
  }

  fatal(text: string): void {
    if (this.#shuttingDown) this.#logger?.error(text);
    else this.#logger?.fatal(text);
  }

  debug(text: string): void {
    this.#logger?.debug(text);
  }

  trace(text: string): void {
    this.#logger?.trace(text);
  }

  async flush(): Promise<void> {
    if (isClosable(this.#logger)) await this.#logger.flush();
  }

  async close(): Promise<void> {
    const logger = this.#logger;
    this.#logger = undefined;
    if (isClosable(logger)) await logger.close();
  }

  #shut(logger: Logger | undefined): void {
    if (!isClosable(logger)) return;
    const failed = (error: unknown) =>
      this.error(
        `Error closing logger: ${
          error instanceof Error ? error.message : error
        }`,
      );
    try {
      Promise.resolve(logger.close()).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

function isClosable(logger: Logger | undefined): logger is ClosableLogger {
  return logger !== undefined && "flush" in logger && "close" in logger;
}

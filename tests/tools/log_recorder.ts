/**
 * A logger that keeps what it is told.
 *
 * @module
 */

import type { Logger } from "../../src/log/mod.ts";

/** Keeps what a server logs: each line with its level in front. */
export class LogRecorder implements Logger {
  readonly debugging: boolean;
  readonly tracing: boolean;
  readonly lines: string[] = [];

  constructor({ debugging = true, tracing = false } = {}) {
    this.debugging = debugging;
    this.tracing = tracing;
  }

  notice(text: string): void {
    this.lines.push(`notice ${text}`);
  }
  warn(text: string): void {
    this.lines.push(`warn ${text}`);
  }
  error(text: string): void {
    this.lines.push(`error ${text}`);
  }
  fatal(text: string): void {
    this.lines.push(`fatal ${text}`);
  }
  debug(text: string): void {
    this.lines.push(`debug ${text}`);
  }
  trace(text: string): void {
    this.lines.push(`trace ${text}`);
  }

  /** What was said at one level. */
  texts(level: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${level} `))
      .map((line) => line.slice(level.length + 1));
  }

  /** Lines that no fault excuses. */
  get unexpected(): string[] {
    return this.lines.filter((line) =>
      line.startsWith("fatal") || line.includes("unexpected failure")
    );
  }
}

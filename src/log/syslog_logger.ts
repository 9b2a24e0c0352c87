/**
 * Logger that hands its lines to a syslog daemon.
 *
 * @module
 */

import type { Clock } from "../runtime/mod.ts";
import type { ClosableLogger } from "./logger.ts";
import type { SyslogConnection, SyslogDial } from "./syslog_connection.ts";
import { type FrameOptions, Severity, syslogFrame } from "./syslog_frame.ts";

/** Frames waiting at most; beyond that the daemon is too slow and lines are lost. */
const QUEUE_MAX = 10_000;
const encoder = new TextEncoder();

/** Which levels are on. */
export interface SyslogLevels {
  readonly debug: boolean;
  readonly trace: boolean;
}

/**
 * Sends one frame per line, in order. When sending fails it connects again
 * and tries the frame once more; if that fails too, the line is lost.
 */
export class SyslogLogger implements ClosableLogger {
  readonly debugging: boolean;
  readonly tracing: boolean;
  readonly #dial: SyslogDial;
  readonly #frame: FrameOptions;
  readonly #clock: Pick<Clock, "now" | "utcOffset">;
  readonly #queue: string[] = [];
  #connection: SyslogConnection | undefined;
  #sending: Promise<void> | undefined;

  /** Use `openSyslog`, which connects first. */
  constructor(
    connection: SyslogConnection,
    dial: SyslogDial,
    frame: FrameOptions,
    levels: SyslogLevels,
    clock: Pick<Clock, "now" | "utcOffset">,
  ) {
    this.debugging = levels.debug;
    this.tracing = levels.trace;
    this.#connection = connection;
    this.#dial = dial;
    this.#frame = frame;
    this.#clock = clock;
  }

  notice(text: string): void {
    this.#log(Severity.notice, text);
  }

  warn(text: string): void {
    this.#log(Severity.warning, text);
  }

  error(text: string): void {
    this.#log(Severity.err, text);
  }

  /** Does not end the process, as in Go. */
  fatal(text: string): void {
    this.#log(Severity.crit, text);
  }

  debug(text: string): void {
    if (this.debugging) this.#log(Severity.debug, text);
  }

  trace(text: string): void {
    if (this.tracing) this.#log(Severity.notice, text);
  }

  async flush(): Promise<void> {
    await this.#sending;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#connection?.close();
    this.#connection = undefined;
  }

  #log(severity: Severity, text: string): void {
    if (this.#queue.length >= QUEUE_MAX) return;
    const at = this.#clock.now();
    this.#queue.push(
      syslogFrame(this.#frame, severity, text, at, this.#clock.utcOffset(at)),
    );
    this.#sending ??= this.#drain();
  }

  async #drain(): Promise<void> {
    for (let next = 0; next < this.#queue.length; next++) {
      await this.#send(encoder.encode(this.#queue[next]));
    }
    this.#queue.length = 0;
    this.#sending = undefined;
  }

  async #send(frame: Uint8Array): Promise<void> {
    try {
      this.#connection ??= await this.#dial();
      await this.#connection.send(frame);
    } catch {
      this.#connection?.close();
      this.#connection = undefined;
      await this.#resend(frame);
    }
  }

  async #resend(frame: Uint8Array): Promise<void> {
    try {
      this.#connection = await this.#dial();
      await this.#connection.send(frame);
    } catch {
      this.#connection?.close();
      this.#connection = undefined;
    }
  }
}

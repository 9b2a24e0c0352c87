/**
 * Logger for sinks that take whole lines: standard error and files.
 *
 * @module
 */

import type { Clock, Process, Timer, Timers } from "../runtime/mod.ts";
import type { ClosableLogger } from "./logger.ts";
import { TimestampFormatter } from "./timestamp.ts";

/** Where lines end up. */
export interface LineSink {
  /** Takes a line, its newline included; may hold it back until `flush`. */
  write(line: string): void;
  flush(): void;
  close(): void;
}

/** What a line looks like and which levels are on. */
export interface LineOptions {
  readonly debug: boolean;
  readonly trace: boolean;
  readonly time: boolean;
  readonly utc: boolean;
  readonly colors: boolean;
}

/** The ports that a line logger works with. */
export interface LinePorts {
  readonly clock: Pick<Clock, "nowNanos" | "utcOffset">;
  readonly timers: Pick<Timers, "soon">;
  readonly process: Pick<Process, "pid" | "exit">;
}

/** Label → SGR parameters of its colour. */
const LABELS = {
  INF: "32",
  DBG: "36",
  WRN: "0;93",
  ERR: "31",
  FTL: "31",
  TRC: "33",
} as const;
type Label = keyof typeof LABELS;

/**
 * Writes `[pid] time [LBL] text` lines. Debug and trace lines may wait for the
 * end of the turn so that a burst costs one write; every other line goes out
 * at once and takes those that wait along, so a crash loses no more than the
 * traces of its own turn.
 */
export class LineLogger implements ClosableLogger {
  readonly debugging: boolean;
  readonly tracing: boolean;
  readonly #sink: LineSink;
  readonly #ports: LinePorts;
  readonly #prefix: string;
  readonly #clock: TimestampFormatter | undefined;
  readonly #labels: Readonly<Record<Label, string>>;
  #flushing: Timer | undefined;

  constructor(sink: LineSink, options: LineOptions, ports: LinePorts) {
    this.debugging = options.debug;
    this.tracing = options.trace;
    this.#sink = sink;
    this.#ports = ports;
    this.#prefix = `[${ports.process.pid}] `;
    this.#clock = options.time
      ? new TimestampFormatter(ports.clock, options.utc)
      : undefined;
    this.#labels = labelTexts(options.colors);
  }

  notice(text: string): void {
    this.#writeNow("INF", text);
  }

  warn(text: string): void {
    this.#writeNow("WRN", text);
  }

  error(text: string): void {
    this.#writeNow("ERR", text);
  }

  fatal(text: string): void {
    this.#writeNow("FTL", text);
    this.#ports.process.exit(1);
  }

  debug(text: string): void {
    if (this.debugging) this.#writeSoon("DBG", text);
  }

  trace(text: string): void {
    if (this.tracing) this.#writeSoon("TRC", text);
  }

  flush(): void {
    this.#flushing?.cancel();
    this.#flushing = undefined;
    this.#sink.flush();
  }

  close(): void {
    this.flush();
    this.#sink.close();
  }

  #writeNow(label: Label, text: string): void {
    this.#sink.write(this.#line(label, text));
    this.flush();
  }

  #writeSoon(label: Label, text: string): void {
    this.#sink.write(this.#line(label, text));
    this.#flushing ??= this.#ports.timers.soon(() => this.flush());
  }

  #line(label: Label, text: string): string {
    const time = this.#clock === undefined ? "" : this.#clock.now() + " ";
    const end = text.endsWith("\n") ? "" : "\n";
    return this.#prefix + time + this.#labels[label] + text + end;
  }
}

function labelTexts(colors: boolean): Record<Label, string> {
  const text = (label: Label) =>
    colors ? `[\x1b[${LABELS[label]}m${label}\x1b[0m] ` : `[${label}] `;
  return {
    INF: text("INF"),
    DBG: text("DBG"),
    WRN: text("WRN"),
    ERR: text("ERR"),
    FTL: text("FTL"),
    TRC: text("TRC"),
  };
}

/**
 * Time as it stands in log lines.
 *
 * @module
 */

import type { Clock } from "../runtime/mod.ts";

/** Broken-down wall time. */
export interface CivilTime {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

/** Splits `at` (ms since the Unix epoch), `offset` minutes ahead of UTC. */
export function civilTime(at: number, offset: number): CivilTime {
  const shifted = new Date(at + offset * 60_000);
  return {
    year: pad(shifted.getUTCFullYear(), 4),
    month: pad(shifted.getUTCMonth() + 1, 2),
    day: pad(shifted.getUTCDate(), 2),
    hour: pad(shifted.getUTCHours(), 2),
    minute: pad(shifted.getUTCMinutes(), 2),
    second: pad(shifted.getUTCSeconds(), 2),
  };
}

/** `YYYY/MM/DD hh:mm:ss` of `at`. */
export function formatTimestamp(at: number, offset: number): string {
  const t = civilTime(at, offset);
  return `${t.year}/${t.month}/${t.day} ${t.hour}:${t.minute}:${t.second}`;
}

/** Writes `YYYY/MM/DD hh:mm:ss.uuuuuu`; most of it is reused within a second. */
export class TimestampFormatter {
  readonly #clock: Pick<Clock, "nowNanos" | "utcOffset">;
  readonly #utc: boolean;
  #second = -1;
  #text = "";

  constructor(clock: Pick<Clock, "nowNanos" | "utcOffset">, utc: boolean) {
    this.#clock = clock;
    this.#utc = utc;
  }

  /** The present time. */
  now(): string {
    const micros = this.#clock.nowNanos() / 1000n;
    const second = Number(micros / 1_000_000n);
    if (second !== this.#second) {
      const at = second * 1000;
      this.#text = formatTimestamp(
        at,
        this.#utc ? 0 : this.#clock.utcOffset(at),
      );
      this.#second = second;
    }
    return `${this.#text}.${pad(Number(micros % 1_000_000n), 6)}`;
  }
}

/** `value` in decimal with leading zeros. */
export function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/**
 * Local time in zones of the IANA database.
 *
 * @module
 */

/** What a clock on the wall shows. */
export interface LocalTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0: Sunday. */
  readonly weekday: number;
}

/** One zone. */
export class TimeZone {
  static readonly UTC: TimeZone = new TimeZone(null);
  readonly #format: Intl.DateTimeFormat | null;

  private constructor(format: Intl.DateTimeFormat | null) {
    this.#format = format;
  }

  /** Null when there is no such zone. */
  static find(name: string): TimeZone | null {
    if (name === "UTC" || name === "") return TimeZone.UTC;
    // The engine also knows offsets and takes names in any case; Go does not.
    if (!/^[A-Z][A-Za-z0-9_+\-/]*$/.test(name)) return null;
    try {
      const format = new Intl.DateTimeFormat("en-US", {
        timeZone: name === "Local" ? undefined : name,
        calendar: "gregory",
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
      const { timeZone } = format.resolvedOptions();
      const isMiswritten = timeZone !== name &&
        timeZone.toLowerCase() === name.toLowerCase();
      return isMiswritten ? null : new TimeZone(format);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** @param at milliseconds since the epoch */
  local(at: number): LocalTime {
    const shown = new Date(at + this.#offset(at));
    return {
      year: shown.getUTCFullYear(),
      month: shown.getUTCMonth() + 1,
      day: shown.getUTCDate(),
      hour: shown.getUTCHours(),
      minute: shown.getUTCMinutes(),
      second: shown.getUTCSeconds(),
      weekday: shown.getUTCDay(),
    };
  }

  /**
   * When the clock shows this. Months and days beyond their range count on.
   * A time that is skipped is taken by the offset before the change.
   */
  instant(
    year: number,
    month: number,
    day: number,
    hour: number,
    minute: number,
  ): number {
    const shown = Date.UTC(year, month - 1, day, hour, minute);
    const guess = shown - this.#offset(shown);
    return shown - this.#offset(guess);
  }

  /** Milliseconds that local time is ahead of UTC. */
  #offset(at: number): number {
    if (this.#format === null) return 0;
    const part = new Map<string, number>();
    for (const { type, value } of this.#format.formatToParts(at)) {
      part.set(type, Number(value));
    }
    const shown = Date.UTC(
      part.get("year") ?? 0,
      (part.get("month") ?? 1) - 1,
      part.get("day") ?? 0,
      part.get("hour") ?? 0,
      part.get("minute") ?? 0,
      part.get("second") ?? 0,
    );
    // Parts have no fractions of a second; offsets are whole seconds or more.
    return shown - Math.floor(at / 1000) * 1000;
  }
}

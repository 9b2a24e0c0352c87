/**
 * Cron patterns of six fields: second, minute, hour, day of month, month, day
 * of week.
 *
 * A field is a list of ranges, `*` or `?`; a range may have a step. Months and
 * days of the week have names. When neither day field is a star, a day that
 * matches one of them is enough.
 *
 * @module
 */

import type { LocalTime, TimeZone } from "./time_zone.ts";

/** Years that are searched for the next time. */
const HORIZON_YEARS = 5;

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec";
const DAY_NAMES = "sun mon tue wed thu fri sat";
const SECONDS: Bounds = { min: 0, max: 59 };
const HOURS: Bounds = { min: 0, max: 23 };
const DAYS: Bounds = { min: 1, max: 31 };
const MONTHS: Bounds = { min: 1, max: 12, names: MONTH_NAMES.split(" ") };
const WEEKDAYS: Bounds = { min: 0, max: 6, names: DAY_NAMES.split(" ") };
const FIELDS = [SECONDS, SECONDS, HOURS, DAYS, MONTHS, WEEKDAYS];

/** Values that a field allows. */
interface Field {
  readonly values: ReadonlySet<number>;
  readonly isStar: boolean;
}

/** A parsed pattern. */
export class CronPattern {
  readonly #second: Field;
  readonly #minute: Field;
  readonly #hour: Field;
  readonly #day: Field;
  readonly #month: Field;
  readonly #weekday: Field;

  private constructor(fields: readonly Field[]) {
    const [second, minute, hour, day, month, weekday] = fields as [
      Field,
      Field,
      Field,
      Field,
      Field,
      Field,
    ];
    this.#second = second;
    this.#minute = minute;
    this.#hour = hour;
    this.#day = day;
    this.#month = month;
    this.#weekday = weekday;
  }

  /** Null when the text is no pattern. */
  static parse(text: string): CronPattern | null {
    const parts = text.trim().split(/\s+/);
    if (parts.length !== FIELDS.length) return null;
    const fields: Field[] = [];
    for (const [i, bounds] of FIELDS.entries()) {
      const field = parseField(parts[i] ?? "", bounds);
      // A field without values, such as `,`, never matches.
      if (field === null || field.values.size === 0) return null;
      fields.push(field);
    }
    return new CronPattern(fields);
  }

  /**
   * The first time after `after` that matches, milliseconds since the epoch;
   * null when there is none within five years.
   */
  next(after: number, zone: TimeZone): number | null {
    let at = Math.floor(after / 1000) * 1000 + 1000;
    const limit = zone.local(at).year + HORIZON_YEARS;
    for (;;) {
      const local = zone.local(at);
      if (local.year > limit) return null;
      const skipped = this.#skip(local, at, zone);
      if (skipped === at) return at;
      at = skipped;
    }
  }

  /** `at` if it matches, else the earliest later time that may. */
  #skip(local: LocalTime, at: number, zone: TimeZone): number {
    const { year, month, day, hour, minute, second } = local;
    if (!this.#month.values.has(month)) {
      return later(zone.instant(year, month + 1, 1, 0, 0), at);
    }
    if (!this.#dayMatches(local)) {
      return later(zone.instant(year, month, day + 1, 0, 0), at);
    }
    const inMinute = at - second * 1000;
    if (!this.#hour.values.has(hour)) {
      return inMinute + (60 - minute) * 60_000;
    }
    if (!this.#minute.values.has(minute)) return inMinute + 60_000;
    return this.#second.values.has(second) ? at : at + 1000;
  }

  #dayMatches({ day, weekday }: LocalTime): boolean {
    const inMonth = this.#day.values.has(day);
    const inWeek = this.#weekday.values.has(weekday);
    return this.#day.isStar || this.#weekday.isStar
      ? inMonth && inWeek
      : inMonth || inWeek;
  }
}

/** Local midnights may not exist or come twice: time must go on all the same. */
function later(candidate: number, at: number): number {
  return candidate > at ? candidate : at + 1000;
}

function parseField(text: string, bounds: Bounds): Field | null {
  const values = new Set<number>();
  let isStar = false;
  for (const range of text.split(",")) {
    if (range === "") continue;
    const parsed = parseRange(range, bounds);
    if (parsed === null) return null;
    for (let i = parsed.start; i <= parsed.end; i += parsed.step) values.add(i);
    isStar ||= parsed.isStar;
  }
  return { values, isStar };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly isStar: boolean;
}

function parseRange(text: string, bounds: Bounds): Range | null {
  const [span = "", stepText, ...tooMany] = text.split("/");
  const [low = "", high, ...others] = span.split("-");
  if (tooMany.length > 0) return null;
  const star = low === "*" || low === "?";
  // What stands behind a star is not looked at, as in the Go server.
  if (!star && others.length > 0) return null;
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  const start = star ? bounds.min : parseValue(low, bounds);
  let end = star ? bounds.max : parseValue(high ?? low, bounds);
  if (step === null || start === null || end === null || step < 1) return null;
  if (stepText !== undefined && high === undefined) end = bounds.max;
  if (start < bounds.min || end > bounds.max || start > end) return null;
  return { start, end, step, isStar: star && step === 1 };
}

function parseValue(text: string, { names, min }: Bounds): number | null {
  const index = names?.indexOf(text.toLowerCase()) ?? -1;
  return index >= 0 ? index + min : parseNumber(text);
}

function parseNumber(text: string): number | null {
  return /^\+?[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

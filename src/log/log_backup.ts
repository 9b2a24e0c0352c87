/**
 * Names of rotated log files: `<file>.YYYY.MM.DD.hh.mm.ss.nnnnnnnnn`, local
 * time with nanoseconds, so that they sort by age.
 *
 * @module
 */

import type { Clock } from "../runtime/mod.ts";
import { civilTime, pad } from "./timestamp.ts";

const STAMP = /^(\d{4})\.(\d\d)\.(\d\d)\.(\d\d?)\.(\d\d)\.(\d\d)(?:[.,]\d+)?$/;

/** The name under which `path` is kept when it is rotated now. */
export function backupName(
  path: string,
  clock: Pick<Clock, "nowNanos" | "utcOffset">,
): string {
  const nanos = clock.nowNanos();
  const at = Number(nanos / 1_000_000n);
  const t = civilTime(at, clock.utcOffset(at));
  const fraction = pad(Number(nanos % 1_000_000_000n), 9);
  return [path, t.year, t.month, t.day, t.hour, t.minute, t.second, fraction]
    .join(".");
}

/** Whether `name` is a rotated copy of the log file called `base`. */
export function isBackupName(name: string, base: string): boolean {
  if (!name.startsWith(`${base}.`)) return false;
  const fields = STAMP.exec(name.slice(base.length + 1))?.slice(1).map(Number);
  if (fields === undefined) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] =
    fields;
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) &&
    hour < 24 && minute < 60 && second < 60;
}

function daysIn(year: number, month: number): number {
  if (month === 2) {
    return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  }
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

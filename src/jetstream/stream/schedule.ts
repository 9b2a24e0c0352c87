/**
 * When scheduled messages are due.
 *
 * @module
 */

import { DurationError, parseDuration } from "../../config/mod.ts";
import { parseTime } from "../json/time.ts";
import { CronPattern } from "./cron.ts";
import type { PublishHeaders } from "./publish_headers.ts";
import { TimeZone } from "./time_zone.ts";

const SECOND = 1_000_000_000n;

/** Names for patterns that are used often. */
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 0 1 1 *"],
  ["@annually", "0 0 0 1 1 *"],
  ["@monthly", "0 0 0 1 * *"],
  ["@weekly", "0 0 0 * * 0"],
  ["@daily", "0 0 0 * * *"],
  ["@midnight", "0 0 0 * * *"],
  ["@hourly", "0 0 * * * *"],
]);

/** When a message is due the next time. */
export interface DueTime {
  /** Nanoseconds since the epoch. */
  readonly at: bigint;
  readonly repeats: boolean;
}

/** A schedule that can't be understood. */
export type ScheduleFault = "pattern" | "timeZone";

/**
 * Reads `@at <time>`, `@every <duration>`, a predefined name or a cron pattern.
 * What is overdue by more than one run is due once.
 * @param zone null: none was given
 * @param from nanoseconds; runs are counted from here
 * @returns null when the pattern is invalid, or never due
 */
export function nextDue(
  pattern: string,
  zone: TimeZone | null,
  from: bigint,
  now: bigint,
): DueTime | null {
  if (pattern.startsWith("@at ")) {
    const at = zone === null ? parseTime(pattern.slice(4)) : null;
    return at === null ? null : { at, repeats: false };
  }
  if (pattern.startsWith("@every ")) {
    return zone === null ? nextOfInterval(pattern.slice(7), from, now) : null;
  }
  const cron = CronPattern.parse(PREDEFINED.get(pattern) ?? pattern);
  if (cron === null) return null;
  const where = zone ?? TimeZone.UTC;
  let next = cron.next(milliseconds(from), where);
  if (next !== null && next < milliseconds(now)) {
    next = cron.next(milliseconds(wholeSecond(now)), where);
  }
  return next === null
    ? null
    : { at: BigInt(next) * 1_000_000n, repeats: true };
}

function nextOfInterval(
  text: string,
  from: bigint,
  now: bigint,
): DueTime | null {
  const interval = intervalOf(text);
  if (interval === null) return null;
  const next = wholeSecond(from) + interval;
  return next < now
    ? { at: wholeSecond(now) + interval, repeats: true }
    : { at: next, repeats: true };
}

/** Nanoseconds; null when it is no duration of a second or more. */
function intervalOf(text: string): bigint | null {
  try {
    const interval = parseDuration(text);
    return interval < 1000 ? null : BigInt(Math.round(interval * 1e6));
  } catch (error) {
    if (error instanceof DurationError) return null;
    throw error;
  }
}

/** The nearest one. */
function wholeSecond(nanos: bigint): bigint {
  return (nanos + SECOND / 2n) / SECOND * SECOND;
}

function milliseconds(nanos: bigint): number {
  return Number(nanos / 1_000_000n);
}

/**
 * When the message with these headers is due; null when it has no schedule.
 */
export function scheduledTime(
  headers: PublishHeaders,
  from: bigint,
  now: bigint,
): DueTime | ScheduleFault | null {
  let zone: TimeZone | null = null;
  if (headers.has("scheduleTimeZone")) {
    const name = headers.get("scheduleTimeZone");
    zone = name === "" ? null : TimeZone.find(name);
    if (zone === null) return "timeZone";
  }
  const pattern = headers.get("schedule");
  if (pattern === "") return null;
  return nextDue(pattern, zone, from, now) ?? "pattern";
}

/**
 * Times of day at which users may be connected.
 *
 * @module
 */

/** `hh:mm:ss` each; a range whose end comes first goes over midnight. */
export interface TimeRange {
  readonly start: string;
  readonly end: string;
}

const DAY = 86_400_000;

/** Whether a text is `hh:mm:ss`. */
export function isTimeOfDay(text: string): boolean {
  return secondOfDay(text) !== undefined;
}

function secondOfDay(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return hour * 3600 + minute * 60 + second;
}

/** Whether a text names a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== null;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Minutes that a zone is ahead of UTC at a wall time (milliseconds). */
export type ZoneOffset = (at: number) => number;

/** The offsets of a zone that `isTimeZone` knows. */
export function zoneOffset(name: string): ZoneOffset {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    timeZoneName: "longOffset",
  });
  return (at) => {
    const part = format.formatToParts(at).find(({ type }) =>
      type === "timeZoneName"
    );
    const match = /^GMT([+-])(\d\d):(\d\d)(?::\d\d)?$/.exec(part?.value ?? "");
    if (match === null) return 0;
    const minutes = Number(match[2]) * 60 + Number(match[3]);
    return match[1] === "-" ? -minutes : minutes;
  };
}

/**
 * How long, from `now` (milliseconds), the last of the ranges that hold now
 * still holds.
 * @returns milliseconds; undefined when none does
 */
export function remainingTime(
  ranges: readonly TimeRange[],
  now: number,
  offset: ZoneOffset,
): number | undefined {
  const remaining = ranges.map((range) => remainingInRange(range, now, offset))
    .filter((left) => left !== undefined);
  return remaining.length === 0 ? undefined : Math.max(...remaining);
}

function remainingInRange(
  range: TimeRange,
  now: number,
  offset: ZoneOffset,
): number | undefined {
  const from = secondOfDay(range.start);
  const to = secondOfDay(range.end);
  if (from === undefined || to === undefined) return undefined;
  const local = now + offset(now) * 60_000;
  const midnight = Math.floor(local / DAY) * DAY;
  const instant = (second: number, days = 0) =>
    instantOf(midnight + days * DAY + second * 1000, offset);
  const start = instant(from);
  const end = instant(to);
  if (start < now && end > now) return end - now;
  if (start <= end) return undefined;
  if (end > now) return end - now;
  const tomorrow = instant(to, 1);
  return start < now && tomorrow > now ? tomorrow - now : undefined;
}

/** The wall time of a local time, which is a wall time as if local were UTC. */
function instantOf(local: number, offset: ZoneOffset): number {
  const guess = local - offset(local) * 60_000;
  return local - offset(guess) * 60_000;
}

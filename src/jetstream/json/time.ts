/**
 * Times as text: RFC 3339 with nanoseconds.
 *
 * @module
 */

import { quoteText } from "../../log/mod.ts";
import { formatNanos } from "../../protocol/mod.ts";
import type { Kind } from "./kind.ts";
import { JsonError } from "./reading.ts";

/** Go's time of no time. */
export const ZERO_TIME = "0001-01-01T00:00:00Z";

const LAYOUT = '"2006-01-02T15:04:05Z07:00"';
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Nanoseconds since the Unix epoch as text in UTC. */
export const formatTime: (nanos: bigint) => string = formatNanos;

/** Nanoseconds since the Unix epoch; null when `text` is no time. */
export function parseTime(text: string): bigint | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, part = "", zone] = match;
  const milliseconds = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`,
  );
  if (Number.isNaN(milliseconds)) return null;
  // What JavaScript would carry over is no time: 30 February, 24:00.
  if (Number(day) > daysIn(Number(year), Number(month))) return null;
  if (Number(hour) > 23) return null;
  return BigInt(milliseconds) * 1_000_000n +
    BigInt(part.slice(0, 9).padEnd(9, "0"));
}

function daysIn(year: number, month: number): number {
  const date = new Date(Date.UTC(2000, month, 0));
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

function fraction(digits: string): string {
  const significant = digits.replace(/0+$/, "");
  return significant === "" ? "" : `.${significant}`;
}

/** A time as text; in the zone that it was given in. */
export const time: Kind<string> = {
  goType: "time.Time",
  zero: () => ZERO_TIME,
  isEmpty: () => false,
  write: (value) => `"${value}"`,
  tree: (value) => value,
  read(node, previous) {
    if (node.type === "null") return previous;
    if (node.type !== "string") {
      throw new JsonError("Time.UnmarshalJSON: input is not a JSON string");
    }
    const text = node.raw.slice(1, -1);
    if (parseTime(text) === null) throw new JsonError(complaint(text));
    return text.replace(/\.(\d+)/, (_, digits) => fraction(digits.slice(0, 9)))
      .replace(/[+-]00:00$/, "Z");
  },
};

/** What Go says of a text that is no time. */
function complaint(text: string): string {
  const elements: [RegExp, string][] = [
    [/^\d{4}/, "2006"],
    [/^-/, "-"],
    [/^\d\d/, "01"],
    [/^-/, "-"],
    [/^\d\d/, "02"],
    [/^T/, "T"],
    [/^\d\d/, "15"],
    [/^:/, ":"],
    [/^\d\d/, "04"],
    [/^:/, ":"],
    [/^\d\d(\.\d+)?/, "05"],
    [/^(Z|[+-]\d\d:\d\d)/, "Z07:00"],
  ];
  const parsing = `parsing time ${quoteText(text)}`;
  let rest = text;
  for (const [pattern, element] of elements) {
    const found = pattern.exec(rest);
    if (found === null) {
      return `${parsing} as ${LAYOUT}: cannot parse ${quoteText(rest)} as ${
        quoteText(element)
      }`;
    }
    rest = rest.slice(found[0].length);
  }
  if (rest !== "") return `${parsing}: extra text: ${quoteText(rest)}`;
  return `${parsing}: ${outOfRange(text)} out of range`;
}

function outOfRange(text: string): string {
  const [, year, month, , hour, minute, second] = TIME.exec(text) ?? [];
  if (Number(month) < 1 || Number(month) > 12) return "month";
  if (Number(hour) > 23) return "hour";
  if (Number(minute) > 59) return "minute";
  if (Number(second) > 59) return "second";
  const [, zoneHour, zoneMinute] = /[+-](\d\d):(\d\d)$/.exec(text) ?? [];
  if (Number(zoneHour) > 24) return "time zone offset hour";
  if (Number(zoneMinute) > 59) return "time zone offset minute";
  return year === undefined ? "time" : "day";
}

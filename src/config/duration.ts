/**
 * Durations in Go's notation, such as `1h30m` or `250ms`.
 *
 * @module
 */

import { quote } from "./go_text.ts";

/** Nanoseconds per unit. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n],
  ["\u03bcs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

const INT64_MAX = 2n ** 63n - 1n;

/** A text that is no duration. The message is Go's. */
export class DurationError extends Error {
  override readonly name = "DurationError";
}

/**
 * Parses a duration.
 * @returns milliseconds
 * @throws DurationError
 */
export function parseDuration(text: string): number {
  const negative = text.startsWith("-");
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return 0;
  if (rest === "") {
    throw new DurationError(`time: invalid duration ${quote(text)}`);
  }
  let total = 0n;
  while (rest !== "") {
    const match = /^(?:(\d+)(?:\.(\d*))?|\.(\d+))/.exec(rest);
    if (match === null) {
      throw new DurationError(`time: invalid duration ${quote(text)}`);
    }
    rest = rest.slice(match[0].length);
    const unit = /^[^.0-9]*/.exec(rest)?.[0] ?? "";
    rest = rest.slice(unit.length);
    if (unit === "") {
      throw new DurationError(`time: missing unit in duration ${quote(text)}`);
    }
    const scale = UNITS.get(unit);
    if (scale === undefined) {
      throw new DurationError(
        `time: unknown unit ${quote(unit)} in duration ${quote(text)}`,
      );
    }
    total += BigInt(match[1] ?? "0") * scale +
      fraction(match[2] ?? match[3] ?? "", scale);
    if (total > INT64_MAX) {
      throw new DurationError(`time: invalid duration ${quote(text)}`);
    }
  }
  const milliseconds = Number(total) / 1e6;
  return negative ? -milliseconds : milliseconds;
}

/** Nanoseconds in the digits after the point. */
function fraction(digits: string, scale: bigint): bigint {
  if (digits === "") return 0n;
  const kept = digits.slice(0, 18);
  return BigInt(kept) * scale / 10n ** BigInt(kept.length);
}

/** A duration in milliseconds as Go prints it, such as `2m0s` or `1.5s`. */
export function formatDuration(milliseconds: number): string {
  const nanos = BigInt(Math.round(Math.abs(milliseconds) * 1e6));
  const sign = milliseconds < 0 ? "-" : "";
  if (nanos === 0n) return "0s";
  if (nanos < 1_000n) return `${sign}${nanos}ns`;
  if (nanos < 1_000_000n) return `${sign}${decimal(nanos, 1_000n)}\u00b5s`;
  if (nanos < 1_000_000_000n) return `${sign}${decimal(nanos, 1_000_000n)}ms`;
  const minutes = nanos / 60_000_000_000n;
  const seconds = decimal(nanos % 60_000_000_000n, 1_000_000_000n) + "s";
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `value / unit` without trailing zeros. */
function decimal(value: bigint, unit: bigint): string {
  const width = unit.toString().length - 1;
  const rest = (value % unit).toString().padStart(width, "0").replace(
    /0+$/,
    "",
  );
  return `${value / unit}${rest === "" ? "" : "." + rest}`;
}
